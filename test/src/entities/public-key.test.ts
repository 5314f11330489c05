import { generateKeyPairSync, type JsonWebKey } from 'node:crypto';
import { calculateJwkThumbprint } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { Conflict, InvalidInput } from '../../../src/entities/errors.ts';
import { acceptedKeys, removedKeys, thumbprintOf } from '../../../src/entities/public-key.ts';

type Jwk = Record<string, unknown>;

let rsa: Jwk;
let shortRsa: Jwk;
let ec: Jwk;
let ed25519: Jwk;
let p384: Jwk;
let privateEc: JsonWebKey;

beforeAll(() => {
  const jwkOf = (key: { export(options: { format: 'jwk' }): JsonWebKey }): Jwk => ({
    ...key.export({ format: 'jwk' }),
  });
  rsa = jwkOf(generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey);
  shortRsa = jwkOf(generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey);
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  ec = jwkOf(pair.publicKey);
  privateEc = pair.privateKey.export({ format: 'jwk' });
  ed25519 = jwkOf(generateKeyPairSync('ed25519').publicKey);
  p384 = jwkOf(generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey);
});

const accepted = (...keys: Jwk[]) => acceptedKeys(keys, '/jwks/keys');
function faults(...keys: Jwk[]): readonly { pointer: string; detail: string }[] {
  try {
    accepted(...keys);
  } catch (error) {
    if (error instanceof InvalidInput) return error.faults;
    throw error;
  }
  return [];
}

describe('a public key', () => {
  it('of RSA, P-256 and Ed25519 is accepted, with its thumbprint for a kid where it has none', async () => {
    for (const key of [rsa, ec, ed25519]) {
      expect(accepted(key)).toEqual([{ ...key, kid: await calculateJwkThumbprint(key) }]);
      expect(thumbprintOf({ ...key, kid: 'other', use: 'sig' })).toBe(await calculateJwkThumbprint(key));
    }
  });

  it('keeps the kid, the algorithm and the use it came with, and nothing that is not its own', () => {
    const named = { ...rsa, kid: 'key-1', alg: 'PS256', use: 'sig' };
    expect(accepted({ ...named, x5c: ['…'], key_ops: ['verify'], color: 'red' })).toEqual([named]);
  });

  it.each([
    ['its private part', () => ({ ...privateEc }), /private/],
    ['one private member', () => ({ ...rsa, dp: 'AQAB' }), /private/],
    ['1,024 bits', () => shortRsa, /2048/],
    ['another curve', () => p384, /P-256/],
    ['a point that is not on the curve', () => ({ ...ec, y: ec.x }), /no valid key/],
    ['a member missing', () => ({ kty: 'RSA', n: rsa.n }), /must hold/],
    ['an even exponent', () => ({ ...rsa, e: 'BA' }), /exponent/],
    ['an exponent of 40 bits', () => ({ ...rsa, e: 'AQAAAAE' }), /exponent/],
    ['the algorithm of another kind', () => ({ ...ec, alg: 'RS256' }), /alg/],
    ['an algorithm with a shared secret', () => ({ ...rsa, alg: 'HS256' }), /alg/],
    ['another use', () => ({ ...rsa, use: 'enc' }), /use/],
    ['operations without verify', () => ({ ...rsa, key_ops: ['encrypt'] }), /key_ops/],
    ['an empty kid', () => ({ ...rsa, kid: '' }), /kid/],
    ['a kid that could be a secret', () => ({ ...rsa, kid: 'sec_1' }), /kid/],
    ['a kid that is no text', () => ({ ...rsa, kid: 1 }), /kid/],
  ])('with %s is refused', (_, key, detail) => {
    expect(faults(ed25519, key())).toEqual([{ pointer: '/jwks/keys/1', detail: expect.stringMatching(detail) }]);
  });

  it('may not share its kid with another of the set', () => {
    expect(faults({ ...rsa, kid: 'a' }, { ...ec, kid: 'a' })).toEqual([
      { pointer: '/jwks/keys/1/kid', detail: expect.any(String) },
    ]);
    expect(faults(rsa, rsa)).toHaveLength(1);
    expect(faults({ ...rsa, kid: 'a' }, { ...ec, kid: 'b' })).toEqual([]);
  });
});

describe('a key taken out', () => {
  const times = { now: '2026-11-21T10:00:00.000Z', until: '2026-11-22T10:00:00.000Z' };
  const named = (kid: string, key: Jwk) => accepted({ ...key, kid });

  it('is remembered until its tokens have expired', () => {
    const removed = removedKeys({ jwks: named('a', rsa) }, named('b', ec), times);
    expect(removed).toEqual([{ kid: 'a', until: times.until }]);
    const later = { now: '2026-11-22T10:00:00.001Z', until: '2026-11-23T10:00:00.001Z' };
    expect(removedKeys({ jwks: named('b', ec), removedKeys: removed }, named('b', ec), times)).toEqual(removed);
    expect(removedKeys({ jwks: named('b', ec), removedKeys: removed }, named('b', ec), later)).toEqual([]);
  });

  it('leaves its kid to no other until then, nor to itself', () => {
    const before = { jwks: named('b', ec), removedKeys: [{ kid: 'a', until: times.until }] };
    expect(() => removedKeys(before, [...named('a', ed25519), ...named('b', ec)], times)).toThrow(Conflict);
    expect(() => removedKeys({ jwks: named('a', rsa) }, named('a', ec), times)).toThrow(Conflict);
    expect(removedKeys({ jwks: named('a', rsa) }, named('a', rsa), times)).toEqual([]);
  });
});
