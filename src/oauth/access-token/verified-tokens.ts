import { isTrusted } from '../../entities/signing-key.ts';
import type { VerifiedToken } from './verifier.ts';

/** Tokens that verified, kept to verify at once when they return; a few megabytes at most. */
const maximumKept = 1_000;

/**
 * The end of a signature: it tells tokens apart as the whole does, and hashing it takes a twentieth of the time. The
 * whole is compared besides, so that nothing rests on it.
 */
const endOf = (token: string) => token.slice(-43);

/** Remembers verified tokens by their exact text; forgets them once they expire or their key is no longer trusted. */
export class VerifiedTokens {
  readonly #byEnd = new Map<string, { readonly token: string; readonly verified: VerifiedToken }>();

  /** @param now seconds since the epoch */
  recall(token: string, now: number): VerifiedToken | undefined {
    const end = endOf(token);
    const kept = this.#byEnd.get(end);
    if (kept === undefined || kept.token !== token) return undefined;
    if (kept.verified.claims.exp > now && isTrusted(kept.verified.key)) return kept.verified;
    this.#byEnd.delete(end);
    return undefined;
  }

  /** The oldest makes room for the newest. */
  keep(token: string, verified: VerifiedToken): void {
    if (!isTrusted(verified.key)) return;
    const [oldest] = this.#byEnd.keys();
    if (oldest !== undefined && this.#byEnd.size >= maximumKept) this.#byEnd.delete(oldest);
    this.#byEnd.set(endOf(token), { token, verified });
  }
}
