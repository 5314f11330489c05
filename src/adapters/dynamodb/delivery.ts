import * as z from 'zod/mini';
import type { Attempt, Delivery, DeliveryQueue, DeliveryStore, PendingDelivery } from '../../entities/delivery.ts';
import { ConcurrentChange } from '../../entities/errors.ts';
import { auditEventActions } from './audit-event.ts';
import { type Action, ConditionFailed, type Item, isNew, type Key, type Table } from './commands.ts';
import { entityPage } from './entity-page.ts';
import { parseOutgoingEvent } from './outgoing-event.ts';
import { table as names, partitionKey } from './table.ts';

const partitionOf = (tenant: string, clientId: string) => partitionKey('delivery', tenant, clientId);

const logPrefix = 'dlv_';
const pendingPrefix = 'PENDING#';

/** Where a delivery lies in its endpoint's log, whose ids are in the order of time. */
export function deliveryKey(tenant: string, clientId: string, id: string): Key {
  return { pk: partitionOf(tenant, clientId), sk: id };
}

/** Where a delivery waits: object by object, and of one object in the order of its versions. */
function pendingKey(tenant: string, clientId: string, { object, sequence, id }: Omit<PendingDelivery, 'dueAt'>): Key {
  const place = [object, String(sequence).padStart(12, '0'), id].join('#');
  return { pk: partitionOf(tenant, clientId), sk: pendingPrefix + place };
}

/** Where it lies how the deliveries to an endpoint stand. */
export function deliveryQueueKey(tenant: string, clientId: string): Key {
  return { pk: partitionOf(tenant, clientId), sk: 'QUEUE' };
}

/** The partition of the index in which endpoints with something due lie, of all tenants, in the order of time. */
const duePartition = partitionKey('delivery', 'due');

const duePosition = (at: number, clientId: string) => `${new Date(at).toISOString()}#${clientId}`;

/** How long a delivery stays in the log after its event, in seconds. */
const keptSeconds = 30 * 86_400;

const attempt = z.object({
  at: z.string(),
  durationMilliseconds: z.number(),
  status: z.optional(z.number()),
  fault: z.optional(z.enum(['refused', 'redirect', 'too large', 'too slow', 'unreachable'])),
  answer: z.optional(z.string()),
});

const storedDelivery = z.object({
  tenant: z.string(),
  clientId: z.string(),
  id: z.string(),
  event: z.record(z.string(), z.unknown()),
  state: z.enum(['pending', 'delivered', 'failed', 'withheld']),
  attempts: z.array(attempt),
  attemptCount: z.number(),
  dueAt: z.string(),
  triedSince: z.optional(z.string()),
  version: z.number(),
});

const storedPending = z.object({ id: z.string(), object: z.string(), sequence: z.number(), dueAt: z.string() });

const storedQueue = z.object({
  tenant: z.string(),
  clientId: z.string(),
  arrivals: z.number(),
  lease: z.optional(z.object({ id: z.string(), until: z.string() })),
  failures: z._default(z.number(), 0),
  notBefore: z.optional(z.string()),
  failingSince: z.optional(z.string()),
  slow: z._default(z.boolean(), false),
  goOnAfter: z.optional(z.string()),
  resumption: z.optional(z.string()),
});

function parseDelivery(item: Item): Delivery {
  const row = z.parse(storedDelivery, item);
  return { ...row, attempts: row.attempts satisfies readonly Attempt[], event: parseOutgoingEvent(row.event) };
}

const parsePending = (item: Item): PendingDelivery => z.parse(storedPending, item);

/** How the deliveries stand, of an item read from {@link deliveryQueueKey}. */
export const parseDeliveryQueue = (item: Item): DeliveryQueue => z.parse(storedQueue, item);

const epochOf = ({ event }: Delivery) => Math.ceil(Date.parse(event.at) / 1000) + keptSeconds;

function deliveryItem(delivery: Delivery): Item {
  const { tenant, clientId, id } = delivery;
  return { ...deliveryKey(tenant, clientId, id), ...delivery, [names.timeToLive]: epochOf(delivery) };
}

function pendingOf({ id, event, dueAt }: Delivery): PendingDelivery {
  return { id, object: event.object, sequence: event.sequence, dueAt };
}

function pendingItem(delivery: Delivery): Item {
  const pending = pendingOf(delivery);
  const { tenant, clientId } = delivery;
  return { ...pendingKey(tenant, clientId, pending), ...pending, [names.timeToLive]: epochOf(delivery) };
}

/** One arrival more in the queue, which is to be looked at then (milliseconds since the epoch). */
export function arrivalAction(tenant: string, clientId: string, dueAt: number): Action {
  return {
    update: deliveryQueueKey(tenant, clientId),
    expression: `SET tenant = :tenant, clientId = :client, arrivals = if_not_exists(arrivals, :none) + :one, ${names.index.partitionKey} = :due, ${names.index.sortKey} = :position`,
    values: {
      ':tenant': tenant,
      ':client': clientId,
      ':none': 0,
      ':one': 1,
      ':due': duePartition,
      ':position': duePosition(dueAt, clientId),
    },
  };
}

