import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dpopProofs } from '../../../../src/adapters/dynamodb/dpop-proof.ts';
import type { DpopProofStore } from '../../../../src/entities/dpop-proof.ts';
import { newTenantId, randomText } from '../../../../src/entities/identifiers.ts';
import { openEmbeddedTable, tableEngines } from './embedded-table.ts';

const tenant = newTenantId(randomBytes);
const thumbprint = randomText(randomBytes, 43);
const expiresAt = Math.floor(Date.now() / 1000) + 60;

for (const { engine, skipped, open } of tableEngines)
  describe.skipIf(skipped)(`used proofs in ${engine}`, () => {
    let store: DpopProofStore;
    let close: () => Promise<void>;
    beforeAll(async () => {
      const opened = await open();
      store = dpopProofs(opened.table, randomBytes);
      close = opened.close;
    });
    afterAll(() => close());

    it('a proof is used once', async () => {
      expect(await store.useOnce({ tenant, thumbprint, jti: 'a' }, expiresAt)).toBe(true);
      expect(await store.useOnce({ tenant, thumbprint, jti: 'a' }, expiresAt)).toBe(false);
    });

    it('of ten at once one is the first', async () => {
      const uses = Array.from({ length: 10 }, () => store.useOnce({ tenant, thumbprint, jti: 'race' }, expiresAt));
      expect((await Promise.all(uses)).filter((first) => first)).toHaveLength(1);
    });

    it("is its key's alone, and its tenant's, whatever text its jti is", async () => {
      const otherKey = { tenant, thumbprint: randomText(randomBytes, 43) };
      const otherTenant = { tenant: newTenantId(randomBytes), thumbprint };
      for (const jti of ['#', ' ', 'ü'.repeat(256), `${thumbprint}#x`]) {
        for (const whose of [{ tenant, thumbprint }, otherKey, otherTenant])
          expect(await store.useOnce({ ...whose, jti }, expiresAt)).toBe(true);
        expect(await store.useOnce({ tenant, thumbprint, jti }, expiresAt)).toBe(false);
      }
    });
  });

it('a used proof is kept for a minute more than it could be used, in one write', async () => {
  const { table, close, calls } = await openEmbeddedTable();
  const kept: unknown[] = [];
  const put = async (...given: Parameters<typeof table.put>) => {
    kept.push(given[0].expires_at_epoch);
    await table.put(...given);
  };
  await dpopProofs({ ...table, put }, randomBytes).useOnce({ tenant, thumbprint, jti: 'a' }, expiresAt);
  expect(kept).toEqual([expiresAt + 60]);
  expect(calls()).toEqual({ PutItem: 1 });
  await close();
});
