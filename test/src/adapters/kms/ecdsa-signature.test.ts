import { generateKeyPairSync, sign, verify } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { joseSignature } from '../../../../src/adapters/kms/ecdsa-signature.ts';

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });

/** DER of two integers of at most 32 bytes each, as X.690 §8.3 writes them. */
function derOf(...numbers: readonly Uint8Array[]): Uint8Array {
  const integers = numbers.map((number) => {
    const digits = [...number.slice(number.findIndex((byte) => byte !== 0))];
    if ((digits[0] ?? 0) >= 0x80) digits.unshift(0);
    return [0x02, digits.length, ...digits];
  });
  return Uint8Array.from([0x30, integers.flat().length, ...integers.flat()]);
}

const integer = fc.uint8Array({ minLength: 32, maxLength: 32 }).filter((bytes) => bytes.some((byte) => byte !== 0));

describe('an ES256 signature of KMS', () => {
  it('verifies in the form of JOSE', () => {
    for (let round = 0; round < 300; round++) {
      const message = Buffer.from(`message ${round}`);
      const signature = joseSignature(sign('sha256', message, privateKey));
      expect(verify('sha256', message, { key: publicKey, dsaEncoding: 'ieee-p1363' }, signature)).toBe(true);
    }
  });

  it('is R and S of 32 bytes each, however short their DER is', () => {
    const short = fc.tuple(integer, fc.integer({ min: 0, max: 31 })).map(([bytes, zeros]) => {
      const shortened = Uint8Array.from(bytes).fill(0, 0, zeros);
      shortened[31] ||= 1;
      return shortened;
    });
    fc.assert(
      fc.property(short, short, (r, s) => {
        expect(joseSignature(derOf(r, s))).toEqual(Uint8Array.from([...r, ...s]));
      }),
    );
  });

  it('that is no DER of two such integers is refused', () => {
    const der = derOf(Uint8Array.of(...Array(31).fill(0), 1), Uint8Array.of(...Array(31).fill(0), 2));
    expect(joseSignature(der)).toHaveLength(64);
    for (const broken of [
      der.slice(1),
      der.slice(0, -1),
      Uint8Array.of(...der, 0),
      Uint8Array.of(),
      Uint8Array.of(0x30, 0),
    ])
      expect(() => joseSignature(broken)).toThrow(TypeError);
    const tooLong = Uint8Array.from([0x30, 38, 0x02, 33, ...Array(33).fill(1), 0x02, 1, 1]);
    expect(() => joseSignature(tooLong)).toThrow(TypeError);
  });

  it('is read or refused, whatever the bytes are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        try {
          expect(joseSignature(bytes)).toHaveLength(64);
        } catch (error) {
          expect(error).toBeInstanceOf(TypeError);
        }
      }),
    );
  });
});
