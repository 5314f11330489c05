import {
  attempted,
  type Delivery,
  type DeliveryQueue,
  type DeliveryStore,
  isDayOver,
  type PendingDelivery,
  retryAt,
} from '../entities/delivery.ts';
import type { Endpoint, EndpointReader } from '../entities/endpoint.ts';
import { type AttemptPorts, attemptOf, type Outcome } from './attempt.ts';
import { type AudiencePorts, tellingOf } from './fan-out.ts';

export interface QueueRunPorts extends AttemptPorts, AudiencePorts {
  readonly endpoints: EndpointReader;
  readonly deliveries: DeliveryStore;
  /** Pauses the endpoint, and tells the administrators; false where it was changed meanwhile. */
  readonly pause: (endpoint: Endpoint, reason: PauseReason) => Promise<boolean>;
  /** From 0 to 1. */
  readonly jitter: () => number;
  /** A new id of a lease. */
  readonly newLeaseId: () => string;
}

/** `failing`: for a day every attempt failed. `gone`: it answered 410. */
export type PauseReason = 'failing' | 'gone';

/** How long a run may hold a queue, in milliseconds: longer than its function lives. */
const leaseTime = 90_000;

/** Objects whose turn is looked at in one run; the next one goes on behind them. */
const headsAtMost = 500;
const pageSize = 100;

/** When a run that found nothing to send leaves the objects that it did not look at to the next one, in milliseconds. */
const unseenAfter = 30_000;

/** Objects of one endpoint that are told of at the same time. */
const atOnce = 5;

/** How long the queue of a suspended tenant is left alone, in milliseconds; so late what waits is sent once it is restored. */
const suspendedFor = 10 * 60_000;

/** An answer after this long makes the endpoint a slow one, in milliseconds: it is told by schedule alone. */
const slowAfter = 1_000;

/**
 * Sends what is due to one endpoint: of each object the first that waits, and the next one once it has arrived. An object
 * whose first is refused waits; the others go on.
 *
 * @param until milliseconds since the epoch; nothing is begun after it
 * @param eager whether it is done while others wait: not for an endpoint that fails or is slow
 * @returns whether this run had the queue
 */
export async function runQueue(
  tenant: string,
  clientId: string,
  ports: QueueRunPorts,
  { until, eager }: { readonly until: number; readonly eager: boolean },
): Promise<boolean> {
  const { clock, deliveries } = ports;
  if (eager) {
    const queue = await deliveries.queue(tenant, clientId);
    if (queue === undefined || queue.slow || queue.failingSince !== undefined) return false;
  }
  const now = clock.now();
  const taken = await deliveries.take(tenant, clientId, { id: ports.newLeaseId(), now, until: now + leaseTime });
  if (taken === undefined) return false;
  const run = new QueueRun(taken, ports, until);
  try {
    await run.work();
  } finally {
    await deliveries.release(run.queue, run.dueAt, clock.now());
  }
  return true;
}

class QueueRun {
  /** As it is to be given back. */
  queue: DeliveryQueue;
  /** When it is to be looked at again; undefined: when something comes in. */
  dueAt: number | undefined;
  readonly #ports: QueueRunPorts;
  readonly #until: number;
  /** Set where nothing more is to be sent in this run. */
  #over = false;
  #sent = 0;
  #endpoint: Endpoint | undefined;

  constructor(queue: DeliveryQueue, ports: QueueRunPorts, until: number) {
    this.queue = queue;
    this.#ports = ports;
    this.#until = until;
    // Should the run fail half-way, the next one finds it due.
    this.dueAt = ports.clock.now();
  }

  async work(): Promise<void> {
    const { notBefore, resumption, ...queue } = this.queue;
    const { tenant, clientId } = queue;
    this.#endpoint = await this.#ports.endpoints.get(tenant, clientId);
    const { clock } = this.#ports;
    if (this.#isStopped()) {
      this.dueAt = undefined;
      return;
    }
    // Once it is resumed, nothing that waits has to wait longer.
    const resumedAt = this.#endpoint?.resumedAt;
    const isResumed = resumedAt !== undefined && resumedAt !== resumption;
    if (isResumed) this.queue = { ...queue, resumption: resumedAt };
    else if (notBefore !== undefined && Date.parse(notBefore) > clock.now()) {
      this.dueAt = Date.parse(notBefore);
      return;
    }
    const { heads, goOnAfter } = await this.#heads();
    const later: number[] = [];
    const due = heads.filter(({ dueAt }) => isResumed || Date.parse(dueAt) <= clock.now());
    later.push(...heads.filter((head) => !due.includes(head)).map(({ dueAt }) => Date.parse(dueAt)));
    // Who waits longest first, so that what fails again and again does not stand before the others.
    due.sort((one, other) => (one.dueAt < other.dueAt ? -1 : 1));
    const workers = Array.from({ length: atOnce }, async () => {
      for (let head = due.shift(); head !== undefined; head = due.shift()) {
        const next = await this.#object(head);
        if (next !== undefined) later.push(next);
      }
    });
    await Promise.all(workers);
    if (this.#isStopped()) this.dueAt = undefined;
    else this.#lookAgain(later, goOnAfter);
  }

  /** Whether nothing is to be sent until somebody says so. */
  #isStopped(): boolean {
    return this.#endpoint === undefined || this.#endpoint.status === 'paused';
  }

