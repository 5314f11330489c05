import { hash } from 'node:crypto';
import type { User } from './user.ts';
import type { UserCredentials } from './user-credentials.ts';

/**
 * How many attempts were counted lately under a name: an account as it was typed, an address, a browser that a user has
 * signed in with before, a user's second factor.
 */
export interface Attempts {
  /** Made, less those that time has forgiven. */
  readonly count: number;
  /** Milliseconds since the epoch; when the last one was counted. */
  readonly at: number;
  /** Counts changes; each is conditional on the version it was decided on. */
  readonly version: number;
}

/** What attempts are counted under. */
export type Counted =
  | { readonly kind: 'account'; readonly folded: string }
  | { readonly kind: 'address'; readonly address: string }
  | { readonly kind: 'device'; readonly userId: string; readonly device: string }
  | { readonly kind: 'second-factor'; readonly userId: string };

/** The name of a counter: a hash, since what is typed, addresses and what browsers hold are no parts of keys. */
export function counterName(counted: Counted): string {
  return hash('sha256', JSON.stringify(Object.values(counted)), 'base64url');
}

/** One counter's change. */
export interface CountedAttempt {
  readonly counter: string;
  readonly before: Attempts | undefined;
  readonly after: Attempts;
}

/** All that a sign-in is decided on. */
export interface SignInState {
  readonly user: User | undefined;
  readonly credentials: UserCredentials | undefined;
  /** By the counter's name; absent where nothing was counted. */
  readonly attempts: ReadonlyMap<string, Attempts>;
}

export interface SignInAttemptsStore {
  /** One round trip, strongly consistent, by exact keys: as many whether the user exists or not. */
  read(tenant: string, userId: string, counters: readonly string[]): Promise<SignInState>;
  /**
   * Counts one attempt under each of the names, all of it or nothing.
   *
   * @throws ConcurrentChange where others were counted since they were read
   */
  count(tenant: string, attempts: readonly CountedAttempt[]): Promise<void>;
  /** An attempt that was right is taken off again; where the counter is gone, nothing happens. */
  forgive(tenant: string, counters: readonly string[]): Promise<void>;
  /** A browser that the user signed in with: from now on its attempts are counted apart. */
  knowDevice(tenant: string, counter: string, now: number): Promise<void>;
}
