import type { Item } from 'dynalite/db/index.js';
import { AwsError } from '../aws/service.ts';
import { consumedCapacity } from './consumed-capacity.ts';
import { validationException } from './dynalite-error.ts';
import type { ItemLocks } from './item-locks.ts';
import { parseWrite, type WriteOperation, type WriteRequest } from './item-requests.ts';
import { validated } from './request-validation.ts';
import type { Store } from './store.ts';
import { conditionHolds, planWrite } from './write-plan.ts';

/** Requests in one BatchWriteItem at most, over all tables. */
const maxBatchWrites = 25;

/**
 * PutItem, UpdateItem and DeleteItem. A failed condition is `ConditionalCheckFailedException`, with `Item` where
 * `ALL_OLD` was asked for; an item within a transaction under way is `TransactionConflictException`.
 */
export async function writeItem(
  store: Store,
  locks: ItemLocks,
  operation: WriteOperation,
  input: unknown,
): Promise<Record<string, unknown>> {
  const request = parseWrite(store, operation, input);
  if (locks.inTransaction(request.record)) {
    throw new AwsError('TransactionConflictException', 'Transaction is ongoing for the item');
  }
  return locks.write(request.record, () => apply(store, request));
}

async function apply(store: Store, request: WriteRequest): Promise<Record<string, unknown>> {
  const [existing] = await store.items([request.record]);
  if (!conditionHolds(request, existing)) {
    const members = request.itemOnFailure && existing !== undefined ? { Item: existing } : {};
    throw new AwsError('ConditionalCheckFailedException', 'The conditional request failed', 400, members);
  }
  const plan = await planWrite(request.table, request, existing);
  await store.write(plan.operations, [plan.change]);
  return plan.answer;
}

/**
 * BatchWriteItem: each write is on its own. Items within a transaction under way come back in `UnprocessedItems`, as
 * AWS answers for what it could not do just then.
 */
export async function batchWriteItem(store: Store, locks: ItemLocks, input: unknown): Promise<Record<string, unknown>> {
  const data = validated('BatchWriteItem', input);
  const writes = Object.entries(data.RequestItems as Record<string, BatchWrite[]>).flatMap(([table, requests]) =>
    requests.map((request) => ({ original: request, table, parsed: parseBatchWrite(store, table, request) })),
  );
  if (writes.length > maxBatchWrites) {
    throw validationException('Too many items requested for the BatchWriteItem call');
  }
  if (new Set(writes.map(({ parsed }) => parsed.record)).size < writes.length) {
    throw validationException('Provided list of item keys contains duplicates');
  }
  const unprocessed: Record<string, BatchWrite[]> = {};
  await Promise.all(
    writes.map(async ({ original, table, parsed }) => {
      if (locks.inTransaction(parsed.record)) {
        unprocessed[table] = [...(unprocessed[table] ?? []), original];
      } else {
        await locks.write(parsed.record, () => apply(store, parsed));
      }
    }),
  );
  const done = writes.filter(({ original, table }) => !unprocessed[table]?.includes(original));
  return {
    UnprocessedItems: unprocessed,
    ...consumedCapacity(
      data.ReturnConsumedCapacity,
      'write',
      1,
      done.map(({ parsed }) => ({ table: parsed.table, item: parsed.key })),
    ),
  };
}

interface BatchWrite {
  readonly PutRequest?: { readonly Item: Item };
  readonly DeleteRequest?: { readonly Key: Item };
}

function parseBatchWrite(store: Store, table: string, request: BatchWrite): WriteRequest {
  if ((request.PutRequest === undefined) === (request.DeleteRequest === undefined)) {
    throw validationException(
      'Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes',
    );
  }
  try {
    return request.PutRequest
      ? parseWrite(store, 'PutItem', { TableName: table, Item: request.PutRequest.Item })
      : parseWrite(store, 'DeleteItem', { TableName: table, Key: request.DeleteRequest?.Key });
  } catch (error) {
    if (error instanceof AwsError && /Missing the key|Type mismatch for key/.test(error.message)) {
      throw validationException('The provided key element does not match the schema');
    }
    throw error;
  }
}
