import {
  BatchGetCommand,
  type BatchGetCommandOutput,
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  TransactWriteCommand,
  type TransactWriteCommandInput,
} from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { ConcurrentChange, DependencyUnavailable } from '../../entities/errors.ts';
import { table } from './table.ts';

/** An item as the table holds it: attributes by name, sets and binaries in JavaScript's types. */
export type Item = Readonly<Record<string, unknown>>;

/** The whole key of an item; made in one function per entity. */
export interface Key {
  readonly [table.partitionKey]: string;
  readonly [table.sortKey]: string;
}

/** One action of a transaction, without the table's name. */
export type Action =
  | { readonly put: Item; readonly condition?: Condition }
  | { readonly update: Key; readonly expression: string; readonly condition?: Condition; readonly values?: Values }
  | { readonly delete: Key; readonly condition?: Condition }
  | { readonly check: Key; readonly condition: Condition };

/** A condition expression, its values given beside it, and so the names that are reserved words; the others are spelled out. */
export interface Condition {
  readonly expression: string;
  readonly names?: Readonly<Record<`#${string}`, string>>;
  readonly values?: Values;
}

/** `:name` → value of an expression. */
export type Values = Readonly<Record<`:${string}`, unknown>>;

/** Nothing stands under the key yet: what is unique is made so by this. */
export const isNew: Condition = { expression: 'attribute_not_exists(pk)' };

/** A condition did not hold. Nothing was written; each failure brings the evidence (`ALL_OLD`). */
export class ConditionFailed extends Error {
  /** By the index of the action; absent where that action's condition held. */
  readonly failures: ReadonlyMap<number, Item | undefined>;
  constructor(failures: ReadonlyMap<number, Item | undefined>) {
    super('condition failed');
    this.failures = failures;
  }
}

/** One page of a query: its items, and whether there are more after the last of them. */
export interface Page {
  readonly items: readonly Item[];
  readonly more: boolean;
  /** The key that the page ended at, where there are more: a filter may have left out the item itself. */
  readonly last?: Key;
}

export interface QueryInput {
  readonly partition: string;
  /** Sort keys from and to, both inclusive; or those that begin with `beginsWith`. */
  readonly from?: string;
  readonly to?: string;
  readonly beginsWith?: string;
  readonly limit?: number;
  /** Only items after this sort key, in the direction of the query. */
  readonly after?: Key & Item;
  readonly newestFirst?: boolean;
  readonly index?: true;
  readonly filter?: Condition;
}

/** The one table. Every method is one round trip, strongly consistent where DynamoDB offers it. */
export interface Table {
  get(key: Key): Promise<Item | undefined>;
  /** Items by exact keys, in no order; keys left unprocessed are asked again, then it is {@link DependencyUnavailable}. */
  batchGet(keys: readonly Key[]): Promise<readonly Item[]>;
  query(input: QueryInput): Promise<Page>;
  /** @throws ConditionFailed */
  put(item: Item, condition?: Condition): Promise<void>;
  /**
   * All of it or nothing; a retry of the SDK after a lost answer does nothing twice (ClientRequestToken).
   *
   * @throws ConditionFailed
   * @throws ConcurrentChange where another transaction was at the same items
   */
  transact(actions: readonly Action[]): Promise<void>;
}

/** Tries of a BatchGetItem whose answer leaves keys unprocessed. */
const batchTries = 3;

/** The table over the SDK's document client. */
export function tableOf(client: DynamoDBDocumentClient, tableName: string): Table {
  return {
    async get(key) {
      const { Item } = await dependable(
        client.send(new GetCommand({ TableName: tableName, Key: key, ConsistentRead: true })),
      );
      return Item;
    },
    async batchGet(keys) {
      const items: Item[] = [];
      let asked: Record<string, unknown>[] | undefined = keys.map((key) => ({ ...key }));
      for (let attempt = 0; asked !== undefined && attempt < batchTries; attempt++) {
        const answer: BatchGetCommandOutput = await dependable(
          client.send(new BatchGetCommand({ RequestItems: { [tableName]: { Keys: asked, ConsistentRead: true } } })),
        );
        items.push(...(answer.Responses?.[tableName] ?? []));
        asked = answer.UnprocessedKeys?.[tableName]?.Keys;
      }
      if (asked !== undefined) throw new DependencyUnavailable('unprocessed keys');
      return items;
    },
    async query(input) {
      const [partitionKey, sortKey] = input.index
        ? [table.index.partitionKey, table.index.sortKey]
        : [table.partitionKey, table.sortKey];
      const range = rangeOf(input);
      const { Items, LastEvaluatedKey } = await dependable(
        client.send(
          new QueryCommand({
            TableName: tableName,
            ...(input.index ? { IndexName: table.index.name } : { ConsistentRead: true }),
            KeyConditionExpression: `#p = :p${range.expression}`,
            ExpressionAttributeNames: {
              '#p': partitionKey,
              ...(range.expression && { '#s': sortKey }),
              ...input.filter?.names,
            },
            ExpressionAttributeValues: { ':p': input.partition, ...range.values, ...input.filter?.values },
            ...(input.filter && { FilterExpression: input.filter.expression }),
            ...(input.limit !== undefined && { Limit: input.limit }),
            ...(input.after && { ExclusiveStartKey: input.after }),
            ScanIndexForward: !input.newestFirst,
          }),
        ),
      );
      return {
        items: Items ?? [],
        more: LastEvaluatedKey !== undefined,
        ...(LastEvaluatedKey && { last: LastEvaluatedKey as Item & Key }),
      };
    },
    async put(item, condition) {
      await dependable(
        client.send(
          new PutCommand({
            TableName: tableName,
            Item: item,
            ...conditionOf(condition),
            ...(condition && { ReturnValuesOnConditionCheckFailure: 'ALL_OLD' }),
          }),
        ),
      );
    },
    async transact(actions) {
      await dependable(
        client.send(
          new TransactWriteCommand({ TransactItems: actions.map((action) => transactItem(tableName, action)) }),
        ),
      );
    },
  };
}

