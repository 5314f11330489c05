import { hash, timingSafeEqual } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { type RandomBytes, randomText } from './identifiers.ts';

/**
 * A client secret: `lks_`, 43 random characters of base 62 (256 bits) and a checksum of 6. Prefix and checksum let
 * secret scanners recognize a leaked one without a call, as those of GitHub's tokens do.
 */
const prefix = 'lks_';
const pattern = /^lks_[0-9A-Za-z]{43}[0-9A-Za-z]{6}$/;
const checksumLength = 6;
const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** CRC-32 of the random part in base 62, padded to six characters (62^6 exceeds 2^32). */
function checksumOf(random: string): string {
  let text = '';
  for (let rest = crc32(random); text.length < checksumLength; rest = Math.floor(rest / 62)) {
    text = alphabet[rest % 62] + text;
  }
  return text;
}

/** A new secret of 256 random bits. */
export function newClientSecret(randomBytes: RandomBytes): string {
  const random = randomText(randomBytes, 43);
  return prefix + random + checksumOf(random);
}

/** Whether the text has the form of a client secret with its checksum: one mistyped or cut off has not. */
export function hasValidChecksum(secret: string): boolean {
  if (!pattern.test(secret)) return false;
  return secret.slice(-checksumLength) === checksumOf(secret.slice(prefix.length, -checksumLength));
}

/**
 * What is kept to compare with: SHA-256 in base64url. The secret is random and of 256 bits, so that nothing slower
 * would protect it better.
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
