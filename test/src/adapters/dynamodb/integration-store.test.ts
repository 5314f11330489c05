import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { auditEventStore } from '../../../../src/adapters/dynamodb/audit-event.ts';
import type { Action, Table } from '../../../../src/adapters/dynamodb/commands.ts';
import { integrationStore } from '../../../../src/adapters/dynamodb/integration-store.ts';
import { tenantItem, tenantReader } from '../../../../src/adapters/dynamodb/tenant.ts';
import { auditEvent } from '../../../../src/entities/audit-event.ts';
import { ConcurrentChange, Conflict } from '../../../../src/entities/errors.ts';
import { newClientId, newTenantId } from '../../../../src/entities/identifiers.ts';
import { type Integration, machineOnly } from '../../../../src/entities/integration.ts';
import { originOf } from '../../entities/origin.ts';
import { countingTable, type TableUnderTest, tableEngines } from './embedded-table.ts';

/** Tries again where transactions met. */
async function untilDecided(change: () => Promise<void>): Promise<void> {
  for (;;) {
    try {
      return await change();
    } catch (error) {
      if (!(error instanceof ConcurrentChange)) throw error;
    }
  }
}

describe.each(tableEngines)('on $engine', ({ skipped, open }) => {
  describe.skipIf(skipped)('integrations', () => {
    let embedded: TableUnderTest;
    let tenant: string;
    beforeAll(async () => {
      embedded = await open();
    });
    afterAll(() => embedded.close());
    beforeEach(async () => {
      tenant = newTenantId(randomBytes);
      await embedded.table.put(tenantItem({ tenant, name: 'Tenant', operator: false, managers: 1 }));
    });

    const granted = {
      state: 'granted',
      requestedBy: 'usr_1',
      decidedBy: 'usr_1',
      decidedAt: '2026-11-21T10:00:00.000Z',
    } as const;
    const secret = {
      id: 'sec_1',
      hash: 'hash',
      ciphertext: 'c',
      lastFour: 'abcd',
      createdAt: '2026-11-21T10:00:00.000Z',
    };

    function integration(name: string, others: Partial<Integration> = {}): Integration {
      return {
        tenant,
        clientId: newClientId(tenant, randomBytes),
        name,
        status: 'active',
        owner: 'usr_1',
        grantTypes: ['client_credentials'],
        tokenEndpointAuthMethod: 'client_secret_basic',
        jwks: [],
        ...machineOnly,
        rights: { 'issues:read': granted },
        secrets: [secret],
        tokenGeneration: 0,
        createdAt: '2026-11-21T10:00:00.000Z',
        version: 1,
        ...others,
      };
    }

    const managing = { rights: { 'integrations:manage': granted, 'users:manage': granted } };
    const event = (action = 'integration.changed') =>
      auditEvent({ tenant, action, object: 'int' }, originOf('usr_1'), Date.now(), randomBytes);
    const store = (table: Table = embedded.table) => integrationStore(table);
    const managers = async () => (await tenantReader(embedded.table).get(tenant))?.managers;
    const names = async () => (await store().list(tenant, { limit: 100 })).items.map(({ name }) => name);
    const events = async () => (await auditEventStore(embedded.table).list(tenant, {}, { limit: 100 })).items.length;

    describe('an integration', () => {
      it('comes back as it was stored', async () => {
        const stored = integration('One', {
          description: 'nightly',
          tokenEndpointAuthMethod: 'private_key_jwt',
          jwks: [{ kty: 'OKP', crv: 'Ed25519', x: 'x', kid: 'kid' }],
          removedKeys: [{ kid: 'old', until: '2026-11-22T10:00:00.000Z' }],
        });
        await store().create(stored, { events: [event()] });
        expect(await store().get(tenant, stored.clientId)).toEqual(stored);
      });

      it('changed from what is no longer stored is refused, nothing written', async () => {
        const before = integration('One');
        await store().create(before, { events: [event()] });
        await store().update(before, { ...before, name: 'Two' }, { events: [event()] });
        await expect(store().update(before, { ...before, name: 'Three' }, { events: [event()] })).rejects.toThrow(
          ConcurrentChange,
        );
        await expect(store().delete(before, { events: [event()] })).rejects.toThrow(ConcurrentChange);
        expect(await names()).toEqual(['Two']);
        expect(await events()).toBe(2);
      });

      it('changed by twenty at once is changed by one', async () => {
        const before = integration('One');
        await store().create(before, { events: [event()] });
        const outcomes = await Promise.allSettled(
          Array.from({ length: 20 }, (_, index) =>
            store().update(before, { ...before, name: `Name ${index}` }, { events: [event()] }),
          ),
        );
        expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
        expect(await names()).toHaveLength(1);
        expect(await events()).toBe(2);
      });

      it('takes a name only while it is free', async () => {
        const [one, two] = [integration('One'), integration('Two')];
        await store().create(one, { events: [event()] });
        await store().create(two, { events: [event()] });
        await expect(store().create(integration('ONE'), { events: [event()] })).rejects.toThrow(Conflict);
        await expect(store().update(two, { ...two, name: 'one' }, { events: [event()] })).rejects.toThrow(Conflict);
        await store().delete(one, { events: [event()] });
        await store().update(two, { ...two, name: 'one' }, { events: [event()] });
        expect(await names()).toEqual(['one']);
      });
    });

    describe('the managers of a tenant', () => {
      const count = (before: Partial<Integration>, after: Partial<Integration>) => async () => {
        const one = integration('One', before);
        await store().create(one, { events: [event()] });
        const atFirst = (await managers()) ?? 0;
        await store().update(one, { ...one, ...after }, { events: [event()] });
        return ((await managers()) ?? 0) - atFirst;
      };

      it.each([
        ['a right is withdrawn', managing, { rights: { 'integrations:manage': granted } }, -1],
        ['it is disabled', managing, { status: 'disabled' }, -1],
        ['its last secret is revoked', managing, { secrets: [] }, -1],
        [
          'its last secret will run out',
          managing,
          { secrets: [{ ...secret, expiresAt: '2027-01-01T00:00:00.000Z' }] },
          -1,
        ],
        ['it is to use a key and has none', managing, { tokenEndpointAuthMethod: 'private_key_jwt' }, -1],
        ['it gains its rights', {}, managing, 1],
        [
          'its right is no longer granted',
          managing,
          { rights: { ...managing.rights, 'users:manage': { ...granted, state: 'revoked' } } },
          -1,
        ],
        ['its name changes', managing, { name: 'Two' }, 0],
        ['it never was one', {}, { status: 'disabled' }, 0],
      ] as [string, Partial<Integration>, Partial<Integration>, number][])(
        'where %s',
        async (_, before, after, expected) => {
          expect(await count(before, after)()).toBe(expected);
        },
      );

      it('never become none, also when ten go at once', async () => {
        const all = Array.from({ length: 10 }, (_, index) => integration(`Manager ${index}`, managing));
        await embedded.table.put(tenantItem({ tenant, name: 'Tenant', operator: false, managers: 0 }));
        for (const one of all) await store().create(one, { events: [event()] });
        const gone = await Promise.allSettled(
          all.map((one) => untilDecided(() => store().delete(one, { events: [event()] }))),
        );
        expect(gone.filter(({ status }) => status === 'rejected')).toHaveLength(1);
        expect([await managers(), await names()]).toEqual([1, [expect.any(String)]]);
      });
    });

    describe('a write that fails in the middle', () => {
      /** The table that fails after it wrote `written` of a transaction's items, if a part could be written at all. */
      const torn = (written: number): Table => ({
        ...embedded.table,
        transact: (actions: readonly Action[]) => {
          const impossible: Action = {
            check: { pk: 'NOWHERE#', sk: 'NOTHING' },
            condition: { expression: 'attribute_exists(pk)' },
          };
          return embedded.table.transact([...actions.slice(0, written), impossible, ...actions.slice(written)]);
        },
      });

      it('leaves nothing of a creation, wherever it fails', async () => {
        for (let written = 0; written <= 7; written++)
          await expect(
            store(torn(written)).create(integration('One', managing), { events: [event()] }),
          ).rejects.toThrow();
        expect([await names(), await events(), await managers()]).toEqual([[], 0, 1]);
      });

      it('leaves a change and a deletion undone, wherever they fail', async () => {
        const before = integration('One', managing);
        await store().create(before, { events: [event()] });
        for (let written = 0; written <= 8; written++) {
          await expect(
            store(torn(written)).update(before, { ...before, name: 'Two', status: 'disabled' }, { events: [event()] }),
          ).rejects.toThrow();
          await expect(store(torn(written)).delete(before, { events: [event()] })).rejects.toThrow();
        }
        expect(await store().get(tenant, before.clientId)).toEqual(before);
        expect([await names(), await events(), await managers()]).toEqual([['One'], 1, 2]);
      });
    });

    describe('a page of the list', () => {
      it('costs one query wherever it lies, and the last one knows that it is', async () => {
        const all = Array.from({ length: 5 }, (_, index) => `Name ${index}`);
        for (const name of all) await store().create(integration(name), { events: [event()] });
        const { table, calls } = countingTable(embedded.table);
        const first = await store(table).list(tenant, { limit: 3 });
        const second = await store(table).list(tenant, { limit: 2, ...(first.last && { after: first.last }) });
        expect(calls).toEqual({ query: 2 });
        expect([...first.items, ...second.items].map(({ name }) => name)).toEqual(all);
        expect(second).not.toHaveProperty('last');
      });
    });
  });
});
