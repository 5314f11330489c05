/** Bytes of each of R and S on P-256. */
const size = 32;
const sequence = 0x30;
const integer = 0x02;

/**
 * An ES256 signature in JOSE's form, R and S of 32 bytes each (RFC 7518 §3.4), from DER, KMS's form (RFC 3279 §2.2.3).
 *
 * @throws TypeError where the input is no such DER
 */
export function joseSignature(der: Uint8Array): Uint8Array {
  if (der[0] !== sequence || der[1] !== der.length - 2) throw new TypeError('no DER sequence');
  const signature = new Uint8Array(2 * size);
  const afterR = copyInteger(der, 2, signature, 0);
  const afterS = copyInteger(der, afterR, signature, size);
  if (afterS !== der.length) throw new TypeError('more than two integers');
  return signature;
}

/** Copies the integer at `at`, right-aligned; returns where the next one begins. */
function copyInteger(der: Uint8Array, at: number, into: Uint8Array, offset: number): number {
  const length = der[at + 1] ?? 0;
  const end = at + 2 + length;
  if (der[at] !== integer || length === 0 || end > der.length) throw new TypeError('no DER integer');
  // A leading zero keeps the integer positive and is not part of the number.
  let start = at + 2;
  while (start < end && der[start] === 0) start++;
  if (end - start > size) throw new TypeError('integer over 256 bits');
  into.set(der.subarray(start, end), offset + size - (end - start));
  return end;
}
