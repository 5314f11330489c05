import type { RandomBytes } from '../entities/identifiers.ts';
import { hashOf } from '../entities/recognizable-secret.ts';

/** Letters and digits that nobody mistakes for another: those of Crockford's base 32, 32 of them. */
const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';
const count = 10;
const length = 12;

/** Ten new codes of 60 random bits, as people read them, and what is kept of them. */
export function newRecoveryCodes(randomBytes: RandomBytes): {
  readonly codes: readonly string[];
  readonly hashes: readonly string[];
} {
  const codes = Array.from({ length: count }, () => {
    const text = Array.from(randomBytes(length), (byte) => alphabet[byte % alphabet.length]).join('');
    return `${text.slice(0, 4)}-${text.slice(4, 8)}-${text.slice(8)}`;
  });
  return { codes, hashes: codes.map((code) => hashOfRecoveryCode(code) ?? '') };
}

/** What is kept of a code, however it was typed; undefined where the text is no code. */
export function hashOfRecoveryCode(typed: string): string | undefined {
  const text = typed.toLowerCase().replaceAll(/[\s-]/g, '').replaceAll('o', '0').replaceAll(/[il]/g, '1');
  return new RegExp(`^[${alphabet}]{${length}}$`).test(text) ? hashOf(text) : undefined;
}
