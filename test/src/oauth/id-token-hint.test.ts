import { createHmac, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { calculateJwkThumbprint, type JWK, SignJWT, UnsecuredJWT } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import type { SigningKey } from '../../../src/entities/signing-key.ts';
import { verifiedIdTokenHint } from '../../../src/oauth/id-token-hint.ts';
import { issuer } from './authorization-server.ts';

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const claims = { iss: issuer, sub: 'usr_1', aud: 'int_1', sid: 'ses_1', exp: 1 };
let key: SigningKey;
beforeAll(async () => {
  const publicJwk = publicKey.export({ format: 'jwk' });
  key = {
    kid: await calculateJwkThumbprint(publicJwk as JWK),
    name: 'main',
    algorithm: 'RS256',
    keyArn: 'arn',
    publicJwk: publicJwk as Readonly<Record<string, string>>,
    state: 'active',
    since: '2026-11-21T10:00:00.000Z',
  };
});

const signed = (
  changes: Readonly<Record<string, unknown>> = {},
  header: Readonly<Record<string, string>> = {},
  by: KeyObject = privateKey,
) =>
  new SignJWT({ ...claims, ...changes })
    .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: key.kid, ...header })
    .sign(by);
const read = (token: string, changes: Partial<SigningKey> = {}) =>
  verifiedIdTokenHint(token, issuer, [{ ...key, ...changes }]);

describe('an ID token hints at its user', () => {
  it.each(['active', 'retiring', 'retired'] as const)('long after it expired, its key %s', async (state) => {
    expect(await read(await signed(), { state })).toEqual({
      userId: 'usr_1',
      clientIds: ['int_1'],
      sessionId: 'ses_1',
    });
  });

  it('with several audiences', async () => {
    expect((await read(await signed({ aud: ['int_1', 'int_2'] })))?.clientIds).toEqual(['int_1', 'int_2']);
  });
});

describe('nobody is hinted at by', () => {
  it.each<[string, () => Promise<string> | string]>([
    ['what is no token', () => 'x'],
    ["another server's", () => signed({ iss: 'https://evil.example' })],
    ['an access token', () => signed({}, { typ: 'at+jwt' })],
    ['a logout token', () => signed({}, { typ: 'logout+jwt' })],
    ['one without a type', () => signed({}, { typ: '' })],
    ['one of a key that nobody knows', () => signed({}, { kid: 'other' })],
    [
      'one that somebody else signed',
      () => signed({}, {}, generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey),
    ],
    ['one of another algorithm', () => signed({}, { alg: 'PS256' })],
    ['one that nobody signed', () => new UnsecuredJWT(claims).encode()],
    ['one that is keyed with our public key', () => keyedWithPublicKey()],
    ['one without a user', () => signed({ sub: undefined })],
  ])('%s', async (_, token) => {
    expect(await read(await token())).toBeUndefined();
  });

  it('one of a key that was revoked, or is for other tokens', async () => {
    expect(await read(await signed(), { state: 'revoked' })).toBeUndefined();
    expect(await read(await signed(), { algorithm: 'ES256' })).toBeUndefined();
  });
});

function keyedWithPublicKey(): string {
  const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const input = `${encoded({ alg: 'HS256', typ: 'JWT', kid: key.kid })}.${encoded(claims)}`;
  const secret = publicKey.export({ format: 'pem', type: 'spki' });
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
}
