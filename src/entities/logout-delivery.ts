import type { Session } from './session.ts';

/**
 * A session that ended, and the clients that are still to be told of it (OIDC Back-Channel Logout 1.0 §2). It is written
 * in the transaction that ends the session, so that none is forgotten; whether a client wants to be told is looked at
 * when its turn comes.
 */
export interface LogoutDelivery {
  readonly tenant: string;
  readonly userId: string;
  readonly sessionId: string;
  /** Those that have not said yet that they know. */
  readonly clientIds: readonly string[];
  /** ISO 8601, UTC, milliseconds: when the session ended. */
  readonly endedAt: string;
  /** How often it was begun to tell them. */
  readonly attempts: number;
  /** ISO 8601; not before then. */
  readonly dueAt: string;
}

/** What there is to tell of a session that ends. */
export function deliveryOf(
  session: Pick<Session, 'tenant' | 'userId' | 'id'>,
  clientIds: readonly string[],
  endedAt: string,
): LogoutDelivery {
  const { tenant, userId, id } = session;
  return { tenant, userId, sessionId: id, clientIds, endedAt, attempts: 0, dueAt: endedAt };
}

const minute = 60_000;

/** How long after the first, second … attempt the next one comes, in milliseconds; the last delay is repeated. */
const delays = [minute, 5 * minute, 15 * minute, 60 * minute, 3 * 60 * minute, 6 * 60 * minute];

/** After this long nobody is told any more, in milliseconds. */
const giveUpAfter = 24 * 60 * minute;

/**
 * The delivery as it stands while it is attempted at `now`, due again should nothing be heard of this attempt.
 */
export function attempted(delivery: LogoutDelivery, now: number): LogoutDelivery {
  const delay = delays[Math.min(delivery.attempts, delays.length - 1)] ?? minute;
  return { ...delivery, attempts: delivery.attempts + 1, dueAt: new Date(now + delay).toISOString() };
}

/** Whether there will be no further attempt. */
export function isLastAttempt({ endedAt, dueAt }: LogoutDelivery): boolean {
  return Date.parse(dueAt) > Date.parse(endedAt) + giveUpAfter;
}

export interface LogoutDeliveryStore {
  /** Those due at `now`, the longest due first, at most so many. */
  due(now: number, limit: number): Promise<readonly LogoutDelivery[]>;
  /**
   * Takes it for one attempt: nobody else does at the same time.
   *
   * @returns whether this call did
   */
  take(before: LogoutDelivery, after: LogoutDelivery): Promise<boolean>;
  /** Keeps who is still to be told; with nobody left it is gone. Only where `taken` is still what is stored. */
  settle(taken: LogoutDelivery, remaining: readonly string[]): Promise<void>;
}