  #lookAgain(later: number[], goOnAfter: string | undefined): void {
    const { notBefore, goOnAfter: from, ...queue } = this.queue;
    const earliest = notBefore === undefined ? 0 : Date.parse(notBefore);
    // Where not all objects were looked at, the rest is next; then from the beginning again.
    const unseen = goOnAfter !== undefined || from !== undefined;
    if (unseen) later.push(this.#ports.clock.now() + (this.#sent > 0 ? 0 : unseenAfter));
    const soonest = later.length === 0 ? undefined : Math.min(...later);
    this.queue = {
      ...queue,
      ...(notBefore !== undefined && { notBefore }),
      ...(goOnAfter !== undefined && { goOnAfter }),
    };
    this.dueAt = soonest === undefined ? undefined : Math.max(soonest, earliest);
  }

  /** The first that waits of each object, as many as one run looks at. */
  async #heads(): Promise<{ readonly heads: readonly PendingDelivery[]; readonly goOnAfter: string | undefined }> {
    const { tenant, clientId } = this.queue;
    const heads: PendingDelivery[] = [];
    let afterObject = this.queue.goOnAfter;
    for (;;) {
      const { items, more } = await this.#ports.deliveries.pending(tenant, clientId, { afterObject, limit: pageSize });
      for (const item of items) if (heads.at(-1)?.object !== item.object) heads.push(item);
      afterObject = heads.at(-1)?.object;
      if (!more || items.length === 0) return { heads, goOnAfter: undefined };
      if (heads.length >= headsAtMost) return { heads, goOnAfter: afterObject };
    }
  }

  /**
   * Sends what waits of one object until something stands in the way.
   *
   * @returns when to look at the object again; undefined where nothing waits
   */
  async #object(first: PendingDelivery): Promise<number | undefined> {
    const { tenant, clientId } = this.queue;
    const { clock, deliveries } = this.#ports;
    for (let head: PendingDelivery | undefined = first; head !== undefined; ) {
      if (this.#over || clock.now() >= this.#until) return Date.parse(head.dueAt);
      const delivery = await deliveries.get(tenant, clientId, head.id);
      if (delivery === undefined) await deliveries.forget(tenant, clientId, head);
      else {
        const after = await this.#attempt(delivery);
        if (after?.state === 'pending') return Date.parse(after.dueAt);
      }
      head = await deliveries.head(tenant, clientId, first.object);
    }
    return undefined;
  }

  /** One attempt of a delivery, and what becomes of it. */
  async #attempt(before: Delivery): Promise<Delivery | undefined> {
    const { clock, deliveries } = this.#ports;
    const endpoint = this.#endpoint;
    if (endpoint === undefined) return before;
    const { event } = before;
    const isEarlier = event.at < endpoint.createdAt;
    const telling = isEarlier ? 'never' : await tellingOf(event, endpoint.clientId, this.#ports);
    if (telling === 'later') {
      this.#over = true;
      const heldUntil = new Date(clock.now() + suspendedFor).toISOString();
      this.queue = { ...this.queue, notBefore: heldUntil, heldUntil };
      return before;
    }
    if (telling === 'never') {
      const withheld: Delivery = { ...before, state: 'withheld' };
      return (await deliveries.settle(before, withheld)) ? withheld : undefined;
    }
    this.#sent++;
    const outcome = await attemptOf(event, endpoint, this.#ports);
    const now = clock.now();
    const isPaused = await this.#noted(outcome, endpoint, now);
    const after = this.#after(before, outcome, isPaused);
    return (await deliveries.settle(before, after)) ? after : undefined;
  }

  #after(before: Delivery, outcome: Outcome, isPaused: boolean): Delivery {
    const now = this.#ports.clock.now();
    const endpoint = this.#endpoint;
    const { triedSince } = before;
    if (outcome.delivered) return attempted(before, outcome.attempt, 'delivered', now);
    // What a paused endpoint was not told waits until it is resumed.
    const isTried = !isPaused && endpoint !== undefined && triedSince !== undefined;
    if (isTried && isDayOver(triedSince, endpoint, this.queue, now))
      return attempted(before, outcome.attempt, 'failed', now);
    const dueAt = retryAt(now, before.attemptCount, outcome.retryAfter, this.#ports.jitter());
    return attempted(before, outcome.attempt, 'pending', dueAt);
  }

  /** What the attempt says of the endpoint; whether it is paused by now. */
  async #noted(outcome: Outcome, endpoint: Endpoint, now: number): Promise<boolean> {
    const { notBefore: _, failingSince, ...rest } = this.queue;
    const slow = outcome.attempt.durationMilliseconds > slowAfter;
    if (outcome.delivered) {
      this.queue = { ...rest, failures: 0, slow };
      return false;
    }
    const since = failingSince ?? outcome.attempt.at;
    this.queue = { ...rest, failingSince: since, slow };
    if (outcome.endpointFault) {
      const until = retryAt(now, rest.failures, outcome.retryAfter, this.#ports.jitter());
      this.queue = { ...this.queue, failures: rest.failures + 1, notBefore: new Date(until).toISOString() };
      this.#over = true;
    }
    const reason = outcome.gone ? 'gone' : isDayOver(since, endpoint, this.queue, now) ? 'failing' : undefined;
    if (reason === undefined || endpoint.status === 'paused') return endpoint.status === 'paused';
    this.#over = true;
    // An integration that is gone has nobody who would resume it.
    if (endpoint.removedAt !== undefined || !(await this.#ports.pause(endpoint, reason))) return false;
    this.#endpoint = { ...endpoint, status: 'paused' };
    return true;
  }
}
