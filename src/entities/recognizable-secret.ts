import { hash, timingSafeEqual } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { type RandomBytes, randomText } from './identifiers.ts';

/**
 * Secrets that scanners recognize without a call when they leak, as those of GitHub's tokens: a prefix, a body of base 62
 * and a checksum of six characters over the body.
 */

const checksumLength = 6;
const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** CRC-32 of the body in base 62, padded to six characters (62^6 exceeds 2^32). */
function checksumOf(body: string): string {
  let text = '';
  for (let rest = crc32(body); text.length < checksumLength; rest = Math.floor(rest / 62)) {
    text = alphabet[rest % 62] + text;
  }
  return text;
}

/** `lks_` and the like, the body, and its checksum. */
export function recognizable(prefix: string, body: string): string {
  return `${prefix}_${body}${checksumOf(body)}`;
}

/** A new secret of 256 random bits. */
export function newRecognizableSecret(prefix: string, randomBytes: RandomBytes): string {
  return recognizable(prefix, randomText(randomBytes, 43));
}

/** The body of a secret with this prefix, or undefined where prefix or checksum are wrong: mistyped, or cut off. */
export function bodyOf(prefix: string, secret: string): string | undefined {
  const found = /^([a-z]{3})_([0-9A-Za-z]+)([0-9A-Za-z]{6})$/.exec(secret);
  const [, foundPrefix, body = '', checksum] = found ?? [];
  return foundPrefix === prefix && checksum === checksumOf(body) ? body : undefined;
}

/**
 * What is kept to compare with: SHA-256 in base64url. The secret is random and long, so that nothing slower would
 * protect it better.
 */
export function hashOf(secret: string): string {
  return hash('sha256', secret, 'base64url');
}

/** Whether `secret` is the one that was hashed, in a time that does not depend on where they differ. */
export function matches(secret: string, secretHash: string): boolean {
  const given = hash('sha256', secret, 'buffer');
  const kept = Buffer.from(secretHash, 'base64url');
  return kept.length === given.length && timingSafeEqual(given, kept);
}