function rangeOf({ from, to, beginsWith }: QueryInput): { expression: string; values: Values } {
  if (beginsWith !== undefined) return { expression: ' AND begins_with(#s, :from)', values: { ':from': beginsWith } };
  if (from !== undefined && to !== undefined)
    return { expression: ' AND #s BETWEEN :from AND :to', values: { ':from': from, ':to': to } };
  if (from !== undefined) return { expression: ' AND #s >= :from', values: { ':from': from } };
  if (to !== undefined) return { expression: ' AND #s <= :to', values: { ':to': to } };
  return { expression: '', values: {} };
}

function conditionOf(condition: Condition | undefined, values?: Values) {
  const all = { ...values, ...condition?.values };
  return {
    ...(condition && { ConditionExpression: condition.expression }),
    ...(condition?.names && { ExpressionAttributeNames: condition.names }),
    ...(Object.keys(all).length > 0 && { ExpressionAttributeValues: all }),
  };
}

type TransactItem = NonNullable<TransactWriteCommandInput['TransactItems']>[number];

function transactItem(tableName: string, action: Action): TransactItem {
  const shared = { TableName: tableName, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' } as const;
  if ('put' in action) return { Put: { ...shared, Item: action.put, ...conditionOf(action.condition) } };
  if ('update' in action)
    return {
      Update: {
        ...shared,
        Key: action.update,
        UpdateExpression: action.expression,
        ...conditionOf(action.condition, action.values),
      },
    };
  if ('delete' in action) return { Delete: { ...shared, Key: action.delete, ...conditionOf(action.condition) } };
  return {
    ConditionCheck: { ...shared, Key: action.check, ConditionExpression: '', ...conditionOf(action.condition) },
  };
}

/** The document client translates answers, not errors: their items have DynamoDB's own form. */
type Marshalled = Parameters<typeof unmarshall>[0];

interface CancellationReason {
  readonly Code?: string;
  readonly Item?: Marshalled;
}

/** What the SDK throws, as far as it is read here. */
interface ServiceError {
  readonly name?: string;
  readonly $fault?: 'client' | 'server';
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly CancellationReasons?: readonly CancellationReason[];
  readonly Item?: Marshalled;
}

const passing = new Set([
  'ThrottlingException',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'LimitExceededException',
  'TransactionInProgressException',
]);

/** Whether an SDK's error says that the service, not the call, is at fault: asked again it may succeed. */
export function isUnavailable(error: unknown): boolean {
  if (error instanceof TypeError) return false;
  const { name = '', $fault, $metadata } = error as ServiceError;
  // Without $fault the error is not the service's answer: the network, a timeout, a connection cut.
  return $fault === 'server' || passing.has(name) || $fault === undefined || ($metadata?.httpStatusCode ?? 0) >= 500;
}

/** Waits for a call and translates what it throws into what the ports promise. */
export async function dependable<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    throw translated(error as ServiceError);
  }
}

/** The item that stood where the condition failed (`ALL_OLD`); absent where none did. */
function evidence({ Item: item }: CancellationReason): Item | undefined {
  return item && unmarshall(item);
}

function translated(error: ServiceError): unknown {
  if (error.name === 'ConditionalCheckFailedException') return new ConditionFailed(new Map([[0, evidence(error)]]));
  if (error.name === 'TransactionCanceledException') {
    const reasons = error.CancellationReasons ?? [];
    const failures = new Map<number, Item | undefined>();
    for (const [index, reason] of reasons.entries())
      if (reason.Code === 'ConditionalCheckFailed') failures.set(index, evidence(reason));
    if (failures.size > 0) return new ConditionFailed(failures);
    if (reasons.some((reason) => reason.Code === 'TransactionConflict')) return new ConcurrentChange();
    if (reasons.some((reason) => /Throttl|Throughput/.test(reason.Code ?? ''))) return new DependencyUnavailable(error);
    return error;
  }
  if (error.name === 'TransactionConflictException') return new ConcurrentChange();
  return isUnavailable(error) ? new DependencyUnavailable(error) : error;
}
