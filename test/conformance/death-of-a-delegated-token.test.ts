import { setTimeout as sleep } from 'node:timers/promises';
import { decodeJwt } from 'jose';
import * as client from 'openid-client';
import { beforeAll, describe, inject, test } from 'vitest';
import { call, tokenOf } from './client.ts';
import { authorize, createApp, newUser, setPassword } from './sign-in.ts';

/** The revocation bound, and a moment for the clock. */
const bound = 5_200;

const outputs = inject('separateOrigins');
const rights = ['issues:read', 'issues:write', 'users:read'];

let admin: string;
beforeAll(async () => {
  admin = await tokenOf(outputs, outputs.admin);
});

const manage = (method: string, path: string, body?: unknown) =>
  call(method, `${outputs.admin_url}${path}`, { token: admin, ...(body !== undefined && { body }) });

/** A user of an app of their own, and the tokens that it was given for them. */
async function delegated(scope = `openid ${rights.join(' ')}`) {
  const { integration, configuration } = await createApp(outputs, admin, rights);
  const user = await newUser(outputs, admin, ['administrator']);
  const tokens = await authorize(configuration, user, scope);
  return {
    clientId: integration.client_id as string,
    user,
    tokens,
    configuration,
    session: String(decodeJwt(tokens.access_token).sid),
    refresh: (parameters: Record<string, string> = {}) =>
      client.refreshTokenGrant(configuration, tokens.refresh_token ?? '', parameters).then(
        ({ scope }) => scope,
        (error: { readonly error?: string }) => error.error ?? String(error),
      ),
    /** What the API, userinfo and introspection say of the access token. */
    async life() {
      const { access_token: token } = tokens;
      const [issues, userinfo, introspected] = await Promise.all([
        call('GET', `${outputs.api_url}/issues`, { token }),
        call('GET', `${outputs.issuer}/oauth2/userinfo`, { token }),
        call('POST', `${outputs.issuer}/oauth2/introspect`, {
          headers: {
            authorization: `Basic ${Buffer.from(`${outputs.admin.client_id}:${outputs.admin.client_secret}`).toString('base64')}`,
          },
          body: new URLSearchParams({ token }),
        }),
      ]);
      return [issues.status, userinfo.status, introspected.body];
    },
  };
}

type Delegated = Awaited<ReturnType<typeof delegated>>;

/** What kills, and what a refresh is answered with afterwards. */
const kills: Readonly<Record<string, readonly [kill: (of: Delegated) => Promise<unknown>, refreshed: string]>> = {
  'the user being disabled': [
    ({ user }) => manage('PATCH', `/users/${user.id}`, { status: 'disabled' }),
    'invalid_grant',
  ],
  'the user being deleted': [({ user }) => manage('DELETE', `/users/${user.id}`), 'invalid_grant'],
  'the password being reset': [
    async ({ user }) => {
      const { body } = await manage('POST', `/users/${user.id}/password-link`);
      return setPassword(body.password_link, 'another password of theirs');
    },
    'invalid_grant',
  ],
  'the consent being withdrawn': [
    ({ user, clientId }) => manage('DELETE', `/users/${user.id}/consents/${clientId}`),
    'invalid_grant',
  ],
  'the consent being withdrawn and given again': [
    async ({ user, clientId, configuration }) => {
      await manage('DELETE', `/users/${user.id}/consents/${clientId}`);
      return authorize(configuration, user, 'openid issues:read issues:write users:read');
    },
    'invalid_grant',
  ],
  'the session being ended': [
    ({ user, session }) => manage('DELETE', `/users/${user.id}/sessions/${session}`),
    'invalid_grant',
  ],
  'the refresh token being revoked': [
    ({ configuration, tokens }) => client.tokenRevocation(configuration, tokens.refresh_token ?? ''),
    'invalid_grant',
  ],
  'the access token being revoked, which leaves the others': [
    ({ configuration, tokens }) => client.tokenRevocation(configuration, tokens.access_token),
    'openid issues:read issues:write users:read',
  ],
  'the grant type being removed': [
    ({ clientId }) =>
      manage('PATCH', `/integrations/${clientId}`, {
        grant_types: ['client_credentials', 'refresh_token'],
        redirect_uris: [],
        post_logout_redirect_uris: [],
      }),
    'invalid_grant',
  ],
  'revoke-tokens': [({ clientId }) => manage('POST', `/integrations/${clientId}/revoke-tokens`), 'invalid_grant'],
  'the integration being disabled': [
    ({ clientId }) => manage('POST', `/integrations/${clientId}/disable`),
    'invalid_client',
  ],
  'the integration being deleted': [({ clientId }) => manage('DELETE', `/integrations/${clientId}`), 'invalid_client'],
};

describe.concurrent('a token that acts for a user', () => {
  for (const [reason, [kill, refreshed]] of Object.entries(kills)) {
    test(`dies within the bound of ${reason}`, async ({ expect }) => {
      const token = await delegated();
      expect(await token.life()).toMatchObject([200, 200, { active: true, sub: token.user.id }]);
      const done = (await kill(token)) as { status?: number; text?: string } | undefined;
      expect(done?.status ?? 200, done?.text).toBeLessThan(300);
      await sleep(bound);
      expect(await token.life()).toEqual([401, 401, { active: false }]);
      expect((await token.refresh())?.split(' ').sort()).toEqual(refreshed.split(' ').sort());
    });
  }

  test('loses what a role gave within the bound of its loss, and keeps the rest', async ({ expect }) => {
    const token = await delegated();
    const write = () =>
      call('POST', `${outputs.api_url}/projects/${outputs.project}/issues`, {
        token: token.tokens.access_token,
        body: { title: 'By an app', body: '' },
      });
    expect((await write()).status).toBe(201);
    expect((await manage('PATCH', `/users/${token.user.id}`, { roles: ['member'] })).status).toBe(200);
    await sleep(bound);
    expect((await write()).status).toBe(403);
    const [issues, userinfo, introspected] = await token.life();
    expect([issues, userinfo]).toEqual([200, 200]);
    expect(introspected.scope.split(' ').sort()).toEqual(['issues:read', 'openid', 'users:read']);
    expect(await token.refresh({ scope: 'openid issues:write' })).toContain('openid');
    expect(await token.refresh({ scope: 'openid boards:read' })).toBe('invalid_scope');
  });

  test('of which less was asked at a refresh is as wide as before at the next', async ({ expect }) => {
    const { configuration, tokens } = await delegated(`openid offline_access ${rights.join(' ')}`);
    const narrow = await client.refreshTokenGrant(configuration, tokens.refresh_token ?? '', { scope: 'users:read' });
    expect(narrow.scope).toBe('users:read');
    expect(narrow.id_token).toBeUndefined();
    const wide = await client.refreshTokenGrant(configuration, narrow.refresh_token ?? '');
    expect(wide.scope?.split(' ').sort()).toEqual(['offline_access', 'openid', ...rights].sort());
    expect(decodeJwt(wide.id_token ?? '').nonce).toBeUndefined();
    expect(wide.claims()?.auth_time).toBe(tokens.claims()?.auth_time);
  });
});
