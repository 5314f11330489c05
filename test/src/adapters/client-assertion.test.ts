import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clientAssertions } from '../../../src/adapters/dynamodb/client-assertion.ts';
import { clientAssertionsInMemory } from '../../../src/adapters/memory/client-assertion.ts';
import type { ClientAssertionStore } from '../../../src/entities/client-assertion.ts';
import { newClientId, newTenantId } from '../../../src/entities/identifiers.ts';
import { openEmbeddedTable, tableEngines } from './dynamodb/embedded-table.ts';

const tenant = newTenantId(randomBytes);
const clientId = newClientId(tenant, randomBytes);
const expiresAt = Math.floor(Date.now() / 1000) + 600;

const adapters = [
  {
    adapter: 'memory',
    skipped: false,
    open: async () => ({ store: clientAssertionsInMemory(), close: async () => {} }),
  },
  ...tableEngines.map(({ engine, skipped, open }) => ({
    adapter: engine,
    skipped,
    open: async () => {
      const { table, close } = await open();
      return { store: clientAssertions(table, randomBytes), close };
    },
  })),
];

for (const { adapter, skipped, open } of adapters)
  describe.skipIf(skipped)(`used assertions in ${adapter}`, () => {
    let store: ClientAssertionStore;
    let close: () => Promise<void>;
    beforeAll(async () => {
      ({ store, close } = await open());
    });
    afterAll(() => close());

    it('an assertion is used once', async () => {
      expect(await store.useOnce({ tenant, clientId, jti: 'a' }, expiresAt)).toBe(true);
      expect(await store.useOnce({ tenant, clientId, jti: 'a' }, expiresAt)).toBe(false);
    });

    it('of ten at once one is the first', async () => {
      const uses = Array.from({ length: 10 }, () => store.useOnce({ tenant, clientId, jti: 'race' }, expiresAt));
      expect((await Promise.all(uses)).filter((first) => first)).toHaveLength(1);
    });

    it("is its client's alone, whatever text its jti is", async () => {
      const other = { tenant, clientId: newClientId(tenant, randomBytes) };
      for (const jti of ['#', ' ', 'ü'.repeat(5_000), `${clientId}#x`]) {
        expect(await store.useOnce({ tenant, clientId, jti }, expiresAt)).toBe(true);
        expect(await store.useOnce({ ...other, jti }, expiresAt)).toBe(true);
        expect(await store.useOnce({ tenant, clientId, jti }, expiresAt)).toBe(false);
      }
    });

    it('is not forgotten by its expiry alone', async () => {
      expect(await store.useOnce({ tenant, clientId, jti: 'old' }, 1)).toBe(true);
      expect(await store.useOnce({ tenant, clientId, jti: 'old' }, 1)).toBe(false);
    });
  });

it('a used assertion is kept for a minute more than it could be used, since clocks differ', async () => {
  const { table, close } = await openEmbeddedTable();
  const kept: unknown[] = [];
  const put = async (...given: Parameters<typeof table.put>) => {
    kept.push(given[0].expires_at_epoch);
    await table.put(...given);
  };
  await clientAssertions({ ...table, put }, randomBytes).useOnce({ tenant, clientId, jti: 'a' }, expiresAt);
  expect(kept).toEqual([expiresAt + 60]);
  await close();
});
