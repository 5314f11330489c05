import { createECDH, type JsonWebKey, type KeyObject, randomBytes } from 'node:crypto';

// Node's crypto signs messages, not digests, with EC keys, and KMS takes digests: so FIPS 186-5 §6.4 on NIST P-256 here.
// Only for keys of the local run: BigInt arithmetic takes no constant time.
const p = 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn;
const n = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const a = p - 3n;
const generator: Point = {
  x: 0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296n,
  y: 0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5n,
};

interface Point {
  readonly x: bigint;
  readonly y: bigint;
}

/** ECDSA over a 32-byte digest (FIPS 186-5 §6.4.1); the signature is DER, as KMS answers it. */
export function signDigest(digest: Buffer, privateKey: KeyObject): Buffer {
  const d = fromBase64Url(privateKey.export({ format: 'jwk' }).d);
  const z = fromBytes(digest);
  for (;;) {
    const nonce = randomBytes(32);
    const k = fromBytes(nonce);
    if (k === 0n || k >= n) {
      continue;
    }
    const curve = createECDH('prime256v1');
    curve.setPrivateKey(nonce);
    const r = modulo(fromBytes(curve.getPublicKey().subarray(1, 33)), n);
    const s = modulo(inverse(k, n) * modulo(z + r * d, n), n);
    if (r !== 0n && s !== 0n) {
      return derSignature(r, s);
    }
  }
}

/** Whether a DER signature is that of the digest (FIPS 186-5 §6.4.2). */
export function verifyDigest(digest: Buffer, signature: Buffer, publicKey: KeyObject): boolean {
  const [r = 0n, s = 0n] = readDerSignature(signature) ?? [];
  if (r <= 0n || r >= n || s <= 0n || s >= n) {
    return false;
  }
  const w = inverse(s, n);
  const sum = add(
    multiply(modulo(fromBytes(digest) * w, n), generator),
    multiply(modulo(r * w, n), publicPoint(publicKey.export({ format: 'jwk' }))),
  );
  return sum !== undefined && modulo(sum.x, n) === r;
}

const modulo = (value: bigint, modulus: bigint): bigint => ((value % modulus) + modulus) % modulus;
const fromBytes = (bytes: Buffer): bigint => BigInt(`0x${bytes.toString('hex')}`);
const fromBase64Url = (text: string | undefined): bigint => fromBytes(Buffer.from(text ?? '', 'base64url'));
const publicPoint = (jwk: JsonWebKey): Point => ({ x: fromBase64Url(jwk.x), y: fromBase64Url(jwk.y) });

/** The modular inverse by the extended Euclidean algorithm. */
function inverse(value: bigint, modulus: bigint): bigint {
  let [previous, current] = [modulus, modulo(value, modulus)];
  let [previousFactor, factor] = [0n, 1n];
  while (current !== 0n) {
    const quotient = previous / current;
    [previous, current] = [current, previous - quotient * current];
    [previousFactor, factor] = [factor, previousFactor - quotient * factor];
  }
  return modulo(previousFactor, modulus);
}

/** The sum of two points; undefined stands for the point at infinity. */
function add(left: Point | undefined, right: Point | undefined): Point | undefined {
  if (left === undefined || right === undefined) {
    return left ?? right;
  }
  if (left.x === right.x && (left.y !== right.y || left.y === 0n)) {
    return undefined;
  }
  const slope =
    left.x === right.x
      ? modulo((3n * left.x * left.x + a) * inverse(2n * left.y, p), p)
      : modulo((right.y - left.y) * inverse(right.x - left.x, p), p);
  const x = modulo(slope * slope - left.x - right.x, p);
  return { x, y: modulo(slope * (left.x - x) - left.y, p) };
}

function multiply(scalar: bigint, point: Point): Point | undefined {
  let sum: Point | undefined;
  let double: Point | undefined = point;
  for (let rest = scalar; rest > 0n; rest >>= 1n) {
    if ((rest & 1n) === 1n) {
      sum = add(sum, double);
    }
    double = add(double, double);
  }
  return sum;
}

function derSignature(r: bigint, s: bigint): Buffer {
  const body = Buffer.concat([derInteger(r), derInteger(s)]);
  return Buffer.concat([Buffer.from([0x30, body.length]), body]);
}

function derInteger(value: bigint): Buffer {
  const hex = value.toString(16);
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  const padded = (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes;
  return Buffer.concat([Buffer.from([0x02, padded.length]), padded]);
}

/** The two integers, or undefined for anything but their one DER form. */
function readDerSignature(signature: Buffer): [bigint, bigint] | undefined {
  const rLength = signature[3] ?? 0;
  const r = signature.subarray(4, 4 + rLength);
  const sLength = signature[5 + rLength] ?? 0;
  const s = signature.subarray(6 + rLength, 6 + rLength + sLength);
  if (rLength === 0 || sLength === 0 || rLength > 33 || sLength > 33) {
    return undefined;
  }
  const values: [bigint, bigint] = [fromBytes(r), fromBytes(s)];
  return derSignature(...values).equals(signature) ? values : undefined;
}
