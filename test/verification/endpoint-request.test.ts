import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { createLocalJWKSet } from 'jose';
import { describe, expect, it } from 'vitest';
import { type EndpointSecret, NotVerified, verifiedEvent } from '../../verification/endpoint-request.ts';

const now = Date.UTC(2026, 10, 21, 12);
const event = { id: 'ntf_1', type: 'issue.changed', object: 'PRJ-1', sequence: 2, data: { title: 'Tür' } };
const rawBody = JSON.stringify(event);
const timestamp = String(now / 1000);
const key = 'lke_first';
const macOf = (text: string, with_ = key) => createHmac('sha256', with_).update(text).digest('hex');
const signed = (headers: Record<string, string> = {}) => ({
  'latchkey-timestamp': timestamp,
  'latchkey-signature': `v1=${macOf(`${timestamp}:${rawBody}`)}`,
  ...headers,
});
const byKey: EndpointSecret = { signingKeys: [key] };
const verified = (
  headers: Record<string, string>,
  secret: EndpointSecret = byKey,
  body: string | Uint8Array = rawBody,
  at = now,
) => verifiedEvent({ headers, rawBody: body }, secret, { now: at });

describe('a request with a signing key', () => {
  it('is verified, as text and as bytes', async () => {
    expect(await verified(signed())).toEqual(event);
    expect(await verified(signed(), byKey, Buffer.from(rawBody))).toEqual(event);
  });

  it('is verified by either key while one replaces the other', async () => {
    const both = `v1=${macOf(`${timestamp}:${rawBody}`)},v1=${macOf(`${timestamp}:${rawBody}`, 'lke_second')}`;
    for (const signingKeys of [[key], ['lke_second'], [key, 'lke_second'], ['lke_third', key]])
      await expect(verified(signed({ 'latchkey-signature': both }), { signingKeys })).resolves.toEqual(event);
  });

  it.each([
    ['with another body', signed(), byKey, rawBody.replace('2', '3')],
    ['with another timestamp', signed({ 'latchkey-timestamp': String(now / 1000 + 1) }), byKey, rawBody],
    ['with another key', signed(), { signingKeys: ['lke_other'] }, rawBody],
    ['without a key to verify with', signed(), { signingKeys: [] }, rawBody],
    [
      'with a signature of another version',
      signed({ 'latchkey-signature': `v2=${macOf(`${timestamp}:${rawBody}`)}` }),
      byKey,
      rawBody,
    ],
    ['with a signature cut short', signed({ 'latchkey-signature': `v1=${macOf(rawBody).slice(2)}` }), byKey, rawBody],
    ['with an empty signature', signed({ 'latchkey-signature': 'v1=' }), byKey, rawBody],
    ['without a signature', { 'latchkey-timestamp': timestamp }, byKey, rawBody],
    ['without a timestamp', signed({ 'latchkey-timestamp': '' }), byKey, rawBody],
    ['with a timestamp that is none', signed({ 'latchkey-timestamp': '1e9' }), byKey, rawBody],
  ] as const)('is not %s', async (_, headers, secret, body) => {
    await expect(verified(headers, secret, body)).rejects.toThrow(NotVerified);
  });

  it.each([
    [-300, true],
    [300, true],
    [-301, false],
    [301, false],
  ])('is of now where the clocks are %d seconds apart: %s', async (apart, isOfNow) => {
    const attempt = verified(signed(), byKey, rawBody, now + apart * 1000);
    if (isOfNow) await expect(attempt).resolves.toEqual(event);
    else await expect(attempt).rejects.toThrow(NotVerified);
  });
});

describe('a request with a verification token', () => {
  const headers = { 'latchkey-timestamp': timestamp, 'latchkey-verification-token': 'lkv_first,lkv_second' };

  it('is verified by any that it carries', async () => {
    for (const token of ['lkv_first', 'lkv_second'])
      await expect(verified(headers, { verificationTokens: [token] })).resolves.toEqual(event);
  });

  it.each([['lkv_firs'], ['lkv_first,lkv_second'], ['']])('is not by %j', async (token) => {
    await expect(verified(headers, { verificationTokens: [token] })).rejects.toThrow(NotVerified);
  });
});

describe('a request signed by the deployment', () => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const publicKeys = createLocalJWKSet({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'one', kty: 'RSA' }] });
  const encoded = (text: string) => Buffer.from(text).toString('base64url');
  const jws = (text: string, { alg = 'RS256', payload = '' } = {}) => {
    const header = encoded(JSON.stringify({ alg, kid: 'one' }));
    const tag = sign('sha256', Buffer.from(`${header}.${encoded(text)}`), privateKey).toString('base64url');
    return `${header}.${payload}.${tag}`;
  };
  const with_ = (signature: string) =>
    verified({ 'latchkey-timestamp': timestamp, 'latchkey-signature': signature }, { publicKeys });

  it('is verified by its key set', async () => {
    expect(await with_(jws(`${timestamp}:${rawBody}`))).toEqual(event);
  });

  it.each([
    ['over another text', jws(rawBody)],
    ['of another algorithm', jws(`${timestamp}:${rawBody}`, { alg: 'none' })],
    ['with a payload of its own', jws(`${timestamp}:${rawBody}`, { payload: encoded(`${timestamp}:${rawBody}`) })],
    ['that is no JWS', 'v1=00'],
  ])('is not by a signature %s', async (_, signature) => {
    await expect(with_(signature)).rejects.toThrow(NotVerified);
  });
});
