import { generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto';
import { type JWTPayload, SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import type { PublicJwk } from '../../../../src/entities/integration.ts';
import { authenticateClient } from '../../../../src/oauth/client-authentication/authenticate.ts';
import { InvalidClient, InvalidRequest } from '../../../../src/oauth/errors.ts';
import { parseForm } from '../../../../src/oauth/form.ts';
import { authorizationServer, formRequest, issuer, registered } from '../authorization-server.ts';

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const ed25519 = generateKeyPairSync('ed25519');
const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const jwk = (key: KeyObject, kid: string) => ({ ...key.export({ format: 'jwk' }), kid }) as PublicJwk;

const client = registered(['issues:read'], {
  tokenEndpointAuthMethod: 'private_key_jwt',
  secrets: [],
  jwks: [jwk(rsa.publicKey, 'rsa'), jwk(p256.publicKey, 'p256'), jwk(ed25519.publicKey, 'ed25519')],
});
const bySecret = registered([], { jwks: client.integration.jwks });
const { jwks, tokenEndpointAuthMethod } = client.integration;
const disabled = registered([], { jwks, tokenEndpointAuthMethod, status: 'disabled' });
const { clientId } = client.integration;
const server = await authorizationServer(client, bySecret, disabled);
const now = Math.floor(server.time.now / 1000);
const endpoint = { issuer, url: `${issuer}/oauth2/token` };
const type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

const claims = (changes: JWTPayload = {}): JWTPayload => ({
  iss: clientId,
  sub: clientId,
  aud: issuer,
  iat: now,
  exp: now + 60,
  jti: randomUUID(),
  ...changes,
});
const signed = (payload: JWTPayload, header: { alg: string; kid?: string } = { alg: 'ES256' }, key = p256.privateKey) =>
  new SignJWT(payload).setProtectedHeader(header).sign(key);

function authenticate(assertion: string, parameters: Record<string, string> = {}, at = endpoint) {
  const http = formRequest({ client_assertion_type: type, client_assertion: assertion, ...parameters });
  return authenticateClient({ http, form: parseForm(http), endpoint: at }, server.ports);
}

describe('an assertion is accepted', () => {
  it.each<[string, string, KeyObject]>([
    ['RS256', 'rsa', rsa.privateKey],
    ['PS256', 'rsa', rsa.privateKey],
    ['ES256', 'p256', p256.privateKey],
    ['EdDSA', 'ed25519', ed25519.privateKey],
    ['Ed25519', 'ed25519', ed25519.privateKey],
  ])('signed with %s, its key named or the only one that fits', async (alg, kid, key) => {
    for (const header of [{ alg, kid }, { alg }])
      expect(await authenticate(await signed(claims(), header, key))).toEqual({
        integration: client.integration,
        credential: kid,
      });
  });

  it.each<[string, JWTPayload]>([
    ["for the endpoint's own URL", { aud: endpoint.url }],
    ['for one audience in a list', { aud: [issuer] }],
    ['that lives ten minutes', { exp: now + 600 }],
    ['of a clock that is 30 seconds ahead', { iat: now + 30, nbf: now + 30 }],
    ['without iat', { iat: undefined }],
  ])('%s', async (_, changes) => {
    await expect(authenticate(await signed(claims(changes)))).resolves.toMatchObject({ credential: 'p256' });
  });

  it('beside a client_id that agrees', async () => {
    await expect(authenticate(await signed(claims()), { client_id: clientId })).resolves.toBeDefined();
    const assertion = await signed(claims());
    await expect(authenticate(assertion, { client_id: bySecret.integration.clientId })).rejects.toThrow(InvalidRequest);
  });
});

describe('an assertion is refused', () => {
  it.each<[string, JWTPayload]>([
    ['for several audiences', { aud: [issuer, endpoint.url] }],
    ['for another audience', { aud: 'https://elsewhere.example' }],
    ["for another endpoint's URL", { aud: `${issuer}/oauth2/revoke` }],
    ['without an audience', { aud: undefined }],
    ['for an audience in an empty list', { aud: [] }],
    ['of another issuer', { iss: bySecret.integration.clientId }],
    ['without an issuer', { iss: undefined }],
    ['without a subject', { sub: undefined }],
    ['that has expired', { exp: now }],
    ['that expired a moment ago', { exp: now - 5 }],
    ['without an expiry', { exp: undefined }],
    ['that lives longer than ten minutes', { exp: now + 601 }],
    ['from more than 30 seconds ahead', { iat: now + 31 }],
    ['not valid before 31 seconds from now', { nbf: now + 31 }],
    ['without a jti', { jti: undefined }],
    ['with an empty jti', { jti: '' }],
    [
      'of an integration that registered a secret',
      { iss: bySecret.integration.clientId, sub: bySecret.integration.clientId },
    ],
    ['of a disabled integration', { iss: disabled.integration.clientId, sub: disabled.integration.clientId }],
    ['of nobody', { iss: 'nobody', sub: 'nobody' }],
  ])('%s', async (_, changes) => {
    server.reads.length = 0;
    await expect(authenticate(await signed(claims(changes)))).rejects.toThrow(InvalidClient);
    expect(server.reads).toHaveLength(1);
  });

  it('signed by another key', async () => {
    const assertion = await signed(claims(), { alg: 'ES256', kid: 'p256' }, stranger.privateKey);
    await expect(authenticate(assertion)).rejects.toThrow(InvalidClient);
  });

  it.each<[string, { alg: string; kid?: string }, KeyObject]>([
    ['a key that is not registered', { alg: 'ES256', kid: 'other' }, p256.privateKey],
    ['a key of another kind', { alg: 'ES256', kid: 'rsa' }, p256.privateKey],
    ['an algorithm that is not offered', { alg: 'RS512', kid: 'rsa' }, rsa.privateKey],
  ])('naming %s', async (_, header, key) => {
    await expect(authenticate(await signed(claims(), header, key))).rejects.toThrow(InvalidClient);
  });

  it('with a secret made of the public key (HS256), or unsigned (none)', async () => {
    const secret = Buffer.from(rsa.publicKey.export({ type: 'spki', format: 'pem' }));
    const hmac = await new SignJWT(claims()).setProtectedHeader({ alg: 'HS256', kid: 'rsa' }).sign(secret);
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    for (const assertion of [hmac, `${part({ alg: 'none' })}.${part(claims())}.`])
      await expect(authenticate(assertion)).rejects.toThrow(InvalidClient);
  });

  it.each(['x', 'a.b.c', '..', `${'e30.'.repeat(2)}e30`])('that is no JWT: %s', async (assertion) => {
    await expect(authenticate(assertion)).rejects.toThrow(InvalidClient);
  });

  it('of an unknown assertion type', async () => {
    const parameters = { client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:saml2-bearer' };
    await expect(authenticate(await signed(claims()), parameters)).rejects.toThrow(InvalidClient);
  });

  it('whose subject is no text', async () => {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const assertion = `${part({ alg: 'ES256' })}.${part({ ...claims(), sub: [clientId] })}.AAAA`;
    await expect(authenticate(assertion)).rejects.toThrow(InvalidClient);
  });
});

describe('a jti', () => {
  it('is used once, also when ten use it at the same time', async () => {
    const assertion = await signed(claims());
    const outcomes = await Promise.allSettled(Array.from({ length: 10 }, () => authenticate(assertion)));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const outcome of outcomes)
      if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(InvalidClient);
  });

  it('of an assertion that is refused is not used up', async () => {
    const jti = randomUUID();
    await expect(authenticate(await signed(claims({ jti, aud: 'https://elsewhere.example' })))).rejects.toThrow();
    await expect(authenticate(await signed(claims({ jti }), { alg: 'ES256' }, stranger.privateKey))).rejects.toThrow();
    await expect(authenticate(await signed(claims({ jti })))).resolves.toBeDefined();
  });
});
