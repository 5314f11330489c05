import { describe, expect, test } from 'vitest';
import { createAccessTokenVerifier } from '../../../../src/oauth/access-token/verifier.ts';
import { audience, issuer, newScene, newSigner, signed } from './scene.ts';

const algorithms = ['RS256', 'ES256', 'EdDSA'] as const;
const verified = { claims: { iss: issuer } };

describe('a token verifies', () => {
  test.each(algorithms)('signed with %s by a key of the deployment', async (algorithm) => {
    const { verifier, token } = newScene(newSigner(algorithm));
    for (let count = 0; count < 8; count++) expect(await verifier.verify(token())).toMatchObject(verified);
  });

  test('with its typ in capitals, since media types have no case', async () => {
    const { verifier, token } = newScene();
    expect(await verifier.verify(token({}, { typ: 'AT+JWT' }))).toMatchObject(verified);
  });

  test('meant for this API among others', async () => {
    const { verifier, token } = newScene();
    expect(await verifier.verify(token({ aud: ['https://other.example', audience] }))).toMatchObject(verified);
  });

  test('issued by a clock that runs ahead by less than the skew', async () => {
    const { verifier, token, now } = newScene();
    expect(await verifier.verify(token({ iat: now / 1000 + 29, nbf: now / 1000 + 29 }))).toMatchObject(verified);
  });

  test('for any API only where the verifier was made for introspection', async () => {
    const { verifier, keys, clock, token } = newScene();
    const elsewhere = token({ aud: 'https://other.example' });
    expect(await verifier.verify(elsewhere)).toEqual({ fault: 'aud' });
    const ofAnyApi = createAccessTokenVerifier({ keys, clock, issuer, audience: null });
    expect(await ofAnyApi.verify(elsewhere)).toMatchObject(verified);
  });
});

