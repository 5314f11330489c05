import * as z from 'zod/mini';
import type { Attempt, Delivery, DeliveryQueue, PendingDelivery } from '../../entities/delivery.ts';
import { once } from '../../once.ts';
import type { Action, Item, Key } from './commands.ts';
import { parseOutgoingEvent } from './outgoing-event.ts';
import { table as names, partitionKey } from './table.ts';

export const partitionOf = (tenant: string, clientId: string) => partitionKey('delivery', tenant, clientId);

export const logPrefix = 'dlv_';
export const pendingPrefix = 'PENDING#';

/** Where a delivery lies in its endpoint's log, whose ids are in the order of time. */
export function deliveryKey(tenant: string, clientId: string, id: string): Key {
  return { pk: partitionOf(tenant, clientId), sk: id };
}

/** Where a delivery waits: object by object, and of one object in the order of its versions. */
export function pendingKey(
  tenant: string,
  clientId: string,
  { object, sequence, id }: Omit<PendingDelivery, 'dueAt'>,
): Key {
  const place = [object, String(sequence).padStart(12, '0'), id].join('#');
  return { pk: partitionOf(tenant, clientId), sk: pendingPrefix + place };
}

/** Where it lies how the deliveries to an endpoint stand. */
export function deliveryQueueKey(tenant: string, clientId: string): Key {
  return { pk: partitionOf(tenant, clientId), sk: 'QUEUE' };
}

/** Where it lies that an integration without an endpoint, or one that is gone, may still have a log. */
export function leftLogKey(tenant: string, clientId: string): Key {
  return { pk: partitionKey('delivery', tenant), sk: clientId };
}

/** The partition of the index in which endpoints with something due lie, of all tenants, in the order of time. */
export const duePartition = partitionKey('delivery', 'due');

export const duePosition = (at: number, clientId: string) => `${new Date(at).toISOString()}#${clientId}`;

/** How long a delivery stays in the log after its event, in seconds. */
const keptSeconds = 30 * 86_400;

/** How long the queue stays after the last arrival, in seconds: longer than what arrived, also where that came late. */
export const queueKeptSeconds = keptSeconds + 2 * 86_400;

const inSeconds = (at: number) => Math.ceil(at / 1000);

const attempt = once(() =>
  z.object({
    at: z.string(),
    durationMilliseconds: z.number(),
    status: z.optional(z.number()),
    fault: z.optional(z.enum(['refused', 'redirect', 'too large', 'too slow', 'unreachable'])),
    answer: z.optional(z.string()),
  }),
);

const storedDelivery = once(() =>
  z.object({
    tenant: z.string(),
    clientId: z.string(),
    id: z.string(),
    event: z.record(z.string(), z.unknown()),
    state: z.enum(['pending', 'delivered', 'failed', 'withheld']),
    attempts: z.array(attempt()),
    attemptCount: z.number(),
    dueAt: z.string(),
    triedSince: z.optional(z.string()),
    version: z.number(),
  }),
);

const storedPending = once(() =>
  z.object({ id: z.string(), object: z.string(), sequence: z.number(), dueAt: z.string() }),
);

const storedQueue = once(() =>
  z.object({
    tenant: z.string(),
    clientId: z.string(),
    arrivals: z.number(),
    lease: z.optional(z.object({ id: z.string(), until: z.string() })),
    failures: z._default(z.number(), 0),
    notBefore: z.optional(z.string()),
    heldUntil: z.optional(z.string()),
    failingSince: z.optional(z.string()),
    slow: z._default(z.boolean(), false),
    goOnAfter: z.optional(z.string()),
    resumption: z.optional(z.string()),
  }),
);

export function parseDelivery(item: Item): Delivery {
  const row = z.parse(storedDelivery(), item);
  return { ...row, attempts: row.attempts satisfies readonly Attempt[], event: parseOutgoingEvent(row.event) };
}

export const parsePending = (item: Item): PendingDelivery => z.parse(storedPending(), item);

/** How the deliveries stand, of an item read from {@link deliveryQueueKey}. */
export const parseDeliveryQueue = (item: Item): DeliveryQueue => z.parse(storedQueue(), item);

const epochOf = ({ event }: Delivery) => inSeconds(Date.parse(event.at)) + keptSeconds;

export function deliveryItem(delivery: Delivery): Item {
  const { tenant, clientId, id } = delivery;
  return { ...deliveryKey(tenant, clientId, id), ...delivery, [names.timeToLive]: epochOf(delivery) };
}

export function pendingOf({ id, event, dueAt }: Delivery): PendingDelivery {
  return { id, object: event.object, sequence: event.sequence, dueAt };
}

export function pendingItem(delivery: Delivery): Item {
  const pending = pendingOf(delivery);
  const { tenant, clientId } = delivery;
  return { ...pendingKey(tenant, clientId, pending), ...pending, [names.timeToLive]: epochOf(delivery) };
}

/**
 * Writes down, when an endpoint or its integration goes, that its log stays: the removal of its tenant finds the log by
 * this. It stays longer than the queue of a delivery that is sent again on the last day of the log.
 *
 * @param at ISO 8601
 */
export function leftLogAction(tenant: string, clientId: string, at: string): Action {
  const until = inSeconds(Date.parse(at)) + keptSeconds + queueKeptSeconds;
  return { put: { ...leftLogKey(tenant, clientId), [names.timeToLive]: until } };
}

/** One arrival more in the queue, which is to be looked at then (milliseconds since the epoch). */
export function arrivalAction(tenant: string, clientId: string, dueAt: number): Action {
  return {
    update: deliveryQueueKey(tenant, clientId),
    expression: `SET tenant = :tenant, clientId = :client, arrivals = if_not_exists(arrivals, :none) + :one, ${names.index.partitionKey} = :due, ${names.index.sortKey} = :position, ${names.timeToLive} = :until`,
    values: {
      ':tenant': tenant,
      ':client': clientId,
      ':none': 0,
      ':one': 1,
      ':due': duePartition,
      ':position': duePosition(dueAt, clientId),
      ':until': inSeconds(dueAt) + queueKeptSeconds,
    },
  };
}

/** The queue's row as it is given back, to be looked at then (milliseconds since the epoch). */
export function released(
  { tenant, clientId, failures, notBefore, heldUntil, failingSince, slow, goOnAfter, resumption }: DeliveryQueue,
  dueAt: number | undefined,
) {
  const kept = { notBefore, heldUntil, failingSince, goOnAfter, resumption };
  const set = Object.entries(kept).filter(([, value]) => value !== undefined);
  const gone = Object.entries(kept).filter(([, value]) => value === undefined);
  const index = [names.index.partitionKey, names.index.sortKey];
  const sets = [
    'failures = :failures',
    'slow = :slow',
    ...set.map(([name]) => `${name} = :${name}`),
    ...(dueAt === undefined ? [] : index.map((name) => `${name} = :${name}`)),
  ];
  const removes = ['lease', ...gone.map(([name]) => name), ...(dueAt === undefined ? index : [])];
  return {
    update: deliveryQueueKey(tenant, clientId),
    expression: `SET ${sets.join(', ')} REMOVE ${removes.join(', ')}`,
    values: {
      ':failures': failures,
      ':slow': slow,
      ...Object.fromEntries(set.map(([name, value]) => [`:${name}`, value])),
      ...(dueAt !== undefined && {
        [`:${names.index.partitionKey}`]: duePartition,
        [`:${names.index.sortKey}`]: duePosition(dueAt, clientId),
      }),
    },
  };
}
