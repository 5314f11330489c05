import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { PublicJwk } from '../../../../src/entities/integration.ts';
import { assertionAlgorithms, decoyKey, fitting } from '../../../../src/oauth/client-authentication/assertion-keys.ts';

const jwk = (key: ReturnType<typeof createPublicKey>, kid: string, changes: object = {}) =>
  ({ ...key.export({ format: 'jwk' }), kid, ...changes }) as PublicJwk;
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey;
const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey;
const ed25519 = generateKeyPairSync('ed25519').publicKey;

describe('the key of an assertion', () => {
  it('fits its algorithm', () => {
    const keys = [jwk(rsa, 'rsa'), jwk(p256, 'p256'), jwk(ed25519, 'ed25519')];
    expect(assertionAlgorithms.map((alg) => [alg, fitting(keys, alg, undefined)?.kid])).toEqual([
      ['RS256', 'rsa'],
      ['PS256', 'rsa'],
      ['ES256', 'p256'],
      ['EdDSA', 'ed25519'],
      ['Ed25519', 'ed25519'],
    ]);
  });

  it.each(['none', 'HS256', 'RS512', 'constructor', ''])('is none for %s', (alg) => {
    expect(fitting([jwk(rsa, 'rsa')], alg, 'rsa')).toBeUndefined();
  });

  it('is the one that is named, or the only one that fits', () => {
    const two = [jwk(p256, 'a'), jwk(p256, 'b')];
    expect(fitting(two, 'ES256', 'b')?.kid).toBe('b');
    expect(fitting(two, 'ES256', 'c')).toBeUndefined();
    expect(fitting(two, 'ES256', undefined)).toBeUndefined();
    expect(fitting([jwk(rsa, 'a'), jwk(p256, 'b')], 'ES256', undefined)?.kid).toBe('b');
    expect(fitting([jwk(rsa, 'a'), jwk(p256, 'b')], 'ES256', 'a')).toBeUndefined();
  });

  it('does nothing but what it says it is for', () => {
    expect(fitting([jwk(rsa, 'a', { alg: 'RS256', use: 'sig' })], 'RS256', 'a')?.kid).toBe('a');
    expect(fitting([jwk(rsa, 'a', { alg: 'RS256' })], 'PS256', 'a')).toBeUndefined();
    expect(fitting([jwk(rsa, 'a', { use: 'enc' })], 'RS256', 'a')).toBeUndefined();
  });

  it('is strong enough, and on a curve that assertions use', () => {
    const weak = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey;
    const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey;
    const x25519 = generateKeyPairSync('x25519').publicKey;
    for (const key of [weak, p384, x25519])
      for (const alg of assertionAlgorithms) expect(fitting([jwk(key, 'a')], alg, 'a')).toBeUndefined();
  });
});

describe('a decoy', () => {
  it('is a key like any other of its algorithm', () => {
    for (const alg of assertionAlgorithms) {
      expect(() => createPublicKey({ key: { ...decoyKey(alg) }, format: 'jwk' })).not.toThrow();
      expect(fitting([{ ...decoyKey(alg), kid: 'decoy' } as PublicJwk], alg, 'decoy')).toBeDefined();
    }
  });

  it('is never the same object, which a library might keep the imported key of', () => {
    for (const alg of assertionAlgorithms) expect(decoyKey(alg)).not.toBe(decoyKey(alg));
  });
});
