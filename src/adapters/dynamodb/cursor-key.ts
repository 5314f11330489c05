import * as z from 'zod/mini';
import type { CursorKeyReader } from '../../entities/cursor.ts';
import { once } from '../../once.ts';
import type { Item, Key, Table } from './commands.ts';
import { partitionKey } from './table.ts';

/** Where the key of cursors lies; the bootstrap writes it once. */
export const cursorKeyKey: Key = { pk: partitionKey('cursor-key'), sk: 'CURSOR_KEY' };

/** @param key 32 random bytes */
export function cursorKeyItem(key: Uint8Array): Item {
  return { ...cursorKeyKey, key: Buffer.from(key).toString('base64') };
}

const stored = once(() => z.object({ key: z.string() }));

/** Reads the key once and keeps it: it never changes. */
export function cursorKeyReader(table: Table): CursorKeyReader {
  let key: Uint8Array | undefined;
  return {
    async get() {
      key ??= Buffer.from(z.parse(stored(), await table.get(cursorKeyKey)).key, 'base64');
      return key;
    },
  };
}
