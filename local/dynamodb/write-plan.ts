import deleteItem from 'dynalite/actions/deleteItem.js';
import putItem from 'dynalite/actions/putItem.js';
import updateItem from 'dynalite/actions/updateItem.js';
import type { ActionStore, BatchOperation, Item, Keyspace, Table } from 'dynalite/db/index.js';
import { holds } from './condition.ts';
import { awsError, runAction } from './dynalite-error.ts';
import type { WriteRequest } from './item-requests.ts';
import { assertUpdatedStorable } from './item-rules.ts';
import { indexPrefix, itemRecord } from './store.ts';
import type { Change } from './stream-record.ts';

const actions = { PutItem: putItem, UpdateItem: updateItem, DeleteItem: deleteItem };

/** What one write will do to the database, index entries included, and what it answers. */
export interface WritePlan {
  readonly operations: readonly BatchOperation[];
  readonly answer: Record<string, unknown>;
  /** The item as it will be; absent after a delete. */
  readonly item: Item | undefined;
  readonly change: Change;
}

/** Whether the request's condition holds for the item as it is (absent: the empty item). */
export function conditionHolds(request: WriteRequest, existing: Item | undefined): boolean {
  const condition = request.data._condition as { expression: unknown } | undefined;
  return condition === undefined || holds(condition.expression, existing ?? {});
}

/**
 * Computes a write without doing it: dynalite's action runs over a store that holds this one item and notes what the
 * action would write. Throws `ValidationException` for what only shows on the item itself. The condition is the
 * caller's to check.
 */
export async function planWrite(table: Table, request: WriteRequest, existing: Item | undefined): Promise<WritePlan> {
  const operations: BatchOperation[] = [];
  let item: Item | undefined;
  const key = itemRecord(table, request.key);
  const entrySuffix = `/${key.slice(key.indexOf('~') + 1)}`;
  const notes: ActionStore = {
    options: { maxItemSize: Number.MAX_SAFE_INTEGER },
    getTable: (_name, checkStatus, done) => (typeof checkStatus === 'function' ? checkStatus : done)?.(null, table),
    getItemDb: () => ({
      ...keyspace((operation) => operations.push(operation), `item-${table.TableName}~`, ''),
      get: (_key, done) => done(null, existing),
      put: (_key, value, done) => {
        item = value;
        operations.push({ type: 'put', key, value });
        done(null);
      },
    }),
    getIndexDb: (_type, _table, index) =>
      keyspace((operation) => operations.push(operation), indexPrefix(table.TableName, index), entrySuffix),
  };
  const { _condition, ...unconditional } = request.data;
  const answer = await runAction(actions[request.operation], notes, unconditional);
  if (item !== undefined && request.operation === 'UpdateItem') {
    assertUpdatedStorable(item, table);
  }
  return { operations, answer, item, change: { table, before: existing, after: item } };
}

function keyspace(note: (operation: BatchOperation) => void, prefix: string, suffix: string): Keyspace {
  return {
    lock: (_key, run) => run((done) => done),
    get: (_key, done) => done(awsError(new Error('An action of dynalite read an index while writing.'))),
    put: (key, value, done) => {
      note({ type: 'put', key: prefix + key + suffix, value });
      done(null);
    },
    del: (key, done) => {
      note({ type: 'del', key: prefix + key + suffix });
      done(null);
    },
    createValueStream: () => {
      throw new Error('An action of dynalite scanned while writing.');
    },
  };
}
