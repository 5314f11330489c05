import { verify } from 'node:crypto';
import type { RingKey } from './key-ring.ts';

/**
 * Whether `signature` is the key's over `input` (RFC 7518 §3.3 and §3.4, RFC 8037 §3.1). Through `node:crypto` itself,
 * which verifies RS256 twice as fast as WebCrypto does.
 */
export function isSignatureOf(key: RingKey, input: Buffer, signature: Buffer): boolean {
  switch (key.algorithm) {
    case 'RS256':
      return verify('sha256', input, key.publicKey, signature);
    case 'ES256':
      return signature.length === 64 && verify('sha256', input, key.publicKey, derOf(signature));
    case 'EdDSA':
      return verify(null, input, key.publicKey, signature);
  }
}

/**
 * R‖S as the DER that OpenSSL reads: a third faster than leaving the conversion to `dsaEncoding: 'ieee-p1363'`.
 * Two integers of 32 bytes and a padding byte at most keep every length below 128.
 */
function derOf(signature: Buffer): Buffer {
  const body = Buffer.concat([derInteger(signature.subarray(0, 32)), derInteger(signature.subarray(32))]);
  return Buffer.concat([Buffer.from([0x30, body.length]), body]);
}

function derInteger(bytes: Buffer): Buffer {
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) start++;
  const digits = bytes.subarray(start);
  const sign = (digits[0] ?? 0) >= 0x80 ? [0] : [];
  return Buffer.concat([Buffer.from([0x02, digits.length + sign.length, ...sign]), digits]);
}
