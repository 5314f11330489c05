import { generateKeyPairSync } from 'node:crypto';
import { createLocalJWKSet, jwtVerify, SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import type { SigningKey, SigningKeyState } from '../../../src/entities/signing-key.ts';
import { isUnchanged, keySetOf } from '../../../src/oauth/jwks.ts';

const { publicKey, privateKey } = generateKeyPairSync('ed25519');

function key(state: SigningKeyState, kid: string = state): SigningKey {
  const publicJwk = publicKey.export({ format: 'jwk' }) as Record<string, string>;
  return { kid, name: kid, algorithm: 'EdDSA', keyArn: 'arn:aws:kms:::key/1', publicJwk, state, since: '' };
}

const kids = (body: string) => JSON.parse(body).keys.map(({ kid }: { kid: string }) => kid);

describe('a key set', () => {
  it('holds the keys that may have signed a live token, and the next one', () => {
    const states = ['next', 'active', 'retiring', 'retired', 'revoked'] as const;
    expect(kids(keySetOf(states.map((state) => key(state))).body)).toEqual(['active', 'next', 'retiring']);
  });

  it('holds nothing of a key but its public half and what it is for', () => {
    const [published] = JSON.parse(keySetOf([key('active')]).body).keys;
    expect(Object.keys(published).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x']);
  });

  it('verifies what its keys sign', async () => {
    const token = await new SignJWT({}).setProtectedHeader({ alg: 'EdDSA', kid: 'active' }).sign(privateKey);
    const set = createLocalJWKSet(JSON.parse(keySetOf([key('active')]).body));
    await expect(jwtVerify(token, set, { algorithms: ['EdDSA'] })).resolves.toBeDefined();
  });

  it('has the tag of its keys, in whatever order they come', () => {
    const tag = keySetOf([key('active', 'a'), key('next', 'b')]).entityTag;
    expect(keySetOf([key('next', 'b'), key('active', 'a')]).entityTag).toBe(tag);
    expect(keySetOf([key('active', 'a')]).entityTag).not.toBe(tag);
    expect(tag).toMatch(/^"[\w-]+"$/);
  });
});

describe('If-None-Match', () => {
  it.each(['"a"', 'W/"a"', '"b", "a"', '*'])('%s names the tag "a"', (header) => {
    expect(isUnchanged('"a"', header)).toBe(true);
  });
  it.each([undefined, '', '"b"', 'a'])('%s does not', (header) => {
    expect(isUnchanged('"a"', header)).toBe(false);
  });
});
