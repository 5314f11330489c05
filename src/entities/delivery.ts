import type { AuditEvent } from './audit-event.ts';
import type { Endpoint } from './endpoint.ts';
import type { FetchFailure } from './fetch-failed.ts';
import type { OutgoingEvent } from './outgoing-event.ts';

/**
 * `pending`: waits, or is tried again. `delivered`: the endpoint said so. `failed`: tried for a day in vain. `withheld`:
 * the integration may not know of it any more, or the endpoint is a later one.
 */
export type DeliveryState = 'pending' | 'delivered' | 'failed' | 'withheld';

/** One request, and what came back. */
export interface Attempt {
  /** ISO 8601, when it was sent. */
  readonly at: string;
  readonly durationMilliseconds: number;
  /** Absent where there was no answer. */
  readonly status?: number | undefined;
  /** Why there was none. */
  readonly fault?: FetchFailure | undefined;
  /** The beginning of the answer's body, without what we sent as a secret. */
  readonly answer?: string | undefined;
}

/** One event on its way to one endpoint. */
export interface Delivery {
  readonly tenant: string;
  readonly clientId: string;
  /** `dlv_…`, the same for the same event: made twice it is one. */
  readonly id: string;
  readonly event: OutgoingEvent;
  readonly state: DeliveryState;
  /** The latest of them, in order. */
  readonly attempts: readonly Attempt[];
  readonly attemptCount: number;
  /** ISO 8601; while it is pending, not before then. */
  readonly dueAt: string;
  /** When the day begins for which it is tried; absent before the first attempt. */
  readonly triedSince?: string | undefined;
  /** Counts changes; each is conditional on the version it was decided on. */
  readonly version: number;
}

/** What waits in the queue of one endpoint: enough to find whose turn it is. */
export interface PendingDelivery {
  readonly id: string;
  readonly object: string;
  readonly sequence: number;
  readonly dueAt: string;
}

/** How the deliveries to one endpoint stand. */
export interface DeliveryQueue {
  readonly tenant: string;
  readonly clientId: string;
  /** Counts what came in, so that what comes in while the queue is worked on is not overlooked. */
  readonly arrivals: number;
  /** Who works on it; absent: nobody. */
  readonly lease?: { readonly id: string; readonly until: string } | undefined;
  /** Faults of the whole endpoint in a row: unreachable, too slow, overloaded. */
  readonly failures: number;
  /** ISO 8601; nothing is sent before then. */
  readonly notBefore?: string | undefined;
  /** Until when it was last left alone because its tenant is suspended: deliveries have a day from then on. */
  readonly heldUntil?: string | undefined;
  /** Since when every attempt failed; absent where the last one did not. */
  readonly failingSince?: string | undefined;
  /** Whether the last answer took so long that others should not wait for the next one. */
  readonly slow: boolean;
  /** After which object the next run goes on, where there were too many to look at. */
  readonly goOnAfter?: string | undefined;
  /** The resumption of the endpoint after which all that waited was looked at. */
  readonly resumption?: string | undefined;
}

/** A delivery of the event that was not tried yet. */
export function newDelivery(event: OutgoingEvent, clientId: string): Delivery {
  const { tenant, id, at } = event;
  return {
    tenant,
    clientId,
    id: deliveryIdOf(id),
    event,
    state: 'pending',
    attempts: [],
    attemptCount: 0,
    dueAt: at,
    version: 1,
  };
}

/** `dlv_` and the event's own part. */
export function deliveryIdOf(eventId: string): string {
  return `dlv_${eventId.slice('ntf_'.length)}`;
}

/** What an id of a delivery looks like, wherever it comes from. */
export const deliveryIdPattern = /^dlv_[0-9A-Za-z]{24}$/;

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** How long after the first, second … failure the next attempt comes, in milliseconds; the last delay is repeated. */
const delays = [5 * second, 30 * second, 2 * minute, 10 * minute, 30 * minute, hour];

/** The longest that `Retry-After` is heeded, in milliseconds. */
const longestRetryAfter = hour;

/**
 * When to try again, in milliseconds since the epoch.
 *
 * @param failures how many came before this one
 * @param retryAfter what the endpoint asked for, in seconds
 * @param jitter from 0 to 1, so that many who failed together do not come back together
 */
