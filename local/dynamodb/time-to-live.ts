import type { Item, Table } from 'dynalite/db/index.js';
import { validationException } from './dynalite-error.ts';
import type { ItemLocks } from './item-locks.ts';
import { jsonObject, requestedTable } from './request-validation.ts';
import { itemRecord, prefixRange, type Store } from './store.ts';
import { planWrite } from './write-plan.ts';

/** DynamoDB leaves items alone whose time passed more than five years ago. */
const fiveYearsSeconds = 5 * 365 * 24 * 60 * 60;

/** DescribeTimeToLive. */
export function describeTimeToLive(store: Store, input: unknown): Record<string, unknown> {
  const { timeToLiveAttribute } = store.table(requestedTable(input));
  return {
    TimeToLiveDescription:
      timeToLiveAttribute === undefined
        ? { TimeToLiveStatus: 'DISABLED' }
        : { TimeToLiveStatus: 'ENABLED', AttributeName: timeToLiveAttribute },
  };
}

/** UpdateTimeToLive; switching on what is on, or off what is off, is refused. */
export async function updateTimeToLive(store: Store, input: unknown): Promise<Record<string, unknown>> {
  const table = store.table(requestedTable(input));
  const { AttributeName, Enabled } = jsonObject(jsonObject(input).TimeToLiveSpecification);
  if (typeof AttributeName !== 'string' || AttributeName === '' || typeof Enabled !== 'boolean') {
    throw validationException('TimeToLiveSpecification must have an AttributeName and Enabled');
  }
  if (Enabled === (table.timeToLiveAttribute !== undefined)) {
    throw validationException(`TimeToLive is already ${Enabled ? 'enabled' : 'disabled'}`);
  }
  if (!Enabled && AttributeName !== table.timeToLiveAttribute) {
    throw validationException(
      `TimeToLive is active on a different AttributeName: current AttributeName is ${table.timeToLiveAttribute}`,
    );
  }
  await store.saveTable({ ...table, timeToLiveAttribute: Enabled ? AttributeName : undefined });
  return { TimeToLiveSpecification: { AttributeName, Enabled } };
}

/**
 * Deletes every item whose time has passed. Until then an expired item is read as any other, as in DynamoDB, which
 * takes up to days. Each item is looked at again once it is ours alone: one that was renewed meanwhile stays.
 */
export async function sweepExpiredItems(store: Store, locks: ItemLocks, clock: () => number): Promise<void> {
  for (const { definition, timeToLiveAttribute } of store.tables()) {
    if (timeToLiveAttribute === undefined) {
      continue;
    }
    const isExpired = (item: Item | undefined): item is Item => hasExpired(item?.[timeToLiveAttribute]?.N, clock());
    for await (const item of store.level.values(prefixRange(`item-${definition.TableName}~`))) {
      if (isExpired(item as Item)) {
        await deleteIf(store, locks, definition, item as Item, isExpired);
      }
    }
  }
}

async function deleteIf(
  store: Store,
  locks: ItemLocks,
  table: Table,
  seen: Item,
  isExpired: (item: Item | undefined) => item is Item,
): Promise<void> {
  const record = itemRecord(table, seen);
  if (locks.inTransaction(record)) {
    return;
  }
  await locks.write(record, async () => {
    const [item] = await store.items([record]);
    if (isExpired(item)) {
      const key = Object.fromEntries(
        table.KeySchema.map(({ AttributeName }) => [AttributeName, item[AttributeName]]),
      ) as Item;
      const request = {
        operation: 'DeleteItem',
        table,
        key,
        record,
        itemOnFailure: false,
        data: { TableName: table.TableName, Key: key },
      } as const;
      const { operations, change } = await planWrite(table, request, item);
      await store.write(operations, [{ ...change, expired: true }]);
    }
  });
}

/** Whether a TTL attribute's number (epoch seconds) lies in the past, but not further than five years. */
export function hasExpired(seconds: unknown, nowMilliseconds: number): boolean {
  const now = nowMilliseconds / 1000;
  return typeof seconds === 'string' && Number(seconds) < now && Number(seconds) > now - fiveYearsSeconds;
}
