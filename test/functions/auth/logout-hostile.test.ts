import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { integrationItem } from '../../../src/adapters/dynamodb/integration.ts';
import { newClientId } from '../../../src/entities/identifiers.ts';
import { accessTokenType } from '../../../src/oauth/access-token/claims.ts';
import { logoutTokenType } from '../../../src/oauth/logout-token.ts';
import { issuer } from '../../src/oauth/authorization-server.ts';
import {
  client,
  clientId,
  cookieOf,
  idToken,
  isThere,
  logout,
  newScene,
  registeredUri,
  scene,
  server,
  session,
  signer,
  withSession,
} from './logout-scene.ts';

withSession();

describe('a hostile request sends the browser nowhere, and ends nothing', () => {
  const own = () => idToken(session(), clientId());
  const forged = (header: object, claims: object, secret?: Parameters<typeof sign>[2]) => {
    const input = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
    const signature = secret === undefined ? '' : sign('sha256', Buffer.from(input), secret).toString('base64url');
    return `${input}.${signature}`;
  };
  const claims = () => ({ iss: issuer, sub: session().userId, aud: clientId(), sid: session().id });
  const strangersKey = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;

  const requests: [string, () => Promise<Record<string, string>>][] = [
    ...[
      'https://evil.example/',
      'https://app.example/signed-out/',
      'https://app.example/signed-out#x',
      'https://app.example/signed-out?x=y',
      'https://app.example/signed-out/../elsewhere',
      'https://APP.example/signed-out',
      'https://app.example./signed-out',
      'https://app.example:444/signed-out',
      'https://user@app.example/signed-out',
      'https://app.example%2f@evil.example/signed-out',
      'http://app.example/signed-out',
      'javascript:alert(1)',
      '//evil.example',
    ].map((uri): [string, () => Promise<Record<string, string>>] => [
      `to ${uri}`,
      async () => ({ id_token_hint: await own(), post_logout_redirect_uri: uri }),
    ]),
    ['to a URI without a client', async () => ({ post_logout_redirect_uri: registeredUri })],
    ['of an unknown client', async () => ({ client_id: newClientId(scene().tenant, randomBytes) })],
    ['of what is no client', async () => ({ client_id: 'int_#' })],
    [
      "with another client's hint",
      async () => {
        const other = await newScene();
        return { id_token_hint: await own(), client_id: other.app.integration.clientId };
      },
    ],
    [
      'to the URI of another tenant’s client',
      async () => {
        const other = await newScene({ postLogoutRedirectUris: ['https://other.example/'] });
        return { client_id: other.app.integration.clientId, post_logout_redirect_uri: registeredUri };
      },
    ],
    ['with no token for a hint', async () => ({ id_token_hint: 'x' })],
    ['with an unsigned hint', async () => ({ id_token_hint: forged({ alg: 'none', typ: 'JWT' }, claims()) })],
    [
      'with a hint of an unknown key',
      async () => ({ id_token_hint: forged({ alg: 'RS256', typ: 'JWT', kid: 'x' }, claims(), strangersKey) }),
    ],
    [
      'with a hint of a stranger’s key under our name',
      async () => ({
        id_token_hint: forged({ alg: 'RS256', typ: 'JWT', kid: server().signingKey.kid }, claims(), strangersKey),
      }),
    ],
    [
      'with a hint of another issuer',
      async () => ({ id_token_hint: await idToken(session(), clientId(), { from: 'https://evil.example' }) }),
    ],
    [
      'with an access token for a hint',
      async () => ({ id_token_hint: await signer().sign({ typ: accessTokenType }, claims()) }),
    ],
    [
      'with a logout token for a hint',
      async () => ({ id_token_hint: await signer().sign({ typ: logoutTokenType }, claims()) }),
    ],
    [
      'with an endless state',
      async () => ({ id_token_hint: await own(), post_logout_redirect_uri: registeredUri, state: 'x'.repeat(3000) }),
    ],
  ];
  it.each(requests)('%s', async (_, request) => {
    const query = await request();
    for (const answer of [await logout(query), await client().post('POST /oauth2/logout', {}, query)]) {
      expect(answer.status).toBe(400);
      expect(answer.location).toBeUndefined();
      expect(answer.html).not.toContain('evil.example');
    }
    expect(await isThere(session())).toBe(true);
    expect(cookieOf(scene())).toBeDefined();
  });

  it('of a disabled client', async () => {
    await server().table.put(integrationItem({ ...scene().app.integration, status: 'disabled' }));
    const query = { id_token_hint: await own(), post_logout_redirect_uri: registeredUri };
    expect((await logout(query)).status).toBe(400);
    expect(await isThere(session())).toBe(true);
    expect(await logout({ id_token_hint: await own() })).toMatchObject({ heading: 'You are signed out' });
  });

  it('is no page in a frame, of no other site, and kept by nobody', async () => {
    const { headers } = await logout({ client_id: clientId() });
    expect(headers).toMatchObject({ 'Cache-Control': 'no-store', 'X-Frame-Options': 'DENY' });
    expect(headers['Content-Security-Policy']).toContain("frame-ancestors 'none'");
    expect(headers).not.toHaveProperty('Access-Control-Allow-Origin');
  });
});
