import { cursorKeyReader } from '../../src/adapters/dynamodb/cursor-key.ts';
import { type CursorKeyReader, type CursorScope, openCursor, sealCursor } from '../../src/entities/cursor.ts';
import { once } from '../../src/once.ts';
import { table } from './table.ts';

/** What a store answers for one page: `last` is the position of its last item where there may be more after it. */
export interface StorePage<Item> {
  readonly items: readonly Item[];
  readonly last?: string;
}

/** The body of a list. */
export interface PageBody<Shown> {
  readonly items: readonly Shown[];
  readonly next_cursor?: string;
}

/** The deployment's key for cursors, read once while the function is warm. */
export const cursorKey: () => CursorKeyReader = once(() => cursorKeyReader(table()));

/**
 * One page of a list: opens the cursor, asks the store from there on, and seals the next one.
 *
 * @throws InvalidInput where the cursor is not one of this list
 */
export async function pageBody<Item, Shown>(
  query: { readonly limit: number; readonly cursor?: string | undefined },
  scope: CursorScope,
  list: (page: { readonly limit: number; readonly after?: string }) => Promise<StorePage<Item>>,
  shown: (item: Item) => Shown,
  key: CursorKeyReader = cursorKey(),
): Promise<PageBody<Shown>> {
  const after = query.cursor === undefined ? undefined : openCursor(await key.get(), scope, query.cursor);
  const { items, last } = await list({ limit: query.limit, ...(after !== undefined && { after }) });
  return {
    items: items.map(shown),
    ...(last !== undefined && { next_cursor: sealCursor(await key.get(), scope, last) }),
  };
}

/**
 * One page of a list that is read whole because it is short.
 *
 * @param positionOf what tells an item from the others; an item that is gone ends the list
 * @throws InvalidInput where the cursor is not one of this list
 */
export function pageOfAll<Item, Shown>(
  query: { readonly limit: number; readonly cursor?: string | undefined },
  scope: CursorScope,
  all: readonly Item[],
  positionOf: (item: Item) => string,
  shown: (item: Item) => Shown,
  key: CursorKeyReader = cursorKey(),
): Promise<PageBody<Shown>> {
  const list = async ({ limit, after }: { readonly limit: number; readonly after?: string }) => {
    const seen = after === undefined ? -1 : all.findIndex((item) => positionOf(item) === after);
    const from = after !== undefined && seen < 0 ? all.length : seen + 1;
    const items = all.slice(from, from + limit);
    const last = from + limit < all.length ? items.at(-1) : undefined;
    return { items, ...(last !== undefined && { last: positionOf(last) }) };
  };
  return pageBody(query, scope, list, shown, key);
}
