import { createHash, type KeyObject, sign, verify } from 'node:crypto';
import * as ecdsa from './ecdsa-digest.ts';
import * as rsa from './rsa-digest.ts';

/** One of KMS's signing algorithms: what it takes of each message type, and how it signs. */
export interface SigningAlgorithm {
  readonly keySpecs: readonly string[];
  /** The digest it takes of `MessageType` `DIGEST`, and makes of `RAW`; none for EdDSA, which takes `RAW` only. */
  readonly digest?: { readonly hash: string; readonly bytes: number };
  /** Signs the digest, or the message itself where there is none. */
  readonly sign: (input: Buffer, privateKey: KeyObject) => Buffer;
  readonly verify: (input: Buffer, signature: Buffer, publicKey: KeyObject) => boolean;
}

const rsaSpecs = ['RSA_2048', 'RSA_3072', 'RSA_4096'];

const pkcs1 = (hash: rsa.RsaHash): SigningAlgorithm => ({
  keySpecs: rsaSpecs,
  digest: { hash, bytes: rsa.rsaHashes[hash].length },
  sign: (digest, key) => rsa.signPkcs1(hash, digest, key),
  verify: (digest, signature, key) => rsa.verifyPkcs1(hash, digest, signature, key),
});

const pss = (hash: rsa.RsaHash): SigningAlgorithm => ({
  keySpecs: rsaSpecs,
  digest: { hash, bytes: rsa.rsaHashes[hash].length },
  sign: (digest, key) => rsa.signPss(hash, digest, key),
  verify: (digest, signature, key) => rsa.verifyPss(hash, digest, signature, key),
});

/** By name, as `SigningAlgorithm` gives it; ED25519_PH_SHA_512 is KMS's, but not the local run's. */
export const signingAlgorithms: Readonly<Record<string, SigningAlgorithm>> = {
  RSASSA_PKCS1_V1_5_SHA_256: pkcs1('sha256'),
  RSASSA_PKCS1_V1_5_SHA_384: pkcs1('sha384'),
  RSASSA_PKCS1_V1_5_SHA_512: pkcs1('sha512'),
  RSASSA_PSS_SHA_256: pss('sha256'),
  RSASSA_PSS_SHA_384: pss('sha384'),
  RSASSA_PSS_SHA_512: pss('sha512'),
  ECDSA_SHA_256: {
    keySpecs: ['ECC_NIST_P256'],
    digest: { hash: 'sha256', bytes: 32 },
    sign: ecdsa.signDigest,
    verify: ecdsa.verifyDigest,
  },
  ED25519_SHA_512: {
    keySpecs: ['ECC_NIST_EDWARDS25519'],
    sign: (message, key) => sign(null, message, key),
    verify: (message, signature, key) => verify(null, message, key, signature),
  },
};

/** What the algorithm signs of a raw message. */
export function digestOf({ digest }: SigningAlgorithm, message: Buffer): Buffer {
  return digest === undefined ? message : createHash(digest.hash).update(message).digest();
}
