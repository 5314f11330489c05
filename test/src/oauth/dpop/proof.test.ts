import { randomUUID } from 'node:crypto';
import { exportJWK, generateKeyPair, generateSecret, type JWK, SignJWT } from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';
import { dpopAlgorithms } from '../../../../src/api/dpop-algorithms.ts';
import { verifyDpopProof } from '../../../../src/oauth/dpop/proof.ts';
import { hashOfToken, newProver } from './proofs.ts';

const now = 1_800_000_000_000;
const method = 'POST';
const url = 'https://api.example/api/v1/issues';
const accessToken = 'a.b.c';

let prover: Awaited<ReturnType<typeof newProver>>;
beforeAll(async () => {
  prover = await newProver();
});

const claims = (changes: Readonly<Record<string, unknown>> = {}) => ({
  htm: method,
  htu: url,
  iat: now / 1000,
  jti: randomUUID(),
  ath: hashOfToken(accessToken),
  ...changes,
});
const verified = (proof: string) => verifyDpopProof({ proof, method, url, accessToken, now });

describe('a proof holds', () => {
  test.each(dpopAlgorithms)('signed with %s: it says whose key, and which proof', async (algorithm) => {
    const { sign, thumbprint } = await newProver(algorithm);
    const proof = claims({ nonce: 'n' });
    expect(await verified(await sign(proof))).toEqual({
      thumbprint,
      jti: proof.jti,
      issuedAt: now / 1000,
      nonce: 'n',
    });
  });

  test.each([
    ['issued a minute ago', { iat: now / 1000 - 60 }],
    ['issued in a minute', { iat: now / 1000 + 60 }],
    ['with a query in its URL', { htu: `${url}?page=2` }],
    ['with a jti of 256 characters', { jti: 'j'.repeat(256) }],
  ])('%s', async (_, changes) => {
    expect(await verified(await prover.sign(claims(changes)))).toMatchObject({ thumbprint: prover.thumbprint });
  });

  test('without a token where none is presented', async () => {
    const proof = await prover.sign(claims({ ath: undefined }));
    expect(await verifyDpopProof({ proof, method, url, now })).toMatchObject({ thumbprint: prover.thumbprint });
  });
});

describe('a proof does not hold', () => {
  test.each([
    ['for another method', { htm: 'GET' }],
    ['for the method in another case', { htm: 'post' }],
    ['for another URL', { htu: `${url}/1` }],
    ['for another token', { ath: hashOfToken('a.b.d') }],
    ['for no token, where one is presented', { ath: undefined }],
    ['issued more than a minute ago', { iat: now / 1000 - 61 }],
    ['issued in more than a minute', { iat: now / 1000 + 61 }],
    ['that has expired', { exp: now / 1000 - 1 }],
    ['whose time has not come', { nbf: now / 1000 + 10 }],
    ['without a method', { htm: undefined }],
    ['without a URL', { htu: undefined }],
    ['without a time', { iat: undefined }],
    ['without a jti', { jti: undefined }],
    ['with an empty jti', { jti: '' }],
    ['with a jti of more than 256 characters', { jti: 'j'.repeat(257) }],
    ['with a jti that is no text', { jti: 1 }],
  ])('%s', async (_, changes) => {
    expect(await verified(await prover.sign(claims(changes)))).toHaveProperty('fault');
  });

  test.each([
    ['of another type', () => ({ typ: 'JWT' })],
    ['without a type', () => ({ typ: undefined })],
    ['without a key', () => ({ jwk: undefined })],
    ['that brings its private key', () => ({ jwk: prover.privateJwk })],
    ['that brings a part of a private key', () => ({ jwk: { ...prover.jwk, p: 'AQAB' } })],
    ['with a key for encryption', () => ({ jwk: { ...prover.jwk, use: 'enc' } })],
  ])('%s', async (_, header) => {
    expect(await verified(await prover.sign(claims()))).not.toHaveProperty('fault');
    expect(await verified(await prover.sign(claims(), header()))).toHaveProperty('fault');
  });

  test('signed by another key than the one in it', async () => {
    const other = await newProver();
    expect(await verified(await prover.sign(claims(), { jwk: other.jwk }))).toHaveProperty('fault');
  });

  test('signed with a shared secret, the public key for one included', async () => {
    const secret = await generateSecret('HS256', { extractable: true });
    const symmetric = (jwk: JWK) =>
      new SignJWT(claims()).setProtectedHeader({ alg: 'HS256', typ: 'dpop+jwt', jwk }).sign(secret);
    expect(await verified(await symmetric(await exportJWK(secret)))).toHaveProperty('fault');
    expect(await verified(await symmetric(prover.jwk))).toHaveProperty('fault');
  });

  test('signed by nobody', async () => {
    const [, payload] = (await prover.sign(claims())).split('.');
    const header = Buffer.from(JSON.stringify({ alg: 'none', typ: 'dpop+jwt', jwk: prover.jwk })).toString('base64url');
    expect(await verified(`${header}.${payload}.`)).toHaveProperty('fault');
  });

  test('with an RSA key that costs more time than the largest that is taken', async () => {
    const { publicKey, privateKey } = await generateKeyPair('RS256', { modulusLength: 4104 });
    const proof = await new SignJWT(claims())
      .setProtectedHeader({ alg: 'RS256', typ: 'dpop+jwt', jwk: await exportJWK(publicKey) })
      .sign(privateKey);
    expect(await verified(proof)).toHaveProperty('fault');
  });

  test.each(['', 'a.b', 'a.b.c', '..', 'x'.repeat(5000)])('that is no JWT: %s', async (proof) => {
    expect(await verified(proof)).toHaveProperty('fault');
  });
});
