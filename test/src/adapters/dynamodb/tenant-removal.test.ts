import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Table } from '../../../../src/adapters/dynamodb/commands.ts';
import { tenantDeletionItem } from '../../../../src/adapters/dynamodb/tenant-deletion.ts';
import { tenantRemoval } from '../../../../src/adapters/dynamodb/tenant-removal.ts';
import { newTenantId } from '../../../../src/entities/identifiers.ts';
import type { TenantDeletion } from '../../../../src/entities/tenant-deletion.ts';
import { type EmbeddedTable, openEmbeddedTable } from './embedded-table.ts';

let embedded: EmbeddedTable;
beforeAll(async () => {
  embedded = await openEmbeddedTable();
});
afterAll(() => embedded.close());

/** The table, and how many rows each of its transactions deletes. */
function deleting(): { readonly table: Table; readonly deleted: number[] } {
  const deleted: number[] = [];
  return {
    deleted,
    table: {
      ...embedded.table,
      transact: (actions) => {
        const count = actions.filter((action) => 'delete' in action).length;
        if (count > 0) deleted.push(count);
        return embedded.table.transact(actions);
      },
    },
  };
}

it.each([
  ['applications', 25],
  ['projects', 99],
] as const)('of the step %s at most %d rows go in one transaction, each counted', async (step, atOnce) => {
  const tenant = newTenantId(randomBytes);
  const partition = `APPLICATION##${tenant}#`;
  for (let row = 0; row < 130; row++) await embedded.table.put({ pk: partition, sk: `VERSION#${row}` });
  const startedAt = new Date().toISOString();
  const deletion: TenantDeletion = { tenant, step, removed: 0, startedAt, operatorTenant: newTenantId(randomBytes) };
  await embedded.table.put(tenantDeletionItem(deletion));
  const { table, deleted } = deleting();
  const removal = tenantRemoval(table, { delete: async () => undefined }, (_, at) =>
    at === step ? [{ partition }] : [],
  );
  expect(await removal.goOn(deletion, () => true)).toMatchObject({ step: 'tenant', removed: 130 });
  expect(Math.max(...deleted)).toBe(atOnce);
});

it('each run comes further, also one whose time is over before it has looked at a step in which nothing is left', async () => {
  const tenant = newTenantId(randomBytes);
  const partition = `ISSUE#${tenant}#PRJ#`;
  for (let row = 0; row < 120; row++) await embedded.table.put({ pk: partition, sk: `ISSUE#${row}` });
  const startedAt = new Date().toISOString();
  let at: TenantDeletion = {
    ...{ tenant, step: 'applications', removed: 0, startedAt },
    operatorTenant: newTenantId(randomBytes),
  };
  await embedded.table.put(tenantDeletionItem(at));
  const removal = tenantRemoval(embedded.table, { delete: async () => undefined }, (_, step) =>
    step === 'projects' ? [{ partition }] : [],
  );
  const reached: number[] = [];
  for (let run = 0; run < 3; run++) {
    at = await removal.goOn(at, () => false);
    reached.push(at.removed);
  }
  expect(reached).toEqual([99, 120, 120]);
  expect(at.step).toBe('tenant');
});
