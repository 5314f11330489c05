import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { faultOfTarget } from '../../../src/adapters/http/fetch-target.ts';
import { guardedFetch } from '../../../src/adapters/http/guarded-fetch.ts';
import { arrival } from '../../../src/federation/arrival.ts';
import { providerMetadata } from '../../../src/federation/metadata.ts';
import { isRefused } from '../../../src/federation/refusal.ts';

/** A provider that answers whatever a test says: what no honest one does. */
const own = await generateKeyPair('RS256', { extractable: true });
const other = await generateKeyPair('RS256', { extractable: true });
const rules = { loopback: true };
const outside = {
  fetch: guardedFetch({ ...rules, timeoutMilliseconds: 500 }),
  faultOfTarget: (url: string) => faultOfTarget(url, rules),
};

let server: Server;
let issuer: string;
let idToken: () => string | Promise<string>;
let tokens: (idToken: string) => object;
let userinfo: () => object;
let tokenRequests: { readonly authorization: string | undefined; readonly form: URLSearchParams }[];

const json = async (path: string): Promise<unknown> => {
  if (path === '/.well-known/openid-configuration')
    return {
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      userinfo_endpoint: `${issuer}/userinfo`,
      jwks_uri: `${issuer}/jwks`,
      response_types_supported: ['code'],
      id_token_signing_alg_values_supported: ['RS256'],
      authorization_response_iss_parameter_supported: true,
    };
  if (path === '/jwks')
    return { keys: [{ ...(await exportJWK(own.publicKey)), kid: 'key', alg: 'RS256', use: 'sig' }] };
  if (path === '/userinfo') return userinfo();
  return tokens(await idToken());
};