describe('a token is refused', () => {
  const { now } = newScene();
  const seconds = now / 1000;

  test.each([
    ['of another type', 'typ', { typ: 'JWT' }],
    ['without a type', 'header', { typ: undefined }],
    ['without a key id', 'header', { kid: undefined }],
    ['whose key id is unknown', 'kid', { kid: 'other' }],
    ['that names another algorithm than its key is for', 'alg', { alg: 'RS256' }],
    ['that names no algorithm', 'alg', { alg: 'none' }],
    ['that needs an extension', 'header', { crit: ['b64'], b64: false }],
  ])('%s', async (_, fault, header) => {
    const { verifier, token } = newScene();
    expect(await verifier.verify(token({}, header))).toEqual({ fault });
    expect(await verifier.verify(token())).toMatchObject(verified);
  });

  test.each([
    ['of another issuer', 'iss', { iss: `${issuer}/` }],
    ['meant for another API', 'aud', { aud: 'https://other.example' }],
    ['meant for a longer base URL', 'aud', { aud: `${audience}/more` }],
    ['meant for nobody', 'aud', { aud: [] }],
    ['without an audience', 'claims', { aud: undefined }],
    ['in the second it expires', 'exp', { exp: seconds }],
    ['without an end', 'claims', { exp: undefined }],
    ['that ends in a word', 'claims', { exp: '9999999999' }],
    ['issued in the future', 'iat', { iat: seconds + 31 }],
    ['not valid yet', 'nbf', { nbf: seconds + 31 }],
    ['without a subject', 'claims', { sub: undefined }],
    ['without a tenant', 'claims', { tenant: undefined }],
    ['without the credential that obtained it', 'claims', { cred: undefined }],
    ['whose id is not one of ours', 'jti', { jti: 'tok_1' }],
    ['bound to a certificate, which nobody looks at', 'claims', { cnf: { 'x5t#S256': 'x' } }],
    ['bound to a key and to more than that', 'claims', { cnf: { jkt: 'x', jwk: {} } }],
    ['with authorization details of another type', 'claims', { authorization_details: [{ type: 'account' }] }],
  ])('%s', async (_, fault, changes) => {
    const { verifier, token } = newScene();
    const refused = await verifier.verify(token(changes));
    expect(refused).toMatchObject({ fault });
    // Only what waits for its time is shown to who may revoke it.
    expect('early' in refused).toBe(['iat', 'nbf'].includes(fault));
    expect(await verifier.verify(token())).toMatchObject(verified);
  });

  test.each(algorithms)('signed with %s by a stranger under a key id of ours', async (algorithm) => {
    const ours = newSigner(algorithm, 'shared');
    const { verifier, claims } = newScene(ours);
    expect(await verifier.verify(signed(newSigner(algorithm, 'shared'), claims()))).toEqual({ fault: 'signature' });
    expect(await verifier.verify(signed(ours, claims()))).toMatchObject(verified);
  });

  test.each(algorithms)('changed after it was signed with %s, wherever', async (algorithm) => {
    const { verifier, token, claims } = newScene(newSigner(algorithm));
    const [header, , signature] = token().split('.');
    const forged = Buffer.from(JSON.stringify({ ...claims(), scope: 'users:manage' })).toString('base64url');
    expect(await verifier.verify(`${header}.${forged}.${signature}`)).toEqual({ fault: 'signature' });
    expect(await verifier.verify(`${token().slice(0, -20)}${'A'.repeat(20)}`)).toEqual({ fault: 'signature' });
    expect(await verifier.verify(token().slice(0, -4))).toEqual({ fault: 'signature' });
  });

  test('signed by HMAC with the public key as the secret', async () => {
    const { verifier, token } = newScene(newSigner('RS256'));
    expect(await verifier.verify(token({}, { alg: 'HS256' }))).toEqual({ fault: 'alg' });
  });

  test.each(['', '.', '..', 'a.b', 'a.b.c.d', 'a..c', 'a.b.c\n', 'ä.b.c', 'e30.e30.e30', 'bm8.bm8.bm8'])(
    'that is no JWS: %j',
    async (text) => {
      const { verifier } = newScene();
      expect(await verifier.verify(text)).toHaveProperty('fault');
    },
  );

  test('longer than a request header can be', async () => {
    const { verifier, token } = newScene();
    expect(await verifier.verify(token({ filling: 'x'.repeat(10_240) }))).toEqual({ fault: 'not a compact JWS' });
    expect(await verifier.verify(token({ filling: 'x'.repeat(1_024) }))).toMatchObject(verified);
  });
});

describe('a token that was verified before', () => {
  test('is the very same answer, and no longer than it lives', async () => {
    const scene = newScene();
    const token = scene.token();
    const first = await scene.verifier.verify(token);
    expect(await scene.verifier.verify(token)).toBe(first);
    scene.now += 3600_000;
    expect(await scene.verifier.verify(token)).toEqual({ fault: 'exp' });
  });

  test('lends nothing to another that ends in its signature', async () => {
    const { verifier, token, claims } = newScene();
    const presented = token();
    expect(await verifier.verify(presented)).toMatchObject(verified);
    const [header, , signature] = presented.split('.');
    const forged = Buffer.from(JSON.stringify({ ...claims(), scope: 'users:manage' })).toString('base64url');
    expect(await verifier.verify(`${header}.${forged}.${signature}`)).toEqual({ fault: 'signature' });
    expect(await verifier.verify(presented)).toMatchObject(verified);
  });

  test('is verified anew once its key is no longer trusted', async () => {
    const { verifier, keys, token } = newScene();
    const presented = token();
    const first = await verifier.verify(presented);
    if ('fault' in first) throw new Error(first.fault);
    keys.note(first.key, 'revoked');
    expect(await verifier.verify(presented)).not.toBe(first);
  });

  test('is forgotten when a thousand others came after it', async () => {
    const { verifier, token } = newScene();
    const presented = token();
    const first = await verifier.verify(presented);
    for (let count = 0; count < 1000; count++) await verifier.verify(token());
    const again = await verifier.verify(presented);
    expect(again).toEqual(first);
    expect(again).not.toBe(first);
  });
});
