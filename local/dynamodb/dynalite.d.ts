/* The modules of dynalite 4 that the embedded DynamoDB is built on; the package brings no types of its own. */

declare module 'dynalite/db/index.js' {
  import type { Readable } from 'node:stream';

  /** One attribute as on the wire, for example `{ S: 'text' }`. */
  export type AttributeValue = Readonly<Record<string, unknown>>;
  export type Item = Record<string, AttributeValue>;
  type Callback<T> = (error: Error | null, value?: T) => void;

  export interface KeySchemaElement {
    AttributeName: string;
    KeyType: string;
  }
  export interface SecondaryIndex {
    IndexName: string;
    KeySchema: KeySchemaElement[];
    Projection: { ProjectionType: string; NonKeyAttributes?: string[] };
    [member: string]: unknown;
  }
  export interface Table {
    TableName: string;
    KeySchema: KeySchemaElement[];
    AttributeDefinitions: { AttributeName: string; AttributeType: string }[];
    GlobalSecondaryIndexes?: SecondaryIndex[];
    LocalSecondaryIndexes?: SecondaryIndex[];
    [member: string]: unknown;
  }

  /** What dynalite's actions ask of one keyspace: a table's items, or an index's entries. */
  export interface Keyspace {
    lock(key: string, run: (release: (done: Callback<unknown>) => Callback<unknown>) => void): void;
    get(key: string, done: Callback<Item>): void;
    put(key: string, value: Item, done: Callback<void>): void;
    del(key: string, done: Callback<void>): void;
    createValueStream(range: Record<string, unknown>): Readable;
  }
  /** What dynalite's actions ask of a store. */
  export interface ActionStore {
    options: { maxItemSize: number };
    getTable(name: string, checkStatus: boolean | Callback<Table>, done?: Callback<Table>): void;
    getItemDb(table: string): Keyspace;
    getIndexDb(indexType: string, table: string, index: string): Keyspace;
  }

  export type BatchOperation = { type: 'put'; key: string; value: unknown } | { type: 'del'; key: string };
  /** The one database (level) below every table. Keys are strings, values JSON. */
  export interface Level {
    open(): Promise<void>;
    get(key: string): Promise<unknown>;
    getMany(keys: string[]): Promise<unknown[]>;
    batch(operations: readonly BatchOperation[]): Promise<void>;
    values(range: Record<string, unknown>): AsyncIterable<unknown>;
    iterator(range: Record<string, unknown>): AsyncIterable<[string, unknown]>;
    close(): Promise<void>;
  }
  interface Store {
    options: { maxItemSize: number };
    db: Level;
  }

  const db: {
    create(options: { path?: string }): Store;
    createKey(item: Item, table: Table): string;
    validateItem(item: Item, table: Table): Error | null | undefined;
    validateKey(key: Item, table: Table): Error | null | undefined;
    validateKeyPaths(nestedPaths: Record<string, boolean> | undefined, table: Table): Error | null | undefined;
    compare(
      operator: string,
      left: AttributeValue | undefined,
      rights: readonly (AttributeValue | undefined)[],
    ): boolean;
    mapPath(path: readonly (string | number)[], item: Item): AttributeValue | null | undefined;
    mapPaths(paths: readonly unknown[], item: Item): Item;
    capacityUnits(item: Item | undefined, isRead: boolean, isConsistent: boolean): number;
  };
  export default db;
}

declare module 'dynalite/validations/index.js' {
  /** dynalite's description of a request's shape, member by member. */
  export type Types = Readonly<Record<string, unknown>>;
  export type Custom = (data: Record<string, unknown>, store: { options: { maxItemSize: number } }) => unknown;
  const validations: {
    checkTypes(data: Record<string, unknown>, types: Types): Record<string, unknown>;
    checkValidations(data: object, types: Types, custom: Custom | undefined, store: object): void;
    validateExpressions(data: Record<string, unknown>): string | undefined;
    validateExpressionParams(
      data: Record<string, unknown>,
      expressions: readonly string[],
      nonExpressions: readonly string[],
    ): string | undefined;
    validateAttributeValue(value: unknown): string | undefined;
  };
  export default validations;
}

declare module 'dynalite/validations/*.js' {
  import type { Custom, Types } from 'dynalite/validations/index.js';

  const validation: { types: Types; custom?: Custom };
  export default validation;
}

declare module 'dynalite/actions/*.js' {
  import type { ActionStore } from 'dynalite/db/index.js';

  const action: (store: ActionStore, data: object, done: (error: Error | null, answer?: unknown) => void) => void;
  export default action;
}
