import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../../ports.ts';

/** What clients of the token endpoint must put into their proofs (RFC 9449 §8), so that none is made in advance. */
export interface DpopNonces {
  /** @throws DependencyUnavailable */
  current(): Promise<string>;
  /**
   * Whether it was given within the last minutes.
   *
   * @throws DependencyUnavailable
   */
  isFresh(nonce: string): Promise<boolean>;
}

/** A nonce is good in the window in which it was given and in the next: for two and a half to five minutes. */
const windowMilliseconds = 150_000;

/**
 * Nonces that nobody keeps: each is an HMAC of its window of time, under a key that is derived for this use alone.
 *
 * @param secret of the deployment, the same in each of its functions
 */
export function dpopNonces(secret: { get(): Promise<Uint8Array> }, clock: Clock): DpopNonces {
  const nonceOf = async (window: number) => {
    const key = createHmac('sha256', await secret.get())
      .update('DPoP nonces of the token endpoint')
      .digest();
    return createHmac('sha256', key).update(String(window)).digest('base64url');
  };
  const thisWindow = () => Math.floor(clock.now() / windowMilliseconds);
  return {
    current: () => nonceOf(thisWindow()),
    async isFresh(nonce) {
      const window = thisWindow();
      const fresh = await Promise.all([nonceOf(window), nonceOf(window - 1)]);
      return fresh.map((expected) => isSame(nonce, expected)).includes(true);
    },
  };
}

function isSame(given: string, expected: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(expected)];
  return one.length === other.length && timingSafeEqual(one, other);
}
