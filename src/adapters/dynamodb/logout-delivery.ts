import * as z from 'zod/mini';
import { ConcurrentChange } from '../../entities/errors.ts';
import type { LogoutDelivery, LogoutDeliveryStore } from '../../entities/logout-delivery.ts';
import { once } from '../../once.ts';
import { ConditionFailed, type Item, type Key, type Table } from './commands.ts';
import { table as names, partitionKey } from './table.ts';

/** Where it lies: a session ends once. */
function logoutDeliveryKey(tenant: string, sessionId: string): Key {
  return { pk: partitionKey('logout-delivery', tenant, sessionId), sk: 'LOGOUT_DELIVERY' };
}

/**
 * The partition of the index in which all that is due lies, of all tenants, in the order of time. It takes a thousand
 * writes a second, more sessions than end.
 */
const duePartition = partitionKey('logout-delivery', 'due');

const stored = once(() =>
  z.object({
    tenant: z.string(),
    userId: z.string(),
    sessionId: z.string(),
    clientIds: z.array(z.string()),
    endedAt: z.string(),
    attempts: z.number(),
    dueAt: z.string(),
  }),
);

/** How long a row may stay that nobody takes any more, in seconds. */
const keptSeconds = 7 * 86_400;

/** The item of a delivery. */
export function logoutDeliveryItem(delivery: LogoutDelivery): Item {
  return {
    ...logoutDeliveryKey(delivery.tenant, delivery.sessionId),
    ...delivery,
    [names.index.partitionKey]: duePartition,
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
      const to = new Date(now).toISOString();
      const { items } = await table.query({ index: true, partition: duePartition, to, limit });
      return items.map((item) => z.parse(stored(), item));
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
