import type { RandomBytes } from './identifiers.ts';
import { bodyOf, newRecognizableSecret } from './recognizable-secret.ts';

/** A client secret: `lks_`, 43 random characters of base 62 (256 bits) and a checksum of 6. */
const prefix = 'lks';

/** A new secret of 256 random bits. */
export function newClientSecret(randomBytes: RandomBytes): string {
  return newRecognizableSecret(prefix, randomBytes);
}

/** Whether the text has the form of a client secret with its checksum: one mistyped or cut off has not. */
export function hasValidChecksum(secret: string): boolean {
  return bodyOf(prefix, secret)?.length === 43;
}
