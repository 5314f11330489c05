import { createCipheriv, createDecipheriv, type KeyObject, randomBytes } from 'node:crypto';
import { AwsError } from '../aws/service.ts';

// Version (1 byte) · key id (16) · IV (12) · tag (16) · encrypted text. AWS documents no form, only that the key id is in it.
const version = 1;
const headerBytes = 1 + 16;
const ivBytes = 12;
const tagBytes = 16;

/** Pairs that must be given again for decryption, exactly and case-sensitively, in any order. */
export type EncryptionContext = Readonly<Record<string, string>>;

/** AES-256-GCM with the encryption context as additional authenticated data. */
export function seal(keyId: string, secret: KeyObject, plaintext: Buffer, context: EncryptionContext): Buffer {
  const iv = randomBytes(ivBytes);
  const header = Buffer.concat([Buffer.from([version]), Buffer.from(keyId.replaceAll('-', ''), 'hex')]);
  const cipher = createCipheriv('aes-256-gcm', secret, iv).setAAD(authenticatedData(header, context));
  const encrypted = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  return Buffer.concat([header, iv, cipher.getAuthTag(), encrypted]);
}

/** @throws {AwsError} `InvalidCiphertextException` for a changed text or another context. */
export function open(blob: Buffer, secret: KeyObject, context: EncryptionContext): Buffer {
  const iv = blob.subarray(headerBytes, headerBytes + ivBytes);
  const tag = blob.subarray(headerBytes + ivBytes, headerBytes + ivBytes + tagBytes);
  const decipher = createDecipheriv('aes-256-gcm', secret, iv, { authTagLength: tagBytes });
  decipher.setAAD(authenticatedData(blob.subarray(0, headerBytes), context)).setAuthTag(tag);
  try {
    return Buffer.concat([decipher.update(blob.subarray(headerBytes + ivBytes + tagBytes)), decipher.final()]);
  } catch {
    throw new AwsError('InvalidCiphertextException', '');
  }
}

/** The id of the key that a ciphertext was made with. @throws {AwsError} `InvalidCiphertextException` */
export function keyIdOf(blob: Buffer): string {
  if (blob[0] !== version || blob.length < headerBytes + ivBytes + tagBytes) {
    throw new AwsError('InvalidCiphertextException', '');
  }
  return blob.toString('hex', 1, headerBytes).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

function authenticatedData(header: Buffer, context: EncryptionContext): Buffer {
  const pairs = Object.entries(context).sort(([left], [right]) => (left < right ? -1 : 1));
  return Buffer.concat([header, Buffer.from(JSON.stringify(pairs))]);
}
