import { AwsError, type AwsService } from '../aws/service.ts';
import { IdempotencyTokens } from './idempotency.ts';
import { ItemLocks } from './item-locks.ts';
import { permissionsOf } from './permissions.ts';
import { batchGetItem, getItem, query, scan, transactGetItems } from './read-items.ts';
import { requestedTable } from './request-validation.ts';
import { Store } from './store.ts';
import type { Streams } from './streams.ts';
import { describedTable, ensureTable, type TableProperties } from './table-definition.ts';
import { describeTimeToLive, sweepExpiredItems, updateTimeToLive } from './time-to-live.ts';
import { transactWriteItems } from './transactions.ts';
import { batchWriteItem, writeItem } from './write-items.ts';

const sweepIntervalMilliseconds = 60_000;

/** The embedded DynamoDB: AWS's service as far as it is used here, the tables of the template, and its end. */
export interface DynamoDbService extends AwsService {
  /** Makes the table that an `AWS::DynamoDB::Table` describes, unless it is there; see `table-definition.ts`. */
  ensureTable(properties: TableProperties): Promise<void>;
  /** The streams of the tables that have one. */
  readonly streams: Streams;
  /** Deletes what its TTL attribute says has expired, now; done every minute anyway. */
  sweep(): Promise<void>;
  /** Ends the sweeping and closes the database; calls under way are finished first. */
  close(): Promise<void>;
}

export interface DynamoDbOptions {
  /** Where tables are kept; `undefined` keeps them in memory. */
  readonly directory: string | undefined;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  readonly accountId: string;
  readonly region: string;
}

/** Opens the embedded DynamoDB. A directory that another process holds is an error that says so. */
export async function openDynamoDb(options: DynamoDbOptions): Promise<DynamoDbService> {
  const { clock, accountId, region } = options;
  const store = await Store.open(options.directory, clock);
  const locks = new ItemLocks();
  const tokens = new IdempotencyTokens(store, clock);
  const operations: Readonly<Record<string, (input: unknown) => Promise<unknown> | unknown>> = {
    GetItem: (input) => getItem(store, input),
    BatchGetItem: (input) => batchGetItem(store, input),
    PutItem: (input) => writeItem(store, locks, 'PutItem', input),
    UpdateItem: (input) => writeItem(store, locks, 'UpdateItem', input),
    DeleteItem: (input) => writeItem(store, locks, 'DeleteItem', input),
    BatchWriteItem: (input) => batchWriteItem(store, locks, input),
    Query: (input) => query(store, input),
    Scan: (input) => scan(store, input),
    TransactWriteItems: (input) => transactWriteItems(store, locks, tokens, input),
    TransactGetItems: (input) => transactGetItems(store, locks, input),
    DescribeTable: (input) => ({ Table: describedTable(store.table(requestedTable(input))) }),
    DescribeTimeToLive: (input) => describeTimeToLive(store, input),
    UpdateTimeToLive: (input) => updateTimeToLive(store, input),
  };
  const sweep = async (): Promise<void> => {
    await sweepExpiredItems(store, locks, clock);
    await tokens.sweep();
    await store.streams.trim();
  };
  const underWay = new Set<Promise<unknown>>();
  const track = <T>(work: Promise<T>): Promise<T> => {
    const settled: Promise<unknown> = work.then(noted, noted).then((): unknown => underWay.delete(settled));
    underWay.add(settled);
    return work;
  };
  const timer = setInterval(() => {
    track(sweep()).catch((error: unknown) => console.error('The local DynamoDB could not sweep expired items:', error));
  }, sweepIntervalMilliseconds);
  timer.unref();
  return {
    signingName: 'dynamodb',
    targetPrefix: 'DynamoDB_20120810',
    permissions: (operation, input) => {
      assertKnown(operations, operation);
      return permissionsOf(store, { accountId, region }, operation, input);
    },
    call: (operation, input) =>
      track(
        (async () => {
          assertKnown(operations, operation);
          return operations[operation]?.(input);
        })(),
      ),
    ensureTable: (properties) => ensureTable(store, properties, { accountId, region, now: clock() }),
    streams: store.streams,
    sweep: () => track(sweep()),
    close: async () => {
      clearInterval(timer);
      await Promise.all(underWay);
      await store.level.close();
    },
  };
}

function assertKnown(operations: object, operation: string): void {
  if (!Object.hasOwn(operations, operation)) {
    throw new AwsError('UnknownOperationException', `The local DynamoDB does not know the operation ${operation}.`);
  }
}

function noted(): void {}
