import type { Action, Condition, Item, Key, QueryInput, Table } from '../../src/adapters/dynamodb/commands.ts';
import { table as names, partitionPrefix } from '../../src/adapters/dynamodb/table.ts';
import { type PartitionKind, partitionKinds, type TableAction } from '../../src/entities/partition.ts';

/** What one call of DynamoDB does to one item, or to a range of items. */
export interface Access {
  readonly kind: PartitionKind;
  readonly action: TableAction | 'QueryIndex';
  /** The key condition, as DynamoDB is given it. */
  readonly where: string;
  /** The condition without which nothing is written. */
  readonly condition?: string | undefined;
}

/** One call and everything that it does. */
export interface Call {
  readonly operation: string;
  readonly accesses: readonly Access[];
}

/** A table that writes down what it is asked. It holds `items` and never changes. */
export function recordingTable(items: readonly Item[]): { readonly table: Table; readonly calls: readonly Call[] } {
  const calls: Call[] = [];
  const found = (key: Key) => items.find((item) => item.pk === key.pk && item.sk === key.sk);
  const table: Table = {
    async get(key) {
      calls.push({ operation: 'GetItem', accesses: [exact('GetItem', key)] });
      return found(key);
    },
    async batchGet(keys) {
      calls.push({ operation: 'BatchGetItem', accesses: keys.map((key) => exact('BatchGetItem', key)) });
      return keys.map(found).filter((item) => item !== undefined);
    },
    async query(input) {
      calls.push({ operation: 'Query', accesses: [ranged(input)] });
      const partition = input.index ? names.index.partitionKey : names.partitionKey;
      return { items: items.filter((item) => item[partition] === input.partition), more: false };
    },
    async put(item, condition) {
      calls.push({ operation: 'PutItem', accesses: [exact('PutItem', keyOf(item), condition)] });
    },
    async transact(actions) {
      calls.push({ operation: 'TransactWriteItems', accesses: actions.map(accessOf) });
    },
  };
  return { table, calls };
}

function accessOf(action: Action): Access {
  if ('put' in action) return exact('PutItem', keyOf(action.put), action.condition);
  if ('update' in action) return exact('UpdateItem', action.update, action.condition);
  if ('delete' in action) return exact('DeleteItem', action.delete, action.condition);
  return exact('ConditionCheckItem', action.check, action.condition);
}

function keyOf(item: Item): Key {
  return { pk: String(item.pk), sk: String(item.sk) };
}

function exact(action: TableAction, { pk, sk }: Key, condition?: Condition): Access {
  return { kind: kindOf(pk), action, where: `pk = ${pk}, sk = ${sk}`, condition: condition?.expression };
}

function ranged({ partition, from, to, beginsWith, newestFirst, index }: QueryInput): Access {
  const [partitionKey, sortKey] = index ? [names.index.partitionKey, names.index.sortKey] : ['pk', 'sk'];
  const range = [
    ...(beginsWith === undefined ? [] : [`${sortKey} begins with ${beginsWith}`]),
    ...(from === undefined ? [] : [`${sortKey} ≥ ${from}`]),
    ...(to === undefined ? [] : [`${sortKey} ≤ ${to}`]),
    ...(newestFirst ? ['descending'] : []),
  ];
  return {
    kind: kindOf(partition),
    action: index ? 'QueryIndex' : 'Query',
    where: [`${partitionKey} = ${partition}`, ...range].join(', '),
  };
}

function kindOf(partition: string): PartitionKind {
  const prefix = partition.slice(0, partition.indexOf('#'));
  const kind = partitionKinds.find((each) => partitionPrefix[each] === prefix);
  if (kind === undefined) throw new Error(`${partition} is no partition of a kind that is declared`);
  return kind;
}
