import { createPrivateKey, createPublicKey, type JsonWebKey, sign, verify } from 'node:crypto';
import { expect, it } from 'vitest';
import { ed25519Decoy, p256Decoy, rsaDecoy } from '../../../../src/oauth/client-authentication/decoy-keys.ts';

const input = Buffer.from('header.claims');
const publicKey = (jwk: object) => createPublicKey({ key: jwk as JsonWebKey, format: 'jwk' });
const base64url = (hex: string) => Buffer.from(hex, 'hex').toString('base64url');
const numberOf = (text = '') => BigInt(`0x${Buffer.from(text, 'base64url').toString('hex')}`);

it('whoever signs with the scalar 1 signs for the base point of P-256, and not for the decoy', () => {
  const basePoint = {
    kty: 'EC',
    crv: 'P-256',
    x: base64url('6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296'),
    y: base64url('4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5'),
  };
  const d = base64url('1'.padStart(64, '0'));
  const signature = sign('sha256', input, createPrivateKey({ key: { ...basePoint, d }, format: 'jwk' }));
  expect(verify('sha256', input, publicKey(basePoint), signature)).toBe(true);
  expect(verify('sha256', input, publicKey(p256Decoy), signature)).toBe(false);
  expect(p256Decoy.x).not.toBe(basePoint.x);
});

it('the decoy of Ed25519 is a point, and not the base point', () => {
  expect(() => publicKey(ed25519Decoy)).not.toThrow();
  expect(ed25519Decoy.x).not.toBe(base64url(`58${'66'.repeat(31)}`));
  expect(isOnEdwards25519(Buffer.from(ed25519Decoy.x ?? '', 'base64url'))).toBe(true);
  expect(isOnEdwards25519(Buffer.from('02'.padEnd(64, '0'), 'hex'))).toBe(false);
});

it('the decoy of RSA has 2,048 bits, and shares no factor with numbers whose factors are known', () => {
  const modulus = numberOf(rsaDecoy.n);
  expect(publicKey(rsaDecoy).asymmetricKeyDetails?.modulusLength).toBe(2048);
  // 2^2048 - 1 is the product of eleven Fermat numbers, each of them factored.
  expect(greatestCommonDivisor(modulus, 2n ** 2048n - 1n)).toBe(1n);
  for (let divisor = 3n; divisor < 65_536n; divisor += 2n) expect(modulus % divisor === 0n).toBe(false);
});

/** RFC 8032 §5.1.3: whether a `y` has an `x`. */
function isOnEdwards25519(encoded: Buffer): boolean {
  const p = 2n ** 255n - 19n;
  const power = (base: bigint, exponent: bigint): bigint => {
    let result = 1n;
    for (let [square, rest] = [base % p, exponent]; rest > 0n; rest >>= 1n, square = (square * square) % p)
      if (rest & 1n) result = (result * square) % p;
    return result;
  };
  const inverse = (value: bigint) => power(value, p - 2n);
  const d = ((p - 121_665n) * inverse(121_666n)) % p;
  const y = BigInt(`0x${Buffer.from(encoded).reverse().toString('hex')}`);
  const xSquared = ((y * y - 1n + p) * inverse((d * y * y + 1n) % p)) % p;
  return y < p && power(xSquared, (p - 1n) / 2n) === 1n;
}

function greatestCommonDivisor(one: bigint, other: bigint): bigint {
  return other === 0n ? one : greatestCommonDivisor(other, one % other);
}
