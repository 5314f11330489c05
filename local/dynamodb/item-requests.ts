import type { Item, Table } from 'dynalite/db/index.js';
import db from 'dynalite/db/index.js';
import { awsError, validationException } from './dynalite-error.ts';
import { assertKeySizes, assertStorable } from './item-rules.ts';
import { choice, jsonObject, validated } from './request-validation.ts';
import { itemRecord, type Store } from './store.ts';

export type WriteOperation = 'PutItem' | 'UpdateItem' | 'DeleteItem';

/** A write of one item, valid as far as that shows without looking at the item. */
export interface WriteRequest {
  readonly operation: WriteOperation;
  readonly table: Table;
  /** The key, or for a put the whole item. */
  readonly key: Item;
  /** The name of the item in the database, and of its lock. */
  readonly record: string;
  /** The request as validated, expressions parsed. */
  readonly data: Record<string, unknown>;
  /** Whether a failed condition sends the item along (`ReturnValuesOnConditionCheckFailure: ALL_OLD`). */
  readonly itemOnFailure: boolean;
}

/** Reads the request of a PutItem, UpdateItem or DeleteItem; one that is wrong in itself is `ValidationException`. */
export function parseWrite(store: Store, operation: WriteOperation, input: unknown): WriteRequest {
  const body = jsonObject(input);
  const itemOnFailure = choice(body, 'ReturnValuesOnConditionCheckFailure', ['ALL_OLD', 'NONE']) === 'ALL_OLD';
  const data = validated(operation, body);
  if (operation === 'DeleteItem' && !['ALL_OLD', 'NONE', undefined].includes(data.ReturnValues as string | undefined)) {
    throw validationException('ReturnValues can only be ALL_OLD or NONE');
  }
  const { definition: table } = store.table(String(data.TableName));
  const key = (operation === 'PutItem' ? data.Item : data.Key) as Item;
  if (operation === 'PutItem') {
    assertItemFits(table, key);
  } else {
    assertKeyFits(table, key);
  }
  return { operation, table, key, data, itemOnFailure, record: itemRecord(table, key) };
}

/** Refuses a key that does not fit the table. */
export function assertKeyFits(table: Table, key: Item): void {
  const misfit = db.validateKey(key, table);
  if (misfit) {
    throw awsError(misfit);
  }
  assertKeySizes(key, table);
}

/** Refuses an item that the table cannot hold. Index keys of a wrong type are refused when the write is planned. */
function assertItemFits(table: Table, item: Item): void {
  const misfit = db.validateItem(item, table);
  if (misfit && !misfit.message.includes('Index Key')) {
    throw awsError(misfit);
  }
  assertStorable(item, table);
}
