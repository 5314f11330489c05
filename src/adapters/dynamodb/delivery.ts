import { type DeliveryStore, deliveryIdOf } from '../../entities/delivery.ts';
import { ConcurrentChange } from '../../entities/errors.ts';
import type { Pause } from '../../ports.ts';
import { auditEventActions } from './audit-event.ts';
import { ConditionFailed, isNew, type Table } from './commands.ts';
import {
  arrivalAction,
  deliveryItem,
  deliveryKey,
  deliveryQueueKey,
  duePartition,
  duePosition,
  logPrefix,
  parseDelivery,
  parseDeliveryQueue,
  parsePending,
  partitionOf,
  pendingItem,
  pendingKey,
  pendingOf,
  pendingPrefix,
  released,
} from './delivery-row.ts';
import { entityPage } from './entity-page.ts';
import { table as names } from './table.ts';

/** How often a write is tried that another transaction at the same rows gets in the way of. */
const tries = 10;
/** The longest pauses after the first and after any such meeting, in milliseconds. */
const shortestPause = 20;
const longestPause = 500;

/** Deliveries over the one table. */
export function deliveryStore(table: Table, pause: Pause): DeliveryStore {
  /** The queue's row is written by all that comes in: two that meet there are tried again, since both hold. */
  async function again(write: () => Promise<boolean>): Promise<boolean> {
    for (let losses = 0; ; losses++) {
      try {
        return await write();
      } catch (error) {
        if (!(error instanceof ConcurrentChange) || losses + 1 === tries) throw error;
        await pause(Math.min(shortestPause * 2 ** losses, longestPause));
      }
    }
  }

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

    async withoutIt({ tenant, id }, clientIds) {
      const keyOf = (clientId: string) => deliveryKey(tenant, clientId, deliveryIdOf(id));
      const there = new Set((await table.batchGet(clientIds.map(keyOf))).map(({ pk }) => pk));
      return clientIds.filter((clientId) => !there.has(keyOf(clientId).pk));
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

async function holds(write: Promise<void>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (error instanceof ConditionFailed) return false;
    throw error;
  }
}
