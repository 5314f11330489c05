import { decodeJwt } from 'jose';
import { beforeEach, describe, expect, it } from 'vitest';
import { apiUrl, issuer } from '../authorization-server.ts';
import { appOf, type GrantScene, grantScene, publicAppOf, redirectUri } from './scene.ts';

let scene: GrantScene;
beforeEach(async () => {
  scene = await grantScene();
});

describe('a code', () => {
  it('is exchanged for tokens that act for the user, carry what was granted and name their family', async () => {
    const { parameters, code } = await scene.code();
    const answer = await scene.issued(parameters);
    expect(answer).toMatchObject({ token_type: 'Bearer', expires_in: 3600, scope: 'openid issues:write users:read' });
    expect(answer.refresh_token).toMatch(/^lkr_[0-9A-Za-z]{93}$/);
    expect(decodeJwt(answer.access_token)).toMatchObject({
      sub: scene.user.id,
      aud: [apiUrl, issuer],
      client_id: scene.app.integration.clientId,
      fam: code.family.id,
      sid: scene.session.id,
      cred: 'sec_1',
    });
    expect(decodeJwt(answer.id_token ?? '')).toMatchObject({
      iss: issuer,
      sub: scene.user.id,
      aud: scene.app.integration.clientId,
      nonce: 'n-0S6_WzA2Mj',
      sid: scene.session.id,
    });
  });

  it('gives no refresh token where the integration has no such grant, and no ID token without openid', async () => {
    scene = await grantScene(appOf({ grantTypes: ['authorization_code'] }));
    const answer = await scene.begun({ scopes: [] });
    expect(answer).not.toHaveProperty('refresh_token');
    expect(answer).not.toHaveProperty('id_token');
    expect(await scene.familyOf(answer)).toMatchObject({ credential: 'sec_1' });
  });

  it('used a second time is refused, and what it gave is revoked', async () => {
    const { parameters } = await scene.code();
    const answer = await scene.issued(parameters);
    expect(await scene.familyOf(answer)).not.toHaveProperty('revokedAt');
    expect(await scene.errorOf(parameters)).toBe('invalid_grant');
    expect(await scene.familyOf(answer)).toHaveProperty('revokedAt');
    expect(await scene.errorOf(scene.refresh(answer.refresh_token))).toBe('invalid_grant');
  });

  it('used ten times at once is answered once, and what it gave is revoked', async () => {
    const { parameters } = await scene.code();
    const answers = await Promise.all(Array.from({ length: 10 }, () => scene.ask(parameters)));
    const [won, ...others] = answers.filter(({ answer }) => answer !== undefined);
    expect(others).toEqual([]);
    expect(answers.filter(({ error }) => error === 'invalid_grant')).toHaveLength(9);
    if (won?.answer) expect(await scene.familyOf(won.answer)).toHaveProperty('revokedAt');
  });

  it.each<[string, Record<string, string>]>([
    ['another redirect URI', { redirect_uri: `${redirectUri}/` }],
    ['no redirect URI', { redirect_uri: '' }],
    ['another verifier', { code_verifier: 'a'.repeat(43) }],
    ['no verifier', { code_verifier: '' }],
    ['a verifier too short to be one', { code_verifier: 'a' }],
    ['another code', { code: 'a'.repeat(43) }],
  ])('with %s is refused and not spent', async (_, changes) => {
    const { parameters } = await scene.code();
    expect(await scene.errorOf({ ...parameters, ...changes })).toBe('invalid_grant');
    expect(await scene.errorOf(parameters)).toBe('issued');
  });

  it('is of its client alone, whose attempt another client cannot spoil', async () => {
    const other = appOf();
    const elsewhere = appOf({ tenant: 'ten_0123456789abcdef' });
    for (const { integration } of [other, elsewhere]) scene.integrations.set(integration.clientId, integration);
    const { parameters } = await scene.code();
    expect(await scene.errorOf(parameters, other)).toBe('invalid_grant');
    expect(await scene.errorOf(parameters, elsewhere)).toBe('invalid_grant');
    expect(await scene.errorOf(parameters)).toBe('issued');
  });

  it('is missing: invalid_request', async () => {
    expect(await scene.errorOf({ grant_type: 'authorization_code' })).toBe('invalid_request');
  });

  it('made without a challenge is refused with a verifier (RFC 9700 §4.8.2)', async () => {
    const { parameters } = await scene.code({}, { codeChallenge: undefined });
    expect(await scene.errorOf(parameters)).toBe('invalid_grant');
    expect(await scene.errorOf({ ...parameters, code_verifier: '' })).toBe('issued');
  });

  it('lasts for 60 seconds', async () => {
    const late = await scene.code();
    scene.time.now += 60_000;
    expect(await scene.errorOf(late.parameters)).toBe('invalid_grant');
    scene.time.now -= 1;
    expect(await scene.errorOf(late.parameters)).toBe('issued');
  });

  it('is not spent where nothing can be signed, or no secret be kept', async () => {
    const { parameters } = await scene.code();
    for (const port of ['signer', 'idTokenSigner', 'protector'] as const) {
      const { [port]: working } = scene.ports;
      const fails = async () => Promise.reject(new Error('KMS'));
      Object.assign(scene.ports, { [port]: { sign: fails, encrypt: fails } });
      expect(await scene.errorOf(parameters)).toBe('Error: KMS');
      Object.assign(scene.ports, { [port]: working });
    }
    expect(await scene.errorOf(parameters)).toBe('issued');
  });

  it('of a public client is exchanged for its client id alone, and for nobody else', async () => {
    const secretive = scene.app;
    expect(await scene.errorOf({ ...(await scene.code()).parameters, client_secret: '' })).toBe('invalid_client');
    scene = await grantScene(publicAppOf());
    const { parameters } = await scene.code();
    scene.integrations.set(secretive.integration.clientId, secretive.integration);
    expect(await scene.errorOf(parameters, secretive)).toBe('invalid_grant');
    expect(decodeJwt((await scene.issued(parameters)).access_token)).toMatchObject({ cred: 'none' });
  });
});

