import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rightsRemovalItem } from '../../../../src/adapters/dynamodb/rights-removal.ts';
import { rightsRemovals } from '../../../../src/adapters/dynamodb/rights-removals.ts';
import { newTenantId } from '../../../../src/entities/identifiers.ts';
import type { RightsRemoval } from '../../../../src/entities/rights-removal.ts';
import { type TableUnderTest, tableEngines } from './embedded-table.ts';

describe.each(tableEngines)('on $engine', ({ skipped, open }) => {
  describe.skipIf(skipped)('removals that have begun', () => {
    let embedded: TableUnderTest;
    beforeAll(async () => {
      embedded = await open();
    });
    afterAll(() => embedded.close());

    it('are found page by page, the earliest first, of all tenants, until they end', async () => {
      const store = rightsRemovals(embedded.table);
      const begun = Array.from({ length: 7 }, (_, index): RightsRemoval => {
        const startedAt = `2026-11-21T10:00:0${index}.000Z`;
        return { tenant: newTenantId(randomBytes), of: 'project', id: `P${index}`, startedAt, by: 'usr_1' };
      });
      for (const removal of begun.toReversed()) await embedded.table.put(rightsRemovalItem(removal));
      const found = async () => {
        const pages: RightsRemoval[][] = [];
        for (let after: RightsRemoval | undefined; pages.length === 0 || after !== undefined; ) {
          pages.push([...(await store.begun({ limit: 3, after }))]);
          after = pages.at(-1)?.at(-1);
        }
        return pages.flat();
      };
      expect(await found()).toEqual(begun);
      const [first, ...others] = begun;
      if (first !== undefined) await store.finish(first);
      expect(await found()).toEqual(others);
    });
  });
});
