import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tenantItem, tenantStandingItem } from '../../../../src/adapters/dynamodb/tenant.ts';
import { tenantListItem, tenantRegister } from '../../../../src/adapters/dynamodb/tenant-register.ts';
import { administratorOf } from '../../../../src/deployment/administrator.ts';
import { ConcurrentChange } from '../../../../src/entities/errors.ts';
import { newClientId, newTenantId } from '../../../../src/entities/identifiers.ts';
import type { NewAdministrator, RegisteredTenant } from '../../../../src/entities/tenant-register.ts';
import { someEvent } from '../../../functions/admin/own-access-scene.ts';
import { countingTable, openEmbeddedTable, type TableUnderTest, tableEngines } from './embedded-table.ts';

const at = '2026-11-21T10:00:00.000Z';

const newRegistered = (tenant = newTenantId(randomBytes)): RegisteredTenant => ({
  tenant: { tenant, name: 'Acme', operator: false, managers: 1, createdAt: at },
  standing: { tenant, status: 'active', operator: false },
});

function newAdministrator({ tenant: { tenant } }: RegisteredTenant, name = 'Administrator'): NewAdministrator {
  const secret = { id: 'sec_1', hash: 'hash', lastFour: 'four', createdAt: at };
  const clientId = newClientId(tenant, randomBytes);
  const details = { tenant, clientId, name, description: '', secret, ofOperator: false, madeBy: 'operator', at };
  return { administrator: administratorOf(details), events: [someEvent(tenant)] };
}

describe.each(tableEngines)('tenants on $engine', ({ open, skipped }) => {
  const test = it.skipIf(skipped);
  let engine: TableUnderTest;
  beforeAll(async () => {
    if (!skipped) engine = await open();
  });
  afterAll(() => engine?.close());

  const register = () => tenantRegister(engine.table);
  async function created(): Promise<RegisteredTenant> {
    const registered = newRegistered();
    await register().create(registered, newAdministrator(registered));
    return registered;
  }
  /** How many of ten at once are done; the others find that somebody was faster. */
  async function doneOfTen(act: (index: number) => Promise<void>): Promise<number> {
    const results = await Promise.allSettled(Array.from({ length: 10 }, (_, index) => act(index)));
    for (const result of results)
      if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(ConcurrentChange);
    return results.filter(({ status }) => status === 'fulfilled').length;
  }

  test('are created whole, read, and listed', async () => {
    const registered = await created();
    const { tenant } = registered.tenant;
    expect(await register().get(tenant)).toEqual({ ...registered, deletion: undefined });
    const { items } = await register().list({ limit: 100 });
    expect(items).toContainEqual({ tenant, name: 'Acme', status: 'active', createdAt: at });
    expect(await register().get(newTenantId(randomBytes))).toBeUndefined();
  });

  test('change once, of ten who read the same', async () => {
    const before = await created();
    expect(await doneOfTen(() => register().change(before, { name: 'Acme', status: 'suspended' }, []))).toBe(1);
    const after = await register().get(before.tenant.tenant);
    expect(after?.standing).toMatchObject({ status: 'suspended', version: 1 });
  });

  test('are given another name only while nobody suspends them', async () => {
    const before = await created();
    await register().change(before, { name: 'Acme', status: 'suspended' }, []);
    const late = register().change(before, { name: 'Other', status: 'active' }, []);
    await expect(late).rejects.toBeInstanceOf(ConcurrentChange);
    const now = await register().get(before.tenant.tenant);
    if (now === undefined) throw new Error('it is gone');
    await register().change(now, { name: 'Other', status: 'suspended' }, []);
    expect((await register().get(before.tenant.tenant))?.tenant.name).toBe('Other');
  });

  test('begin to be deleted once, and are given no administrator afterwards', async () => {
    const before = await created();
    const { tenant } = before.tenant;
    const deletion = { tenant, step: 'waiting', removed: 0, startedAt: at, operatorTenant: 'ten_0' } as const;
    expect(await doneOfTen(() => register().beginDeletion(before, deletion, []))).toBe(1);
    const late = register().addAdministrator(before, newAdministrator(before, 'Late'));
    await expect(late).rejects.toBeInstanceOf(ConcurrentChange);
    expect(await register().get(tenant)).toMatchObject({
      standing: { status: 'deleting' },
      tenant: { managers: 1 },
      deletion,
    });
  });

  test('count each administrator, and have none of a name twice', async () => {
    const before = await created();
    const done = await doneOfTen(() => register().addAdministrator(before, newAdministrator(before, 'Second')));
    expect(done).toBe(1);
    expect((await register().get(before.tenant.tenant))?.tenant.managers).toBe(2);
    await register().addAdministrator(before, newAdministrator(before, 'Third'));
    expect((await register().get(before.tenant.tenant))?.tenant.managers).toBe(3);
  });
});

describe('ten thousand tenants', () => {
  const count = 10_000;

  it('cost no call more: each operation does what it did while there was one, and a list is read page by page', async () => {
    const embedded = await openEmbeddedTable();
    const one = newRegistered();
    await tenantRegister(embedded.table).create(one, newAdministrator(one));
    const calls = async () => {
      const counted = countingTable(embedded.table);
      const register = tenantRegister(counted.table);
      const another = newRegistered();
      await register.get(one.tenant.tenant);
      await register.list({ limit: 50 });
      await register.create(another, newAdministrator(another));
      await register.change(another, { name: 'Acme', status: 'suspended' }, []);
      return counted.calls;
    };
    const before = await calls();
    expect(before).toEqual({ batchGet: 2, query: 1, transact: 2 });

    for (let seeded = 0; seeded < count; seeded += 25) {
      const more = Array.from({ length: 25 }, () => newRegistered());
      const rows = more.flatMap(({ tenant, standing }) => [
        tenantItem(tenant),
        tenantStandingItem(standing),
        tenantListItem(tenant, standing),
      ]);
      await embedded.table.transact(rows.map((put) => ({ put })));
    }
    expect(await calls()).toEqual(before);
    const seen: string[] = [];
    for (let after: string | undefined; ; ) {
      const page = await tenantRegister(embedded.table).list({ limit: 100, ...(after !== undefined && { after }) });
      seen.push(...page.items.map(({ tenant }) => tenant));
      after = page.last;
      if (after === undefined) break;
    }
    expect(seen).toEqual([...new Set(seen)].sort());
    expect(seen.length).toBe(count + 3);
    await embedded.close();
  });
});