describe('what a code stands for is decided on again', () => {
  it.each<[string, (scene: GrantScene) => void]>([
    ['the user is disabled', ({ users, user }) => users.set(user.id, { ...user, status: 'disabled' })],
    ['the user is deleted', ({ users }) => users.clear()],
    ['the password was changed', ({ users, user }) => users.set(user.id, { ...user, tokenGeneration: 3 })],
    ['the session has ended', ({ sessions }) => sessions.clear()],
    ['the consent was withdrawn', ({ consents }) => consents.clear()],
    [
      'the consent is another one by now',
      ({ consents, consent, user, app }) =>
        consents.set(`${user.id} ${app.integration.clientId}`, { ...consent, id: 'cns_2' }),
    ],
  ])('%s: invalid_grant', async (_, change) => {
    const { parameters } = await scene.code();
    change(scene);
    expect(await scene.errorOf(parameters)).toBe('invalid_grant');
  });

  it('narrowed to what integration and user hold by now', async () => {
    scene.users.set(scene.user.id, { ...scene.user, roles: ['member'] });
    expect((await scene.begun()).scope).toBe('openid issues:read users:read');
    const { integration } = scene.app;
    const { 'users:read': _, ...left } = integration.rights;
    scene.integrations.set(integration.clientId, { ...integration, rights: left });
    expect((await scene.begun()).scope).toBe('openid issues:read');
  });

  it('narrowed to one of the APIs that were granted, by resource', async () => {
    const { parameters } = await scene.code({ resources: [apiUrl] });
    expect(await scene.errorOf({ ...parameters, resource: 'https://elsewhere.example' })).toBe('invalid_target');
    const { access_token } = await scene.issued({ ...parameters, resource: apiUrl });
    expect(decodeJwt(access_token).aud).toEqual([apiUrl, issuer]);
  });

  it('narrowed to projects, by authorization_details (RFC 9396 §6)', async () => {
    const { parameters } = await scene.code();
    const details = (action: string) => JSON.stringify([{ type: 'project', identifier: 'PRJ', actions: [action] }]);
    const wider = { ...parameters, authorization_details: details('boards:write') };
    expect(await scene.errorOf(wider)).toBe('invalid_authorization_details');
    const answer = await scene.issued({ ...parameters, authorization_details: details('issues:read') });
    expect(answer).toMatchObject({ scope: 'openid', authorization_details: JSON.parse(details('issues:read')) });
  });
});
