import * as z from 'zod/mini';
import { ConcurrentChange } from '../../entities/errors.ts';
import type { LogoutDelivery, LogoutDeliveryStore } from '../../entities/logout-delivery.ts';
import { ConditionFailed, type Item, type Key, type Table } from './commands.ts';
import { table as names, partitionKey } from './table.ts';

/** Where it lies: a session ends once. */
export function logoutDeliveryKey(tenant: string, sessionId: string): Key {
  return { pk: partitionKey('logout-delivery', tenant, sessionId), sk: 'LOGOUT_DELIVERY' };
}

/** In so many partitions of the index lies what is due, of all tenants, in the order of time. */
const shards = 4;

const duePartition = (shard: number) => partitionKey('logout-delivery', 'due', String(shard));

/** Session ids are random: each partition takes its share. */
const shardOf = (sessionId: string) => sessionId.charCodeAt(sessionId.length - 1) % shards;

const stored = z.object({
  tenant: z.string(),
  userId: z.string(),
  sessionId: z.string(),
  clientIds: z.array(z.string()),
  endedAt: z.string(),
  attempts: z.number(),
  dueAt: z.string(),
});

/** How long a row may stay that nobody takes any more, in seconds. */
const keptSeconds = 7 * 86_400;

/** The item of a delivery. */
export function logoutDeliveryItem(delivery: LogoutDelivery): Item {
  return {
    ...logoutDeliveryKey(delivery.tenant, delivery.sessionId),
    ...delivery,
    [names.index.partitionKey]: duePartition(shardOf(delivery.sessionId)),
    [names.index.sortKey]: `${delivery.dueAt}#${delivery.sessionId}`,
    [names.timeToLive]: Math.ceil(Date.parse(delivery.endedAt) / 1000) + keptSeconds,
  };
}

/** Logout deliveries over the one table. */
export function logoutDeliveries(table: Table): LogoutDeliveryStore {
  const stillAt = ({ attempts }: LogoutDelivery) => ({
    expression: 'attempts = :attempts',
    values: { ':attempts': attempts } as const,
  });
  return {
    async due(now, limit) {
      const pages = await Promise.all(
        Array.from({ length: shards }, (_, shard) =>
          table.query({ index: true, partition: duePartition(shard), to: new Date(now).toISOString(), limit }),
        ),
      );
      const found = pages.flatMap(({ items }) => items.map((item) => z.parse(stored, item)));
      return found.sort((one, other) => (one.dueAt < other.dueAt ? -1 : 1)).slice(0, limit);
    },

    async take(before, after) {
      return holds(table.put(logoutDeliveryItem(after), stillAt(before)));
    },

    async settle(taken, remaining) {
      await holds(
        remaining.length > 0
          ? table.put(logoutDeliveryItem({ ...taken, clientIds: remaining }), stillAt(taken))
          : table.transact([{ delete: logoutDeliveryKey(taken.tenant, taken.sessionId), condition: stillAt(taken) }]),
      );
    },
  };
}

async function holds(write: Promise<void>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (error instanceof ConditionFailed || error instanceof ConcurrentChange) return false;
    throw error;
  }
}
