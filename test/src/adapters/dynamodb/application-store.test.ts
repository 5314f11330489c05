import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { applications } from '../../../../src/adapters/dynamodb/application-store.ts';
import { connections } from '../../../../src/adapters/dynamodb/connection-store.ts';
import { integrationStore } from '../../../../src/adapters/dynamodb/integration-store.ts';
import { tenantItem } from '../../../../src/adapters/dynamodb/tenant.ts';
import { implications } from '../../../../src/api/rights.ts';
import type { ApplicationSettings, PublishedApplication } from '../../../../src/entities/application.ts';
import { changedApplication, newApplication } from '../../../../src/entities/application-version.ts';
import { auditEvent } from '../../../../src/entities/audit-event.ts';
import { acceptedApplication } from '../../../../src/entities/connection.ts';
import { ConcurrentChange } from '../../../../src/entities/errors.ts';
import { newClientId, newTenantBoundId, newTenantId } from '../../../../src/entities/identifiers.ts';
import { type Integration, machineOnly } from '../../../../src/entities/integration.ts';
import { activeTenant } from '../../../active-tenant.ts';
import { originOf } from '../../entities/origin.ts';
import { type TableUnderTest, tableEngines } from './embedded-table.ts';

const at = '2026-11-21T10:00:00.000Z';

