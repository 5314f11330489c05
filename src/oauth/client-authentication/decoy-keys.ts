import { createHash } from 'node:crypto';
import type { JWK } from 'jose';

/**
 * Public keys whose private halves nobody has: each is the SHA-256 of a text that says what it is, counted up until the
 * hash was a key. Base points and round numbers would not do: their discrete logarithms and factors are known.
 */

const hashOf = (text: string) => createHash('sha256').update(`Latchkey decoy ${text}`).digest();

/** The `x` of a point of P-256, and the even `y` that goes with it. */
export const p256Decoy: Readonly<JWK> = {
  kty: 'EC',
  crv: 'P-256',
  x: hashOf('P-256 2').toString('base64url'),
  y: 'OUJvHSzIJBBi2y9sMW0-r9-TDs8MIPdvMNzg5zJwkC4',
};

/** An encoded point (RFC 8032 §5.1.2) whose sign bit is 0. */
export const ed25519Decoy: Readonly<JWK> = {
  kty: 'OKP',
  crv: 'Ed25519',
  x: withBits(hashOf('Ed25519 3'), { at: 31, and: 0x7f, or: 0 }).toString('base64url'),
};

/** An odd modulus of 2,048 bits: composite, and without a factor below 65,536. */
export const rsaDecoy: Readonly<JWK> = { kty: 'RSA', e: 'AQAB', n: modulus().toString('base64url') };

function modulus(): Buffer {
  const blocks = Buffer.concat(Array.from({ length: 8 }, (_, block) => hashOf(`RSA 13 ${block}`)));
  withBits(blocks, { at: 0, and: 0xff, or: 0x80 });
  return withBits(blocks, { at: blocks.length - 1, and: 0xff, or: 1 });
}

function withBits(bytes: Buffer, { at, and, or }: { readonly at: number; readonly and: number; readonly or: number }) {
  bytes.writeUInt8((bytes.readUInt8(at) & and) | or, at);
  return bytes;
}
