import { describe, expect, it } from 'vitest';
import { type Circumstances, detailsOf, implicit, type Parameters, refusalOf, validated, webApp } from './scene.ts';

const web = webApp().integration;
const withImplicit: Circumstances = { settings: { legacyGrants: ['implicit'] } };
const implicitApp = webApp(['issues:read', 'users:manage', 'authorizations:decide', 'personal-access-tokens:manage'], {
  grantTypes: ['implicit', 'authorization_code', 'refresh_token'],
}).integration;

describe('the legacy flow', () => {
  it('is off until the stage names it, though the integration lists it', async () => {
    expect((await refusalOf(validated(implicitApp, implicit))).code).toBe('unsupported_response_type');
    await expect(validated(implicitApp, implicit, withImplicit)).resolves.toMatchObject({ responseType: 'token' });
  });

  it("is not the integration's that does not list it", async () => {
    expect((await refusalOf(validated(web, implicit, withImplicit))).code).toBe('unauthorized_client');
  });

  it.each(['token', 'id_token', 'id_token token', 'token id_token'])('answers %s in the fragment', async (type) => {
    const request = await validated(implicitApp, { ...implicit, response_type: type, nonce: 'n' }, withImplicit);
    expect(request.recipient.responseMode).toBe('fragment');
    expect(request.codeChallenge).toBeUndefined();
  });

  it('never answers in a query', async () => {
    const refused = await refusalOf(validated(implicitApp, { ...implicit, response_mode: 'query' }, withImplicit));
    expect(refused).toMatchObject({ code: 'invalid_request', told: { responseMode: 'fragment' } });
    await expect(
      validated(implicitApp, { ...implicit, response_mode: 'form_post' }, withImplicit),
    ).resolves.toBeDefined();
  });

  it.each(['id_token', 'id_token token'])('needs nonce and openid with %s', async (response_type) => {
    const asks = (changes: Parameters) =>
      validated(implicitApp, { ...implicit, response_type, ...changes }, withImplicit);
    expect((await refusalOf(asks({}))).code).toBe('invalid_request');
    expect((await refusalOf(asks({ nonce: 'n', scope: 'issues:read' }))).code).toBe('invalid_request');
    await expect(asks({ nonce: 'n' })).resolves.toMatchObject({ nonce: 'n' });
  });

  it.each(['users:manage', 'authorizations:decide', 'personal-access-tokens:manage'])(
    'never carries %s, which a code may',
    async (scope) => {
      expect((await refusalOf(validated(implicitApp, { ...implicit, scope }, withImplicit))).code).toBe(
        'invalid_scope',
      );
      await expect(validated(implicitApp, { scope }, withImplicit)).resolves.toBeDefined();
    },
  );

  it('never carries them in a project either', async () => {
    const details = { scope: undefined, authorization_details: detailsOf('authorizations:decide') };
    const refused = await refusalOf(validated(implicitApp, { ...implicit, ...details }, withImplicit));
    expect(refused.code).toBe('invalid_scope');
  });

  it('knows no offline_access', async () => {
    const request = await validated(implicitApp, { ...implicit, scope: 'openid offline_access' }, withImplicit);
    expect(request.asked.scopes).toEqual(['openid']);
  });

  it('is not for who wants every token bound to a key', async () => {
    const bound = { ...implicitApp, dpopBoundAccessTokens: true };
    expect((await refusalOf(validated(bound, implicit, withImplicit))).code).toBe('unauthorized_client');
  });
});
