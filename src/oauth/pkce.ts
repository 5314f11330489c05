import { hash, timingSafeEqual } from 'node:crypto';

/** RFC 7636 §4.1. */
const verifierForm = /^[A-Za-z0-9\-._~]{43,128}$/;

/**
 * Whether a code verifier is the one that the challenge was made from (RFC 7636 §4.6, method S256), in a time that does
 * not depend on where it differs. A request without a challenge must come without a verifier (RFC 9700 §4.8.2).
 */
export function provesChallenge(verifier: string | undefined, challenge: string | undefined): boolean {
  if (challenge === undefined || verifier === undefined) return challenge === verifier;
  if (!verifierForm.test(verifier)) return false;
  const given = Buffer.from(hash('sha256', verifier, 'base64url'));
  const kept = Buffer.from(challenge);
  return given.length === kept.length && timingSafeEqual(given, kept);
}
