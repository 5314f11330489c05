import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type PageBody, pageBody, pageOfAll } from '../../../functions/shared/page.ts';
import { InvalidInput } from '../../../src/entities/errors.ts';

const bytes = randomBytes(32);
const key = { get: async () => bytes };
const scope = { tenant: 'ten_1', route: 'listThings' };
const things = ['a', 'b', 'c', 'd', 'e'];
const same = (thing: string) => thing;

async function walk(page: (cursor?: string) => Promise<PageBody<string>>): Promise<string[][]> {
  const pages: string[][] = [];
  let cursor: string | undefined;
  do {
    const { items, next_cursor } = await page(cursor);
    pages.push([...items]);
    cursor = next_cursor;
  } while (cursor !== undefined);
  return pages;
}

describe('a short list', () => {
  const from = (all: readonly string[], limit: number) => (cursor?: string) =>
    pageOfAll({ limit, cursor }, scope, all, same, same, key);

  it.each([
    [2, [['a', 'b'], ['c', 'd'], ['e']]],
    [4, [['a', 'b', 'c', 'd'], ['e']]],
    [5, [things]],
    [100, [things]],
  ])('in pages of %i shows each item once', async (limit, pages) => {
    expect(await walk(from(things, limit))).toEqual(pages);
  });

  it('without items is one page', async () => {
    expect(await walk(from([], 10))).toEqual([[]]);
  });

  it('ends where the item that the cursor stood at is gone', async () => {
    const { next_cursor } = await from(things, 2)();
    expect(await from(['a', 'c', 'd'], 2)(next_cursor)).toEqual({ items: [] });
  });
});

describe('a page', () => {
  const list = async () => ({ items: ['a'], last: 'a' });

  it('of a cursor of another list is refused, the store not asked', async () => {
    const { next_cursor } = await pageBody({ limit: 1 }, scope, list, same, key);
    const never = () => Promise.reject(new Error('the store was asked'));
    const other = { ...scope, tenant: 'ten_2' };
    await expect(pageBody({ limit: 1, cursor: next_cursor }, other, never, same, key)).rejects.toThrow(InvalidInput);
    await expect(pageBody({ limit: 1, cursor: next_cursor }, scope, list, same, key)).resolves.toBeDefined();
  });

  it('that is the only one asks for no key', async () => {
    const noKey = { get: () => Promise.reject(new Error('the key was asked for')) };
    expect(await pageBody({ limit: 1 }, scope, async () => ({ items: ['a'] }), same, noKey)).toEqual({ items: ['a'] });
  });
});