/** Deliveries over the one table. */
export function deliveryStore(table: Table): DeliveryStore {
  return {
    enqueue(delivery) {
      const { tenant, clientId, dueAt } = delivery;
      return again(() =>
        holds(
          table.transact([
            { put: deliveryItem(delivery), condition: isNew },
            { put: pendingItem(delivery) },
            arrivalAction(tenant, clientId, Date.parse(dueAt)),
          ]),
        ),
      );
    },

    async due(now, limit) {
      const to = duePosition(now, '~');
      const { items } = await table.query({ index: true, partition: duePartition, to, limit });
      return items.map(parseDeliveryQueue);
    },

    async queue(tenant, clientId) {
      const item = await table.get(deliveryQueueKey(tenant, clientId));
      return item && parseDeliveryQueue(item);
    },

    async take(tenant, clientId, { id, now, until }) {
      const item = await table.get(deliveryQueueKey(tenant, clientId));
      if (item === undefined) return undefined;
      const before = parseDeliveryQueue(item);
      if (before.lease !== undefined && Date.parse(before.lease.until) > now) return undefined;
      const lease = { id, until: new Date(until).toISOString() };
      const taken = await again(() =>
        holds(
          table.transact([
            {
              update: deliveryQueueKey(tenant, clientId),
              // Due again when the lease ends: a run that is stopped leaves nothing behind that nobody looks at.
              expression: `SET lease = :lease, ${names.index.partitionKey} = :due, ${names.index.sortKey} = :position`,
              values: { ':lease': lease, ':due': duePartition, ':position': duePosition(until, clientId) },
              condition:
                before.lease === undefined
                  ? { expression: 'attribute_exists(pk) AND attribute_not_exists(lease)' }
                  : { expression: 'lease.id = :before', values: { ':before': before.lease.id } },
            },
          ]),
        ),
      );
      return taken ? { ...before, lease } : undefined;
    },

    async release(taken, dueAt, now) {
      const { arrivals, lease } = taken;
      const back = (at: number | undefined, seen: boolean): Promise<boolean> =>
        again(() =>
          holds(
            table.transact([
              {
                ...released(taken, at),
                condition: {
                  expression: `lease.id = :lease${seen ? ' AND arrivals = :seen' : ''}`,
                  values: { ':lease': lease?.id, ...(seen && { ':seen': arrivals }) },
                },
              },
            ]),
          ),
        );
      const soonest = Math.max(now, taken.notBefore === undefined ? 0 : Date.parse(taken.notBefore));
      // What came in meanwhile is looked at next; whoever took over an expired lease looks by themselves.
      if (!(await back(dueAt, true))) await back(Math.min(dueAt ?? soonest, soonest), false);
    },

    async pending(tenant, clientId, { afterObject, limit }) {
      const partition = partitionOf(tenant, clientId);
      const { items, more } = await table.query({
        partition,
        beginsWith: pendingPrefix,
        limit,
        ...(afterObject !== undefined && { after: { pk: partition, sk: `${pendingPrefix}${afterObject}#~` } }),
      });
      return { items: items.map(parsePending), more };
    },

    async head(tenant, clientId, object) {
      const { items } = await table.query({
        partition: partitionOf(tenant, clientId),
        beginsWith: `${pendingPrefix}${object}#`,
        limit: 1,
      });
      return items[0] && parsePending(items[0]);
    },

    async get(tenant, clientId, id) {
      const item = await table.get(deliveryKey(tenant, clientId, id));
      return item && parseDelivery(item);
    },

    settle(before, after) {
      const { tenant, clientId } = before;
      const condition = { expression: 'version = :version', values: { ':version': before.version } } as const;
      return again(() =>
        holds(
          table.transact([
            { put: deliveryItem({ ...after, version: before.version + 1 }), condition },
            after.state === 'pending'
              ? { put: pendingItem(after) }
              : { delete: pendingKey(tenant, clientId, pendingOf(before)) },
          ]),
        ),
      );
    },

    async sendAgain(before, after, event) {
      const { tenant, clientId } = before;
      const condition = { expression: 'version = :version', values: { ':version': before.version } } as const;
      const sent = await again(() =>
        holds(
          table.transact([
            { put: deliveryItem({ ...after, version: before.version + 1 }), condition },
            { put: pendingItem(after) },
            arrivalAction(tenant, clientId, Date.parse(after.dueAt)),
            ...auditEventActions(event),
          ]),
        ),
      );
      if (!sent) throw new ConcurrentChange();
    },

    async forget(tenant, clientId, pending) {
      await table.transact([{ delete: pendingKey(tenant, clientId, pending) }]);
    },

    list(tenant, clientId, { limit, after }) {
      return entityPage(table, {
        query: {
          partition: partitionOf(tenant, clientId),
          beginsWith: logPrefix,
          newestFirst: true,
          ...(after !== undefined && { after: { ...deliveryKey(tenant, clientId, after) } }),
        },
        limit,
        parse: parseDelivery,
        positionOf: ({ id }) => id,
      });
    },
  };
}

/** The queue's row as it is given back. */
function released(
  { tenant, clientId, failures, notBefore, failingSince, slow, goOnAfter, resumption }: DeliveryQueue,
  dueAt: number | undefined,
) {
  const kept = { notBefore, failingSince, goOnAfter, resumption };
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

async function holds(write: Promise<void>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (error instanceof ConditionFailed) return false;
    throw error;
  }
}

/** How often a write is tried that another transaction at the same rows gets in the way of. */
const tries = 5;

/** The queue's row is written by all that comes in: two that meet there are tried again, since both hold. */
async function again(write: () => Promise<boolean>): Promise<boolean> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await write();
    } catch (error) {
      if (!(error instanceof ConcurrentChange) || attempt === tries) throw error;
    }
  }
}