export function retryAt(now: number, failures: number, retryAfter: number | undefined, jitter: number): number {
  const delay = delays[Math.min(failures, delays.length - 1)] ?? hour;
  const asked = Math.min((retryAfter ?? 0) * second, longestRetryAfter);
  return now + Math.max(delay * (1 + jitter / 5), asked);
}

/** Attempts that are kept in the log. */
const attemptsKept = 20;

/** The delivery after an attempt that began at `attempt.at`. */
export function attempted(before: Delivery, attempt: Attempt, state: DeliveryState, dueAt: number): Delivery {
  return {
    ...before,
    state,
    attempts: [...before.attempts, attempt].slice(-attemptsKept),
    attemptCount: before.attemptCount + 1,
    dueAt: new Date(dueAt).toISOString(),
    triedSince: before.triedSince ?? attempt.at,
  };
}

/**
 * Whether the day for which the endpoint, or one delivery to it, may fail is over. A new endpoint has its day anew, and so
 * has one that was resumed or whose tenant was suspended meanwhile.
 *
 * @param since ISO 8601, since when it fails
 */
export function isDayOver(
  since: string,
  { createdAt, resumedAt = createdAt }: Endpoint,
  { heldUntil = createdAt }: DeliveryQueue,
  now: number,
): boolean {
  const begins = [since, resumedAt, heldUntil].map((at) => Date.parse(at));
  return now >= Math.max(...begins) + day;
}

/** The delivery to be sent once more, whatever became of it. */
export function sentAgain(before: Delivery, now: number): Delivery {
  const { triedSince: _, ...rest } = before;
  return { ...rest, state: 'pending', dueAt: new Date(now).toISOString() };
}

/** The queues of all endpoints, and the log. */
export interface DeliveryStore {
  /**
   * Puts the event into the endpoint's queue.
   *
   * @returns whether it was not there already
   */
  enqueue(delivery: Delivery): Promise<boolean>;
  /** Those of the integrations whose logs do not have the event. At most 100 integrations in one call. */
  withoutIt(event: OutgoingEvent, clientIds: readonly string[]): Promise<readonly string[]>;
  /** Endpoints with something due at `now`, the longest due first, some moments behind at worst. */
  due(now: number, limit: number): Promise<readonly Pick<DeliveryQueue, 'tenant' | 'clientId'>[]>;
  queue(tenant: string, clientId: string): Promise<DeliveryQueue | undefined>;
  /** Takes the queue for one run: nobody else has it meanwhile. Undefined where somebody has, or there is none. */
  take(
    tenant: string,
    clientId: string,
    lease: { readonly id: string; readonly now: number; readonly until: number },
  ): Promise<DeliveryQueue | undefined>;
  /**
   * Gives the queue back.
   *
   * @param dueAt when to look again, in milliseconds; undefined: when something comes in
   */
  release(taken: DeliveryQueue, dueAt: number | undefined, now: number): Promise<void>;
  /** What waits, in the order of objects and, of one object, of its versions; one page. */
  pending(
    tenant: string,
    clientId: string,
    page: { readonly afterObject?: string | undefined; readonly limit: number },
  ): Promise<{ readonly items: readonly PendingDelivery[]; readonly more: boolean }>;
  /** The first that waits of one object. */
  head(tenant: string, clientId: string, object: string): Promise<PendingDelivery | undefined>;
  get(tenant: string, clientId: string, id: string): Promise<Delivery | undefined>;
  /** Keeps what became of it, in log and queue together; false where somebody else did meanwhile. */
  settle(before: Delivery, after: Delivery): Promise<boolean>;
  /**
   * Puts it into the queue again, with the event that tells of it.
   *
   * @throws ConcurrentChange where it was changed meanwhile
   */
  sendAgain(before: Delivery, after: Delivery, event: AuditEvent): Promise<void>;
  /** Takes it out of the queue where the log has forgotten it. */
  forget(tenant: string, clientId: string, pending: PendingDelivery): Promise<void>;
  /** One page of the log, newest first; `after` is the id of the last one seen. */
  list(
    tenant: string,
    clientId: string,
    page: { readonly limit: number; readonly after?: string },
  ): Promise<{ readonly items: readonly Delivery[]; readonly last?: string }>;
}
