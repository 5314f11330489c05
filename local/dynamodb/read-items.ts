import batchGetAction from 'dynalite/actions/batchGetItem.js';
import getAction from 'dynalite/actions/getItem.js';
import queryAction from 'dynalite/actions/query.js';
import scanAction from 'dynalite/actions/scan.js';
import type { AttributeValue, Item } from 'dynalite/db/index.js';
import db from 'dynalite/db/index.js';
import { consumedCapacity } from './consumed-capacity.ts';
import { awsError, runAction, validationException } from './dynalite-error.ts';
import { assertIndexAnswers } from './index-projection.ts';
import type { ItemLocks } from './item-locks.ts';
import { assertKeyFits } from './item-requests.ts';
import { itemBytes } from './item-rules.ts';
import { jsonObject, validated } from './request-validation.ts';
import { itemRecord, type Store } from './store.ts';
import { parseTransactGet } from './transaction-requests.ts';
import { assertDoable, conflict, maxTransactionBytes } from './transactions.ts';

export function getItem(store: Store, input: unknown): Promise<Record<string, unknown>> {
  return runAction(getAction, store.reader(), validated('GetItem', input));
}

/** BatchGetItem. What did not fit comes back in `UnprocessedKeys`, asked for as it was (dynalite drops projections). */
export async function batchGetItem(store: Store, input: unknown): Promise<Record<string, unknown>> {
  const answer = await runAction(batchGetAction, store.reader(), validated('BatchGetItem', input));
  const requested = jsonObject(jsonObject(input).RequestItems);
  const unprocessed = Object.entries(answer.UnprocessedKeys as Record<string, { Keys: unknown }>).map(
    ([table, { Keys }]) => [table, { ...jsonObject(requested[table]), Keys }],
  );
  return { ...answer, UnprocessedKeys: Object.fromEntries(unprocessed) };
}

export function query(store: Store, input: unknown): Promise<Record<string, unknown>> {
  return readMany(store, 'Query', input);
}

export function scan(store: Store, input: unknown): Promise<Record<string, unknown>> {
  return readMany(store, 'Scan', input);
}

function readMany(store: Store, operation: 'Query' | 'Scan', input: unknown): Promise<Record<string, unknown>> {
  const data = validated(operation, input);
  const { definition } = store.table(String(data.TableName));
  assertIndexAnswers(definition, data);
  assertComparable(data);
  const start = data.ExclusiveStartKey as Item | undefined;
  return runAction(
    operation === 'Query' ? queryAction : scanAction,
    store.reader(data.IndexName === undefined ? '' : entrySuffix(definition, start)),
    data,
  );
}

/** Refuses what dynalite's queries would take or mistake: an empty key, and equality of lists or maps in a filter. */
function assertComparable(data: Record<string, unknown>): void {
  const conditions = (data.KeyConditions ?? {}) as Record<string, { AttributeValueList: AttributeValue[] }>;
  for (const [attribute, { AttributeValueList }] of Object.entries(conditions)) {
    const empty = AttributeValueList.find(({ S, B }) => S === '' || B === '');
    if (empty !== undefined) {
      throw validationException(
        'One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty ' +
          `${empty.S === '' ? 'string' : 'binary'} value. Key: ${attribute}`,
      );
    }
  }
  const literals = Object.values((data.ExpressionAttributeValues ?? {}) as Item);
  if (data.FilterExpression !== undefined && literals.some(({ L, M }) => L !== undefined || M !== undefined)) {
    throw validationException('The local DynamoDB does not compare lists or maps in a FilterExpression.');
  }
}

/** What follows dynalite's key of the index entry at which a read is resumed; an unfit start key is dynalite's to refuse. */
function entrySuffix(table: Parameters<typeof itemRecord>[0], start: Item | undefined): string {
  if (start === undefined) {
    return '';
  }
  const key = Object.fromEntries(
    table.KeySchema.flatMap(({ AttributeName }) => {
      const value = start[AttributeName];
      return value === undefined ? [] : [[AttributeName, value]];
    }),
  );
  if (db.validateKey(key, table)) {
    return '';
  }
  const record = itemRecord(table, key);
  return `/${record.slice(record.indexOf('~') + 1)}`;
}

/**
 * TransactGetItems: all items as of one moment. An item that is being written at that moment cancels the request
 * (Developer Guide, "Transaction conflict handling in DynamoDB").
 */
export async function transactGetItems(
  store: Store,
  locks: ItemLocks,
  input: unknown,
): Promise<Record<string, unknown>> {
  const gets = parseTransactGet(input).map((data) => {
    const { definition } = store.table(String(data.TableName));
    assertKeyFits(definition, data.Key as Item);
    const projection = data._projection as { paths: unknown[]; nestedPaths: Record<string, boolean> } | undefined;
    const misfit = db.validateKeyPaths(projection?.nestedPaths, definition);
    if (misfit) {
      throw awsError(misfit);
    }
    return { table: definition, record: itemRecord(definition, data.Key as Item), paths: projection?.paths };
  });
  if (new Set(gets.map(({ record }) => record)).size < gets.length) {
    throw validationException('Transaction request cannot include multiple operations on one item');
  }
  assertDoable(gets.map(({ record }) => (locks.isBeingWritten(record) ? conflict : { Code: 'None' })));
  const items = await store.items(gets.map(({ record }) => record));
  if (items.reduce((sum, item) => sum + (item === undefined ? 0 : itemBytes(item)), 0) > maxTransactionBytes) {
    throw validationException('Transaction request cannot include items larger than 4 MB in total');
  }
  return {
    Responses: items.map((item, place) => {
      const paths = gets[place]?.paths;
      return item === undefined ? {} : { Item: paths === undefined ? item : db.mapPaths(paths, item) };
    }),
    ...consumedCapacity(
      jsonObject(input).ReturnConsumedCapacity,
      'read',
      2,
      gets.map(({ table }, place) => ({ table, item: items[place] })),
    ),
  };
}
