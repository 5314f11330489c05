import type { Item, QueryInput, Table } from './commands.ts';

/** What a list asks: where it looks, how many at most, and what an item and its position in the list are. */
export interface EntityPageQuery<Entity> {
  readonly query: Omit<QueryInput, 'limit'>;
  readonly limit: number;
  readonly parse: (item: Item) => Entity;
  readonly positionOf: (entity: Entity) => string;
}

/**
 * One page in one query: one item more than asked for is read, so that `last`, the position of the last item, is there
 * only where more follow. A page may be shorter than `limit` where its items are large (a query reads 1 MB).
 */
export async function entityPage<Entity>(
  table: Table,
  { query, limit, parse, positionOf }: EntityPageQuery<Entity>,
): Promise<{ readonly items: readonly Entity[]; readonly last?: string }> {
  const page = await table.query({ ...query, limit: limit + 1 });
  const items = page.items.slice(0, limit).map(parse);
  const last = items.at(-1);
  const more = page.items.length > limit || (page.more && page.items.length < limit + 1);
  return { items, ...(more && last !== undefined && { last: positionOf(last) }) };
}
