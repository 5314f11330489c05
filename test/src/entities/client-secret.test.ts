import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hasValidChecksum, newClientSecret } from '../../../src/entities/client-secret.ts';
import { hashOf, matches } from '../../../src/entities/recognizable-secret.ts';

const seeded = fc.uint8Array({ minLength: 64, maxLength: 64 }).map((bytes) => {
  let turn = 0;
  return (size: number) => Uint8Array.from({ length: size }, (_, at) => ((bytes[at % 64] ?? 0) + at + turn++) % 256);
});

describe('a client secret', () => {
  it('has a recognizable prefix, 256 random bits and a checksum, of characters that need no escaping', () => {
    fc.assert(
      fc.property(seeded, (random) => {
        const secret = newClientSecret(random);
        expect(secret).toMatch(/^lks_[0-9A-Za-z]{49}$/);
        expect(hasValidChecksum(secret)).toBe(true);
      }),
    );
  });

  it('never comes twice', () => {
    const secrets = new Set(Array.from({ length: 1000 }, () => newClientSecret(randomBytes)));
    expect(secrets.size).toBe(1000);
  });

  it('with one character changed, left out or added has no valid checksum', () => {
    const at = fc.integer({ min: 4, max: 52 });
    const character = fc.constantFrom(...'0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz');
    fc.assert(
      fc.property(at, character, (position, other) => {
        const secret = newClientSecret(randomBytes);
        const changed = secret.slice(0, position) + other + secret.slice(position + 1);
        expect(hasValidChecksum(changed)).toBe(changed === secret);
        expect(hasValidChecksum(secret.slice(0, position) + secret.slice(position + 1))).toBe(false);
        expect(hasValidChecksum(secret.slice(0, position) + other + secret.slice(position))).toBe(false);
      }),
    );
  });

  it('is no arbitrary text', () => {
    fc.assert(fc.property(fc.string(), (text) => !hasValidChecksum(text)));
  });
});

describe('the hash of a client secret', () => {
  it('matches its secret and no other', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (secret, other) => {
        expect(matches(secret, hashOf(secret))).toBe(true);
        expect(matches(other, hashOf(secret))).toBe(other === secret);
      }),
    );
  });

  it('that is not one matches nothing', () => {
    const secret = newClientSecret(randomBytes);
    for (const hash of ['', 'AAAA', `${hashOf(secret)}AAAA`]) expect(matches(secret, hash)).toBe(false);
  });
});
