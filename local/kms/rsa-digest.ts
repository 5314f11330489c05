import { constants, createHash, type KeyObject, privateEncrypt, publicDecrypt, randomBytes } from 'node:crypto';

// Node's crypto signs messages, not digests, and KMS takes digests: so the encodings of RFC 8017 §9 are applied here.

/** The hashes of KMS's RSA signing algorithms, with the DER prefix of their DigestInfo (RFC 8017 §9.2, notes). */
export const rsaHashes = {
  sha256: { length: 32, digestInfo: Buffer.from('3031300d060960864801650304020105000420', 'hex') },
  sha384: { length: 48, digestInfo: Buffer.from('3041300d060960864801650304020205000430', 'hex') },
  sha512: { length: 64, digestInfo: Buffer.from('3051300d060960864801650304020305000440', 'hex') },
} as const;

export type RsaHash = keyof typeof rsaHashes;

/** RSASSA-PKCS1-v1_5 over a digest (RFC 8017 §8.2.1). */
export function signPkcs1(hash: RsaHash, digest: Buffer, key: KeyObject): Buffer {
  const encoded = Buffer.concat([rsaHashes[hash].digestInfo, digest]);
  return privateEncrypt({ key, padding: constants.RSA_PKCS1_PADDING }, encoded);
}

/** RFC 8017 §8.2.2 */
export function verifyPkcs1(hash: RsaHash, digest: Buffer, signature: Buffer, key: KeyObject): boolean {
  const decoded = openedSignature(key, constants.RSA_PKCS1_PADDING, signature);
  return decoded?.equals(Buffer.concat([rsaHashes[hash].digestInfo, digest])) ?? false;
}

/** RSASSA-PSS over a digest, salt as long as the hash, as KMS does it (RFC 8017 §8.1.1, §9.1.1). */
export function signPss(hash: RsaHash, digest: Buffer, key: KeyObject): Buffer {
  const size = modulusBytes(key);
  const salt = randomBytes(rsaHashes[hash].length);
  const h = pssHash(hash, digest, salt);
  const block = Buffer.concat([Buffer.alloc(size - salt.length - h.length - 2), Buffer.from([1]), salt]);
  const masked = xor(block, mask(hash, h, block.length));
  masked.writeUInt8(masked.readUInt8(0) & 0x7f, 0);
  return privateEncrypt({ key, padding: constants.RSA_NO_PADDING }, Buffer.concat([masked, h, Buffer.from([0xbc])]));
}

/** RFC 8017 §8.1.2, §9.1.2 */
export function verifyPss(hash: RsaHash, digest: Buffer, signature: Buffer, key: KeyObject): boolean {
  const encoded = openedSignature(key, constants.RSA_NO_PADDING, signature);
  const { length } = rsaHashes[hash];
  if (encoded === undefined || encoded.at(-1) !== 0xbc || encoded.readUInt8(0) > 0x7f) {
    return false;
  }
  const masked = encoded.subarray(0, -length - 1);
  const h = encoded.subarray(-length - 1, -1);
  const block = xor(masked, mask(hash, h, masked.length));
  block.writeUInt8(block.readUInt8(0) & 0x7f, 0);
  const salt = block.subarray(-length);
  const padding = Buffer.concat([Buffer.alloc(block.length - length - 1), Buffer.from([1])]);
  return block.subarray(0, -length).equals(padding) && pssHash(hash, digest, salt).equals(h);
}

const modulusBytes = (key: KeyObject): number => (key.asymmetricKeyDetails?.modulusLength ?? 0) / 8;

/** What the public key opens a signature to; undefined where it is none of this key's. */
function openedSignature(key: KeyObject, padding: number, signature: Buffer): Buffer | undefined {
  try {
    return publicDecrypt({ key, padding }, signature);
  } catch {
    return undefined;
  }
}

const pssHash = (hash: RsaHash, digest: Buffer, salt: Buffer): Buffer =>
  createHash(hash).update(Buffer.alloc(8)).update(digest).update(salt).digest();

/** MGF1 (RFC 8017 §B.2.1). */
function mask(hash: RsaHash, seed: Buffer, length: number): Buffer {
  const blocks = Array.from({ length: Math.ceil(length / rsaHashes[hash].length) }, (_, index) => {
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(index);
    return createHash(hash).update(seed).update(counter).digest();
  });
  return Buffer.concat(blocks).subarray(0, length);
}

const xor = (left: Buffer, right: Buffer): Buffer => Buffer.from(left.map((byte, index) => byte ^ (right[index] ?? 0)));