describe.each(tableEngines)('on $engine', ({ skipped, open }) => {
  describe.skipIf(skipped)('applications and connections', () => {
    let embedded: TableUnderTest;
    let developer: string;
    let tenant: string;
    beforeAll(async () => {
      embedded = await open();
    });
    afterAll(() => embedded.close());
    beforeEach(async () => {
      [developer, tenant] = [newTenantId(randomBytes), newTenantId(randomBytes)];
      await embedded.table.put(activeTenant(developer));
      await embedded.table.put(tenantItem({ tenant, name: 'Tenant', operator: false, managers: 1 }));
    });

    const store = () => applications(embedded.table);
    const decisions = () => connections(embedded.table);
    const event = (of = developer) =>
      auditEvent(
        { tenant: of, action: 'application.changed', object: 'app' },
        originOf('usr_1'),
        Date.now(),
        randomBytes,
      );
    const publication = () => ({ tenant: developer, publisher: 'Maker', subject: 'usr_1', at, implications });
    const settings: ApplicationSettings = {
      name: 'Mirror',
      grantTypes: ['client_credentials'],
      tokenEndpointAuthMethod: 'client_secret_basic',
      applicationType: 'web',
      redirectUris: [],
      postLogoutRedirectUris: [],
      reasons: { 'issues:read': 'to copy them' },
    };

    async function published(tenants: readonly string[] | 'all' = [tenant]): Promise<PublishedApplication> {
      const id = newTenantBoundId('app', developer, randomBytes);
      const made = newApplication(id, settings, tenants, publication());
      await store().create(made, [event()]);
      return made;
    }

    const change = (before: PublishedApplication, name: string): PublishedApplication =>
      changedApplication(before, { name }, undefined, publication()) ?? before;

    /** How many of these end well; the others must have met somebody else. */
    async function successes(attempts: readonly Promise<unknown>[]): Promise<number> {
      const settled = await Promise.allSettled(attempts);
      for (const each of settled) if (each.status === 'rejected') expect(each.reason).toBeInstanceOf(ConcurrentChange);
      return settled.filter(({ status }) => status === 'fulfilled').length;
    }

    function integration(published: PublishedApplication, name = 'Mirror'): Integration {
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
        rights: {},
        application: acceptedApplication(published),
        secrets: [],
        tokenGeneration: 0,
        createdAt: at,
        version: 1,
      };
    }

    it('are read as they were written, with every version', async () => {
      const made = await published();
      expect(await store().get(made.application.id)).toEqual(made);
      const next = change(made, 'Other');
      await store().update(made, next, [event()]);
      const now = { ...next, application: { ...next.application, revision: 2 } };
      expect(await store().get(made.application.id)).toEqual(now);
      expect((await store().listVersions(made.application.id, { limit: 1 })).items).toEqual([next.version]);
      const rest = await store().listVersions(made.application.id, { limit: 1, after: 2 });
      expect(rest).toEqual({ items: [made.version] });
      expect((await store().list(developer, { limit: 10 })).items).toEqual([now.application]);
    });

    it('of ten publications decided on the same version, exactly one is written', async () => {
      const made = await published();
      const names = Array.from({ length: 10 }, (_, index) => `Mirror ${index}`);
      const written = await successes(names.map((name) => store().update(made, change(made, name), [event()])));
      expect(written).toBe(1);
      expect((await store().listVersions(made.application.id, { limit: 10 })).items).toHaveLength(2);
    });

    it.each([['other tenants'], ['all']])(
      'is offered to others on what is there, not on a list of %s that was read before',
      async (was) => {
        const made = await published();
        const stale = { ...made, tenants: was === 'all' ? was : [newTenantId(randomBytes)] } as const;
        const offered = (before: PublishedApplication) =>
          changedApplication(before, {}, [developer], publication()) ?? before;
        await expect(store().update(stale, offered(stale), [event()])).rejects.toBeInstanceOf(ConcurrentChange);
        expect((await store().get(made.application.id))?.tenants).toEqual([tenant]);
        await store().update(made, offered(made), [event()]);
        expect((await store().get(made.application.id))?.tenants).toEqual([developer]);
        expect(await decisions().seen(tenant, made.application.id)).toBeUndefined();
      },
    );

    it('of ten integrations made for one connection, exactly one is written', async () => {
      const made = await published();
      const ten = Array.from({ length: 10 }, (_, index) => integration(made, `Mirror ${index}`));
      const events = [event(tenant)];
      const written = await successes(ten.map((each) => integrationStore(embedded.table).create(each, { events })));
      expect(written).toBe(1);
      expect((await integrationStore(embedded.table).list(tenant, { limit: 20 })).items).toHaveLength(1);
      const { id } = made.application;
      const [seen] = (await decisions().list(tenant, { limit: 10 })).items;
      expect(ten.map(({ clientId }) => clientId)).toContain(seen?.connection?.clientId);
      const { items } = await decisions().offered(id, [tenant], { limit: 10 });
      expect(items).toEqual([
        { tenant, connection: { tenant, applicationId: id, acceptedVersion: 1, disabled: false } },
      ]);
      const declined = { tenant, applicationId: id, declinedVersion: 1, disabled: false };
      await expect(decisions().decline(declined, { events: [event(tenant)] })).rejects.toBeInstanceOf(ConcurrentChange);
    });

    it('what was declined is connected later, and what is deleted is neither', async () => {
      const made = await published();
      const { id } = made.application;
      const declined = { tenant, applicationId: id, declinedVersion: 1, disabled: false };
      await decisions().decline(declined, { events: [event(tenant)] });
      expect((await decisions().seen(tenant, id))?.connection).toEqual(declined);
      const connected = integration(made);
      const integrations = integrationStore(embedded.table);
      await integrations.create(connected, { events: [event(tenant)] });
      await integrations.update(connected, { ...connected, status: 'disabled' }, { events: [event(tenant)] });
      expect((await decisions().seen(tenant, id))?.connection).toMatchObject({ acceptedVersion: 1, disabled: true });
      const stored = await integrations.get(tenant, connected.clientId);
      if (stored !== undefined) await integrations.delete(stored, { events: [event(tenant)] });
      expect(await decisions().seen(tenant, id)).toEqual({ application: made.application, connection: undefined });
    });

    it('are seen where they are offered, by all once that is approved, and by nobody else', async () => {
      const named = await published();
      const all = await published('all');
      const stranger = newTenantId(randomBytes);
      const seenBy = async (by: string) =>
        (await decisions().list(by, { limit: 100 })).items
          .map(({ application }) => application.id)
          .filter((id) => id === named.application.id || id === all.application.id);
      expect(await seenBy(tenant)).toEqual([named.application.id]);
      expect(await seenBy(stranger)).toEqual([]);
      expect((await seenBy(developer)).length).toBe(2);
      expect((await store().waiting({ limit: 100 })).items).toContainEqual(all.application);
      const approved: PublishedApplication = { ...all, application: { ...all.application, approval: 'approved' } };
      await store().update(all, approved, [event()]);
      expect(await seenBy(stranger)).toEqual([all.application.id]);
      expect(await decisions().seen(stranger, named.application.id)).toBeUndefined();
      expect((await store().waiting({ limit: 100 })).items).not.toContainEqual(all.application);
    });
  });
});
