import { createHash } from 'node:crypto';
import { isPublished, type SigningKey } from '../entities/signing-key.ts';

/**
 * How long verifiers may keep the key set, in seconds. A `next` key stays unused for longer than this, so that whoever
 * verifies has it when it begins to sign.
 */
export const keySetMaxAgeSeconds = 300;

/** A key set as it is sent. */
export interface KeySet {
  /** RFC 7517 §5. */
  readonly body: string;
  /** A strong entity tag (RFC 9110 §8.8.3): the same keys have the same tag. */
  readonly entityTag: string;
}

/** The published keys: those that may have signed a live token, and the next one. */
export function keySetOf(
  signingKeys: readonly Pick<SigningKey, 'kid' | 'algorithm' | 'publicJwk' | 'state'>[],
): KeySet {
  const keys = signingKeys
    .filter(isPublished)
    .map(({ kid, algorithm, publicJwk }) => ({ ...publicJwk, kid, alg: algorithm, use: 'sig' }))
    .sort((one, other) => (one.kid < other.kid ? -1 : 1));
  const body = JSON.stringify({ keys });
  return { body, entityTag: `"${createHash('sha256').update(body).digest('base64url')}"` };
}

/** Whether `If-None-Match` names the tag; compared weakly (RFC 9110 §13.1.2). */
export function isUnchanged(entityTag: string, ifNoneMatch: string | undefined): boolean {
  if (ifNoneMatch === undefined) return false;
  const tags = ifNoneMatch.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return tags.includes(entityTag) || tags.includes('*');
}
