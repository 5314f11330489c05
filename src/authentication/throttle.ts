import type { Attempts, CountedAttempt } from '../entities/sign-in-attempts.ts';

/** How attempts under one name are slowed down. */
export interface Pace {
  /** Attempts that cost no waiting. */
  readonly free: number;
  /** Seconds after which one attempt is forgiven. */
  readonly forgivenAfterSeconds: number;
}

/**
 * An account is guarded closely; an address less, since a whole office may share one. A browser that its user has signed
 * in with before is counted by itself, so that no stranger's attempts slow it down (OWASP, device cookies).
 */
export const paces = {
  account: { free: 5, forgivenAfterSeconds: 1800 },
  address: { free: 30, forgivenAfterSeconds: 60 },
  device: { free: 10, forgivenAfterSeconds: 300 },
  'second-factor': { free: 5, forgivenAfterSeconds: 1800 },
} as const satisfies Readonly<Record<string, Pace>>;

const firstDelaySeconds = 2;
/** Whatever a stranger does, the next attempt is at most this far away. */
const longestDelaySeconds = 900;

/** Seconds to wait after so many attempts: none while they are free, then twice as long each time, up to the longest. */
export function delaySeconds(count: number, { free }: Pace): number {
  // Time forgives by fractions; what is left of the last second forgives nothing.
  const over = Math.round(count) - free;
  return over < 0 ? 0 : Math.min(longestDelaySeconds, firstDelaySeconds * 2 ** over);
}

/** What one more attempt under a name comes to: the counter as it is to be, or the seconds to wait first. */
export function oneMore(
  { counter, before, pace }: { readonly counter: string; readonly before: Attempts | undefined; readonly pace: Pace },
  now: number,
): { readonly counted: CountedAttempt } | { readonly retryAfterSeconds: number } {
  const sinceLast = before === undefined ? 0 : Math.max(0, now - before.at) / 1000;
  const left = (before === undefined ? 0 : delaySeconds(before.count, pace)) - sinceLast;
  if (left > 0) return { retryAfterSeconds: Math.ceil(left) };
  const forgiven = sinceLast / pace.forgivenAfterSeconds;
  const count = Math.max(0, (before?.count ?? 0) - forgiven) + 1;
  return { counted: { counter, before, after: { count, at: now, version: (before?.version ?? 0) + 1 } } };
}
