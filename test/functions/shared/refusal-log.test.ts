import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { refusalLog } from '../../../functions/shared/refusal-log.ts';
import { auditEventStore } from '../../../src/adapters/dynamodb/audit-event.ts';
import { newTenantId } from '../../../src/entities/identifiers.ts';
import { networkSlots, type RefusedProof } from '../../../src/entities/refusal-log.ts';
import type { EmbeddedTable } from '../../src/adapters/dynamodb/embedded-table.ts';
import { source } from '../../src/entities/origin.ts';
import { deployTable } from '../deployment.ts';

let embedded: EmbeddedTable;
beforeAll(async () => {
  embedded = await deployTable();
});
afterAll(() => embedded.close());

const refusedIn = (tenant = newTenantId(randomBytes)): RefusedProof => ({
  ...{ tenant, action: 'sign_in.refused', object: 'usr_1', reason: 'password' },
});
const events = async ({ tenant }: RefusedProof) =>
  (await auditEventStore(embedded.table).list(tenant, {}, { limit: 100 })).items;
const timed = async (refused: RefusedProof | undefined, address = source.address) => {
  const before = performance.now();
  await refusalLog.note(refused, { ...source, address });
  return performance.now() - before;
};

describe('a refused proof', () => {
  it('is told of with the network it came from, once an hour for each', async () => {
    const refused = refusedIn();
    for (const address of ['203.0.113.7', '203.0.113.7', '2001:db8::1', '2001:db8::2'])
      await refusalLog.note(refused, { ...source, address });
    expect(await events(refused)).toMatchObject([
      { address: '2001:db8::1' },
      { address: '203.0.113.7', actor: 'anonymous', object: 'usr_1', changes: { reason: 'password' } },
    ]);
  });

  it('fills no more than so many events an hour, from however many networks', async () => {
    const refused = refusedIn();
    for (let batch = 0; batch < 8; batch++) {
      const addresses = Array.from({ length: networkSlots / 4 }, (_, index) => `198.51.${batch}.${index}`);
      await Promise.all(addresses.map((address) => refusalLog.note(refused, { ...source, address })));
    }
    const told = await events(refused);
    expect(told.length).toBeGreaterThan(networkSlots / 2);
    expect(told.length).toBeLessThanOrEqual(networkSlots);
  });

  it('takes as long whether it is told of, was told of before, or concerns nobody', async () => {
    const refused = refusedIn();
    for (const taken of [await timed(refused), await timed(refused), await timed(undefined)])
      expect(taken).toBeGreaterThanOrEqual(49);
  });

  it('stays what it is where the log cannot be written', async () => {
    const refused = refusedIn();
    await expect(refusalLog.note(refused, { ...source, retentionDays: Number.NaN })).resolves.toBeUndefined();
    expect(await events(refused)).toEqual([]);
  });
});
