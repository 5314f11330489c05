import { decodeJwt, decodeProtectedHeader } from 'jose';
import { describe, expect, it } from 'vitest';
import { DependencyUnavailable } from '../../../src/entities/errors.ts';
import { generationOf } from '../../../src/oauth/access-token/claims.ts';
import type { OAuthError } from '../../../src/oauth/errors.ts';
import { exchangeToken, type TokenEndpointPorts } from '../../../src/oauth/token-endpoint.ts';
import {
  adminUrl,
  apiUrl,
  authorizationServer,
  basicOf,
  credentialsOf,
  formRequest,
  issuer,
  registered,
  settings,
} from './authorization-server.ts';

const client = registered(['issues:write', 'audit:read'], { tokenGeneration: 37 });
const { clientId, tenant } = client.integration;
const authorization = basicOf(clientId, client.secret);
const server = await authorizationServer(client);

function ask(
  parameters: Readonly<Record<string, string>>,
  ports: TokenEndpointPorts = server.ports,
  who = { authorization },
) {
  return exchangeToken(formRequest({ grant_type: 'client_credentials', ...parameters }, who), settings, ports);
}

const codeOf = (answer: Promise<unknown>) =>
  answer.then(
    () => 'issued',
    (error: OAuthError) => error.code ?? error,
  );

describe('200', () => {
  it('answers a token of RFC 9068 for all that the client holds', async () => {
    const answer = await ask({});
    expect(answer).toEqual({
      access_token: expect.any(String),
      token_type: 'Bearer',
      expires_in: 3600,
      scope: 'issues:write audit:read',
    });
    expect(decodeProtectedHeader(answer.access_token)).toEqual({
      alg: 'ES256',
      kid: server.signingKey.kid,
      typ: 'at+jwt',
    });
    const now = server.time.now / 1000;
    expect(decodeJwt(answer.access_token)).toEqual({
      iss: issuer,
      sub: clientId,
      aud: [adminUrl, apiUrl],
      client_id: clientId,
      iat: now,
      exp: now + 3600,
      jti: expect.stringMatching(/^tok_[0-9a-f]{32}_11$/),
      scope: 'issues:write audit:read',
      tenant,
      cred: 'sec_1',
    });
  });

  it('names one audience as a text', async () => {
    const { access_token } = await ask({ scope: 'issues:read' });
    expect(decodeJwt(access_token)).toMatchObject({ aud: apiUrl, scope: 'issues:read' });
  });

  it('carries authorization_details in the token and in the answer, and no scope beside them', async () => {
    const details = [{ type: 'project', identifier: 'PRJ', actions: ['issues:read'] }];
    const answer = await ask({ authorization_details: JSON.stringify(details) });
    const claims = decodeJwt(answer.access_token);
    expect([answer.authorization_details, claims.authorization_details]).toEqual([details, details]);
    expect(['scope' in answer, 'scope' in claims]).toEqual([false, false]);
  });

  it('never gives two tokens one id, and tells in it which revocation it outlived', async () => {
    const tokens = await Promise.all(Array.from({ length: 50 }, () => ask({})));
    const ids = tokens.map(({ access_token }) => String(decodeJwt(access_token).jti));
    expect(new Set(ids).size).toBe(50);
    expect(new Set(ids.map(generationOf))).toEqual(new Set([37]));
  });

  it('ignores parameters that it does not know', async () => {
    expect(await codeOf(ask({ colour: 'red', username: 'x' }))).toBe('issued');
  });

  it('costs one read of the client', async () => {
    server.reads.length = 0;
    await ask({});
    expect(server.reads).toEqual([clientId]);
  });
});

it('notes the use of the credential that authenticated, whatever the grant answers, and of no other', async () => {
  server.uses.length = 0;
  await ask({});
  await codeOf(ask({ scope: 'users:manage' }));
  await codeOf(ask({}, server.ports, { authorization: basicOf(clientId, 'lks_wrong') }));
  expect(server.uses).toEqual(Array(2).fill({ clientId, credential: 'sec_1' }));
});

describe('400', () => {
  it.each<[string, Record<string, string>, string]>([
    ['no grant type', { grant_type: '' }, 'invalid_request'],
    ['a grant type that does not exist', { grant_type: 'magic' }, 'unsupported_grant_type'],
    [
      'a grant type of the standards that is not offered',
      { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer' },
      'unsupported_grant_type',
    ],
    ['a right that is not held', { scope: 'users:manage' }, 'invalid_scope'],
    ['an unknown resource', { resource: 'https://elsewhere.example' }, 'invalid_target'],
    ['details that are none', { authorization_details: '{' }, 'invalid_authorization_details'],
  ])('%s', async (_, parameters, code) => {
    expect(await codeOf(ask(parameters))).toBe(code);
  });

  it("a grant type that exists but is not the client's", async () => {
    const other = registered(['issues:read'], { grantTypes: ['authorization_code'] });
    const { ports } = await authorizationServer(other);
    const who = { authorization: basicOf(other.integration.clientId, other.secret) };
    expect(await codeOf(ask({}, ports, who))).toBe('unauthorized_client');
  });

  it('nothing granted: pending, declined and revoked rights are not held', async () => {
    const states = ['pending', 'declined', 'revoked'] as const;
    const rights = ['issues:read', 'users:read', 'audit:read'].map(
      (right, at) => [right, { state: states[at] ?? 'pending', requestedBy: 'usr_1' }] as const,
    );
    const other = registered([], { rights: Object.fromEntries(rights) });
    const { ports } = await authorizationServer(other);
    const who = { authorization: basicOf(other.integration.clientId, other.secret) };
    expect(await codeOf(ask({}, ports, who))).toBe('invalid_scope');
    for (const [scope] of rights) expect(await codeOf(ask({ scope }, ports, who))).toBe('invalid_scope');
  });
});

describe('401', () => {
  it('whoever is not authenticated learns nothing of grants and rights', async () => {
    const who = { authorization: basicOf(clientId, 'wrong') };
    const requests: Record<string, string>[] = [{}, { scope: 'users:manage' }, { resource: 'x' }];
    for (const parameters of requests) expect(await codeOf(ask(parameters, server.ports, who))).toBe('invalid_client');
  });
});

describe('503', () => {
  const unavailable = () => Promise.reject(new DependencyUnavailable('down'));

  it.each<[string, Partial<TokenEndpointPorts>]>([
    ['the table', { integrations: { get: unavailable } }],
    ['the rows of the deployment', { deployment: { current: unavailable } }],
    ['the signing key', { signer: { sign: unavailable } }],
  ])('where %s does not answer', async (_, port) => {
    await expect(ask({}, { ...server.ports, ...port })).rejects.toThrow(DependencyUnavailable);
  });
});

it('credentials in the body do as those in the header', async () => {
  const http = formRequest({ grant_type: 'client_credentials', ...credentialsOf(client) });
  await expect(exchangeToken(http, settings, server.ports)).resolves.toMatchObject({ token_type: 'Bearer' });
});