beforeAll(async () => {
  server = createServer(async (request, response) => {
    let body = '';
    for await (const part of request) body += part;
    if (request.url === '/token')
      tokenRequests.push({ authorization: request.headers.authorization, form: new URLSearchParams(body) });
    response.setHeader('Content-Type', 'application/json').end(JSON.stringify(await json(request.url ?? '')));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());

const binding = {
  state: randomBytes(32).toString('base64url'),
  nonce: randomBytes(32).toString('base64url'),
  codeVerifier: randomBytes(32).toString('base64url'),
};
const now = () => Math.floor(Date.now() / 1000);
const claims = (more: JWTPayload = {}): JWTPayload => ({
  iss: issuer,
  sub: 'ada',
  aud: 'latchkey',
  nonce: binding.nonce,
  iat: now(),
  exp: now() + 300,
  ...more,
});
const signed = (payload: JWTPayload, key: Parameters<SignJWT['sign']>[0] = own.privateKey, alg = 'RS256') =>
  new SignJWT(payload).setProtectedHeader({ alg, kid: 'key' }).sign(key);

beforeEach(() => {
  idToken = () => signed(claims());
  tokens = (id_token) => ({ access_token: 'at', token_type: 'Bearer', expires_in: 60, id_token });
  userinfo = () => ({ sub: 'ada', email: 'ada@example.com' });
  tokenRequests = [];
});

const exchange = async (more: Record<string, string> = {}, maxAgeSeconds?: number) =>
  arrival(
    await providerMetadata(issuer, outside),
    {
      provider: { clientId: 'latchkey' },
      clientSecret: 'se:cret',
      redirectUri: 'https://one.example/callback',
      maxAgeSeconds,
      parameters: new URLSearchParams({ code: 'c', state: binding.state, iss: issuer, ...more }),
      ...binding,
    },
    outside,
  );
const refusalOf = async (more?: Record<string, string>, maxAgeSeconds?: number) => {
  const found = await exchange(more, maxAgeSeconds);
  return isRefused(found) ? found.refused : 'arrived';
};

describe('a code is exchanged', () => {
  it('with our secret, the redirect URI and the verifier, for somebody', async () => {
    const found = await exchange();
    expect(found).toMatchObject({ subject: 'ada' });
    const [request] = tokenRequests;
    expect(request?.authorization).toBe(`Basic ${Buffer.from('latchkey:se%3Acret').toString('base64')}`);
    expect(Object.fromEntries(request?.form ?? [])).toEqual({
      grant_type: 'authorization_code',
      code: 'c',
      redirect_uri: 'https://one.example/callback',
      code_verifier: binding.codeVerifier,
    });
  });

  it('and what the provider says of them is read where somebody asks', async () => {
    const found = await exchange();
    if (isRefused(found)) throw new Error('refused');
    expect(await found.claims()).toMatchObject([{ sub: 'ada' }, { email: 'ada@example.com' }]);
  });

  it('and of another subject nothing is taken (token substitution)', async () => {
    userinfo = () => ({ sub: 'eve', email: 'eve@example.com' });
    const found = await exchange();
    if (isRefused(found)) throw new Error('refused');
    expect(await found.claims()).toMatchObject({ refused: 'not valid' });
  });
});

describe('nobody arrives', () => {
  it.each<[string, JWTPayload]>([
    ['another issuer', { iss: 'https://other.example' }],
    ['another client (token substitution)', { aud: 'someone-else' }],
    ['several, given to another', { aud: ['latchkey', 'someone-else'], azp: 'someone-else' }],
    ['several, given to nobody', { aud: ['latchkey', 'someone-else'] }],
    ['another question', { nonce: 'another' }],
    ['no question', { nonce: undefined }],
    ['a time that is over', { exp: 1 }],
    ['a time to come', { nbf: now() + 3600 }],
    ['nobody', { sub: '' }],
    ['nobody at all', { sub: undefined }],
    ['too long a subject', { sub: 'x'.repeat(256) }],
  ])('with an ID token of %s', async (_, more) => {
    idToken = () => signed(claims(more));
    expect(await refusalOf()).toBe('not valid');
    idToken = () => signed(claims());
    expect(await refusalOf()).toBe('arrived');
  });

  it.each<[string, () => string | Promise<string>]>([
    ['by another key', () => signed(claims(), other.privateKey)],
    ['by nobody', () => new UnsecuredJWT(claims()).encode()],
    ['with our own secret', () => signed(claims(), Buffer.from('se:cret'.padEnd(32)), 'HS256')],
    ['and then changed', async () => (await signed(claims())).replace(/\.[^.]+\./, `.${btoa('{"sub":"eve"}')}.`)],
    ['by no JWT', () => 'x.y.z'],
  ])('with an ID token signed %s', async (_, forged) => {
    idToken = forged;
    expect(await refusalOf()).toBe('not valid');
  });

  it.each<[string, object]>([
    ['no ID token', { access_token: 'at', token_type: 'Bearer' }],
    ['an error', { error: 'invalid_grant' }],
    ['nothing', {}],
  ])('where the token endpoint answers %s', async (_, answer) => {
    tokens = () => answer;
    expect(await refusalOf()).toBe('not valid');
  });

  it.each<[string, Record<string, string>]>([
    ['another issuer (mix-up)', { iss: 'https://other.example' }],
    ['another state', { state: 'another' }],
  ])('with an answer of %s, and no code is given away', async (_, more) => {
    expect(await refusalOf(more)).toBe('not valid');
    expect(tokenRequests).toEqual([]);
  });

  it('with an answer that says no', async () => {
    expect(await refusalOf({ error: 'access_denied' })).toBe('declined');
    expect(tokenRequests).toEqual([]);
  });

  it('who should have signed in anew and did not, or of whom the provider does not say when', async () => {
    for (const [auth_time, expected] of [
      [now() - 5, 'arrived'],
      [now() - 600, 'not valid'],
      [undefined, 'not valid'],
    ] as const) {
      idToken = () => signed(claims({ auth_time }));
      expect(await refusalOf({}, 60)).toBe(expected);
      expect(await refusalOf()).toBe('arrived');
    }
  });

  it('where the provider answers too late', async () => {
    idToken = () => new Promise((resolve) => setTimeout(() => resolve(''), 700));
    expect(await refusalOf()).toBe('unavailable');
  });
});
