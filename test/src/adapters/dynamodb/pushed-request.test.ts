import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Table } from '../../../../src/adapters/dynamodb/commands.ts';
import { pushedRequests } from '../../../../src/adapters/dynamodb/pushed-request.ts';
import { newClientId, newTenantBoundId, newTenantId } from '../../../../src/entities/identifiers.ts';
import type { PushedRequest } from '../../../../src/entities/pushed-request.ts';
import { tableEngines } from './embedded-table.ts';

const tenant = newTenantId(randomBytes);
const newRequest = (): PushedRequest => ({
  tenant,
  id: newTenantBoundId('req', tenant, randomBytes),
  clientId: newClientId(tenant, randomBytes),
  parameters: { scope: ['openid'], resource: ['https://a.example', 'https://b.example'], state: ['é "\\'] },
  expiresAt: '2026-11-21T12:00:00.000Z',
});

for (const { engine, skipped, open } of tableEngines)
  describe.skipIf(skipped)(`pushed requests in ${engine}`, () => {
    let table: Table;
    let close: () => Promise<void>;
    beforeAll(async () => {
      ({ table, close } = await open());
    });
    afterAll(() => close());
    const store = () => pushedRequests(table, randomBytes);

    it('are read as they were pushed, in their tenant alone', async () => {
      const request = newRequest();
      await store().create(request);
      expect(await store().get(tenant, request.id)).toEqual(request);
      expect(await store().get(newTenantId(randomBytes), request.id)).toBeUndefined();
    });

    it('are used once: of ten at once one wins', async () => {
      const request = newRequest();
      await store().create(request);
      const uses = await Promise.all(Array.from({ length: 10 }, () => store().useOnce(request)));
      expect(uses.filter((first) => first)).toHaveLength(1);
      expect(await store().useOnce(request)).toBe(false);
    });

    it('are not made by being used', async () => {
      const request = newRequest();
      expect(await store().useOnce(request)).toBe(false);
      expect(await store().get(tenant, request.id)).toBeUndefined();
    });

    it('are forgotten some time after they have expired', async () => {
      const kept: unknown[] = [];
      const put = async (...given: Parameters<Table['put']>) => {
        kept.push(given[0].expires_at_epoch);
        await table.put(...given);
      };
      const noting = pushedRequests({ ...table, put }, randomBytes);
      const request = newRequest();
      await noting.create(request);
      await noting.useOnce(request);
      const expiry = Date.parse(request.expiresAt) / 1000;
      expect(kept).toEqual([expiry, expiry]);
    });
  });
