import { rmSync } from 'node:fs';
import * as client from 'openid-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { call, createIntegration, tokenOf } from './client.ts';
import { type DemonstratedOutputs, type Running, start } from './running-deployment.ts';
import { Browser, createApp, goThrough, locationOf, newChecks, redirectUri } from './sign-in.ts';

describe('what a stage has to name', () => {
  let running: Running;
  let outputs: DemonstratedOutputs;
  let admin: string;
  beforeAll(async () => {
    running = await start({
      LATCHKEY_DPOP: 'on',
      LATCHKEY_LEGACY_GRANTS: 'password,implicit',
      LATCHKEY_STORE: 'memory',
    });
    ({ outputs } = running);
    admin = await tokenOf(outputs, outputs.admin);
  });
  afterAll(async () => {
    await running?.stop();
    if (running !== undefined) rmSync(running.directory, { recursive: true, force: true });
  });

  describe('DPoP (RFC 9449)', () => {
    test('openid-client obtains, uses and refreshes tokens that are bound to its key', async () => {
      const { configuration } = await createApp(outputs, admin, ['issues:read'], { dpop_bound_access_tokens: true });
      const DPoP = client.getDPoPHandle(configuration, await client.randomDPoPKeyPair('ES256'));
      const { parameters, checks } = await newChecks();
      const asked = { ...parameters, scope: 'openid offline_access issues:read' };
      const url = await client.buildAuthorizationUrlWithPAR(configuration, asked, { DPoP });
      const answer = locationOf(await goThrough(new Browser(), url, outputs.users.member));
      const tokens = await client.authorizationCodeGrant(configuration, answer, checks, undefined, { DPoP });
      expect(tokens.token_type).toBe('dpop');

      const issues = new URL(`${outputs.api_url}/issues`);
      const read = (token: string, handle = DPoP) =>
        client.fetchProtectedResource(configuration, token, issues, 'GET', undefined, undefined, { DPoP: handle });
      expect((await read(tokens.access_token)).status).toBe(200);
      expect((await call('GET', issues.href, { token: tokens.access_token })).status).toBe(401);
      const other = client.getDPoPHandle(configuration, await client.randomDPoPKeyPair('ES256'));
      await expect(read(tokens.access_token, other)).rejects.toMatchObject({ status: 401 });

      const userinfo = await client.fetchUserInfo(configuration, tokens.access_token, tokens.claims()?.sub ?? '', {
        DPoP,
      });
      expect(userinfo.sub).toMatch(/^usr_/);
      const refreshed = await client.refreshTokenGrant(configuration, tokens.refresh_token ?? '', undefined, { DPoP });
      expect((await read(refreshed.access_token)).status).toBe(200);
    });

    test('a proof that comes twice opens nothing the second time', async () => {
      const { integration, configuration } = await createApp(outputs, admin, ['issues:read'], {
        grant_types: ['client_credentials'],
        redirect_uris: undefined,
        post_logout_redirect_uris: undefined,
        application_type: undefined,
      });
      expect(integration.client_secret).toMatch(/^lks_/);
      const keys = await client.randomDPoPKeyPair('ES256');
      const DPoP = client.getDPoPHandle(configuration, keys);
      const tokens = await client.clientCredentialsGrant(configuration, undefined, { DPoP });
      let sent: Record<string, string> = {};
      configuration[client.customFetch] = (url, options) => {
        sent = Object.fromEntries(new Headers(options.headers as Record<string, string>));
        return fetch(url, options as RequestInit);
      };
      const issues = new URL(`${outputs.api_url}/issues`);
      const first = await client.fetchProtectedResource(
        configuration,
        tokens.access_token,
        issues,
        'GET',
        undefined,
        undefined,
        { DPoP },
      );
      expect(first.status).toBe(200);
      expect(sent.dpop).toBeDefined();
      expect((await call('GET', issues.href, { headers: sent })).status).toBe(401);
    });
  });

  test('implicit: an ID token and an access token in the fragment, with no refresh token and no right to manage', async () => {
    const rights = ['issues:read', 'users:manage'];
    const { configuration } = await createApp(outputs, admin, rights, { grant_types: ['implicit'] });
    const { parameters } = await newChecks();
    const { code_challenge: _, code_challenge_method: __, ...implicit } = parameters;
    const ask = (more: Record<string, string>) =>
      client.buildAuthorizationUrl(configuration, { ...implicit, response_type: 'id_token token', ...more });
    const { administrator } = outputs.users;
    const page = await goThrough(new Browser(), ask({ scope: 'openid issues:read users:manage' }), administrator);
    const answer = new URLSearchParams(locationOf(page).hash.slice(1));
    const refusedOrNarrowed = answer.get('error') ?? answer.get('scope');
    expect(refusedOrNarrowed).not.toContain('users:manage');

    const given = locationOf(await goThrough(new Browser(), ask({ scope: 'openid issues:read' }), administrator));
    const fragment = new URLSearchParams(given.hash.slice(1));
    expect(given.search).toBe('');
    expect(fragment.get('access_token')).toBeTruthy();
    expect(fragment.get('id_token')).toBeTruthy();
    expect(fragment.get('refresh_token')).toBeNull();
    const token = fragment.get('access_token') ?? '';
    expect((await call('GET', `${outputs.api_url}/issues`, { token })).status).toBe(200);

    const inQuery = await new Browser().open(ask({ scope: 'openid issues:read', response_mode: 'query' }).href);
    expect(inQuery.headers.get('location') ?? '').not.toContain('access_token');
    const withoutNonce = ask({ scope: 'openid issues:read' });
    withoutNonce.searchParams.delete('nonce');
    const refused = locationOf(await new Browser().open(withoutNonce.href));
    expect(new URLSearchParams(refused.hash.slice(1)).get('error')).toBe('invalid_request');
    expect(refused.href.startsWith(redirectUri)).toBe(true);
  });

  test('password: what app and user both hold, and invalid_grant for a wrong one', async () => {
    const integration = await createIntegration(outputs, admin, ['issues:read', 'issues:write'], {
      grant_types: ['password'],
    });
    const ask = (password: string) =>
      call('POST', outputs.token_endpoint, {
        headers: {
          authorization: `Basic ${Buffer.from(`${integration.client_id}:${integration.client_secret}`).toString('base64')}`,
        },
        body: new URLSearchParams({ grant_type: 'password', username: outputs.users.member.username, password }),
      });
    const answer = await ask(outputs.users.member.password);
    expect(answer.status, answer.text).toBe(200);
    expect(answer.body.scope).toBe('issues:read');
    const token = answer.body.access_token;
    expect((await call('GET', `${outputs.api_url}/issues`, { token })).status).toBe(200);
    expect(await ask('wrong')).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
  });

  test('the metadata names them', async () => {
    const { body } = await call('GET', `${outputs.issuer}/.well-known/openid-configuration`);
    expect(body.grant_types_supported).toEqual(expect.arrayContaining(['password', 'implicit']));
    expect(body.response_types_supported).toEqual(
      expect.arrayContaining(['code', 'token', 'id_token', 'id_token token']),
    );
    expect(body.dpop_signing_alg_values_supported).toContain('ES256');
  });
});
