import { mkdir } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { ActionStore, BatchOperation, Item, Keyspace, Level, Table } from 'dynalite/db/index.js';
import db from 'dynalite/db/index.js';
import { AwsError } from '../aws/service.ts';
import type { Change, StreamViewType } from './stream-record.ts';
import { Streams } from './streams.ts';

/** A table, and where its items live in the one database below all tables. */
export interface StoredTable {
  readonly definition: Table;
  /** The attribute that TTL reads (epoch seconds), where it is switched on. */
  readonly timeToLiveAttribute: string | undefined;
  /** What the table's stream shows; undefined where it has none. */
  readonly streamViewType?: StreamViewType | undefined;
}

const tableRecords = 'table~';

/** The key of an item in the database below all tables; unique over tables, so it is also the name of its lock. */
export function itemRecord(table: Table, key: Item): string {
  return `item-${table.TableName}~${db.createKey(key, table)}`;
}

/** Every record whose key begins with `prefix`: keys are ASCII up to `~`, after which nothing sorts. */
export function prefixRange(prefix: string): { gte: string; lt: string } {
  return { gte: prefix, lt: `${prefix}\x7f` };
}

/**
 * The tables and their items, in memory or in a directory. Everything that must be all or nothing is written by one
 * {@link Store.write}: one batch of the database, which a killed process leaves whole or absent.
 */
export class Store {
  readonly level: Level;
  readonly streams: Streams;
  readonly #tables = new Map<string, StoredTable>();

  private constructor(level: Level, clock: () => number) {
    this.level = level;
    this.streams = new Streams(level, clock);
  }

  /** Opens the store. A directory that another process holds is an error that says so. */
  static async open(directory: string | undefined, clock: () => number = Date.now): Promise<Store> {
    if (directory !== undefined) {
      await mkdir(directory, { recursive: true });
    }
    const { db: level } = db.create(directory === undefined ? {} : { path: directory });
    const store = new Store(level, clock);
    try {
      await level.open();
      for await (const record of level.values(prefixRange(tableRecords))) {
        const table = record as StoredTable;
        store.#tables.set(table.definition.TableName, table);
      }
      await store.streams.open();
    } catch (error) {
      await level.close();
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
      const locked = cause instanceof Error && 'code' in cause && cause.code === 'LEVEL_LOCKED';
      throw new Error(
        locked
          ? `${directory} is in use by another process; stop that one, or choose another folder`
          : `${directory}: ${cause instanceof Error ? cause.message : String(cause)}`,
        { cause: error },
      );
    }
    return store;
  }

  /** Every table, in no order. */
  tables(): readonly StoredTable[] {
    return [...this.#tables.values()];
  }

  findTable(name: string): StoredTable | undefined {
    return this.#tables.get(name);
  }

  /** The table, or AWS's `ResourceNotFoundException`. */
  table(name: string): StoredTable {
    const table = this.#tables.get(name);
    if (table === undefined) {
      throw new AwsError('ResourceNotFoundException', 'Requested resource not found');
    }
    return table;
  }

  async saveTable(table: StoredTable): Promise<void> {
    await this.write([{ type: 'put', key: `${tableRecords}${table.definition.TableName}`, value: table }]);
    this.#tables.set(table.definition.TableName, table);
  }

  /**
   * Writes all of it or none, and is durable against the death of this process once it resolves.
   *
   * @param changes what the operations do to items: what streams tell of, in the same batch
   */
  async write(operations: readonly BatchOperation[], changes: readonly Change[] = []): Promise<void> {
    if (operations.length > 0) {
      const viewOf = (table: string) => this.findTable(table)?.streamViewType;
      await this.streams.writing(changes, viewOf, (told) => this.level.batch([...operations, ...told]));
    }
  }

  /** The items at these {@link itemRecord}s, all as of one moment. */
  async items(records: readonly string[]): Promise<readonly (Item | undefined)[]> {
    return (await this.level.getMany([...records])) as (Item | undefined)[];
  }

  /**
   * The store as dynalite's reading actions see it. `afterIndexKey` is appended to the key at which an index is
   * resumed: entries of an index are stored under dynalite's key and the item's whole primary key, because dynalite's
   * alone ends in 24 bits of a hash, and two items would share one entry.
   */
  reader(afterIndexKey = ''): ActionStore {
    const keyspace = (prefix: string, resumeSuffix: string): Keyspace => ({
      ...readOnly,
      get: (key, done) => {
        this.level.get(prefix + key).then(
          (value) => done(null, value as Item | undefined),
          (error: Error) => done(error),
        );
      },
      createValueStream: (range) => Readable.from(this.level.values(within(prefix, range, resumeSuffix))),
    });
    return {
      options: { maxItemSize: Number.MAX_SAFE_INTEGER },
      getTable: (name, checkStatus, done) =>
        answerTable(this, name, typeof checkStatus === 'function' ? checkStatus : done),
      getItemDb: (table) => keyspace(`item-${table}~`, ''),
      getIndexDb: (_type, table, index) => keyspace(indexPrefix(table, index), afterIndexKey),
    };
  }
}

/** Where the entries of an index begin. */
export function indexPrefix(table: string, index: string): string {
  return `index-${table}~${index}~`;
}

/** dynalite's callback form of {@link Store.table}. */
export function answerTable(
  store: Store,
  name: string,
  done: ((error: Error | null, table?: Table) => void) | undefined,
): void {
  const found = store.findTable(name);
  if (found === undefined) {
    done?.(new AwsError('ResourceNotFoundException', 'Requested resource not found'));
  } else {
    done?.(null, found.definition);
  }
}

const readOnly = {
  lock: refuse,
  put: refuse,
  del: refuse,
};

function refuse(): never {
  throw new Error('A reading action of dynalite tried to write.');
}

function within(prefix: string, range: Record<string, unknown>, resumeSuffix: string): Record<string, unknown> {
  const { gt, gte, lt, lte, ...rest } = range as Record<string, string | undefined>;
  const whole = prefixRange(prefix);
  const resumed = (key: string): string => prefix + key + resumeSuffix;
  return {
    ...rest,
    ...(gt !== undefined ? { gt: resumed(gt) } : { gte: gte === undefined ? whole.gte : prefix + gte }),
    ...(lte !== undefined ? { lte: prefix + lte } : { lt: lt === undefined ? whole.lt : resumed(lt) }),
  };
}
