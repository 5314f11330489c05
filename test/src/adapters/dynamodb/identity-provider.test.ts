import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { auditEventStore } from '../../../../src/adapters/dynamodb/audit-event.ts';
import { identityProviders } from '../../../../src/adapters/dynamodb/identity-provider.ts';
import { auditEvent } from '../../../../src/entities/audit-event.ts';
import { ConcurrentChange, NotFound } from '../../../../src/entities/errors.ts';
import { newTenantId } from '../../../../src/entities/identifiers.ts';
import {
  type IdentityProvider,
  type IdentityProviderStore,
  newIdentityProviderId,
  standardClaims,
} from '../../../../src/entities/identity-provider.ts';
import { originOf } from '../../entities/origin.ts';
import { type TableUnderTest, tableEngines } from './embedded-table.ts';

describe.each(tableEngines)('on $engine', ({ skipped, open }) => {
  describe.skipIf(skipped)('identity providers', () => {
    let opened: TableUnderTest;
    let store: IdentityProviderStore;
    beforeAll(async () => {
      opened = await open();
      store = identityProviders(opened.table);
    });
    afterAll(() => opened.close());

    let tenant: string;
    let provider: IdentityProvider;
    beforeEach(async () => {
      tenant = newTenantId(randomBytes);
      provider = await created();
    });

    const event = (action: string) =>
      auditEvent({ tenant, action, object: 'idp' }, originOf('usr_1'), Date.now(), randomBytes);
    async function created(more: Partial<IdentityProvider> = {}): Promise<IdentityProvider> {
      const made: IdentityProvider = {
        tenant,
        id: newIdentityProviderId(tenant, randomBytes),
        name: 'Example ID',
        issuer: 'https://id.example',
        clientId: 'latchkey',
        claimMapping: standardClaims,
        allowedEmailDomains: ['example.com'],
        createUsers: true,
        roles: ['member'],
        status: 'active',
        version: 1,
        createdAt: '2026-11-21T10:00:00.000Z',
        ...more,
      };
      await store.create(made, event('created'));
      return made;
    }
    const actions = async () =>
      (await auditEventStore(opened.table).list(tenant, {}, { limit: 50 })).items.map(({ action }) => action);

    it('are read, listed in pages, and offered while they are active', async () => {
      const disabled = await created({ status: 'disabled' });
      expect(await store.get(tenant, provider.id)).toEqual(provider);
      const first = await store.list(tenant, { limit: 1 });
      const rest = await store.list(tenant, { limit: 1, after: first.last ?? '' });
      expect([...first.items, ...rest.items].map(({ id }) => id)).toEqual([provider.id, disabled.id].sort());
      expect(rest.last).toBeUndefined();
      expect(await store.active(tenant)).toEqual([provider]);
    });

    it('of ten changes at once, one is made', async () => {
      const changes = Array.from({ length: 10 }, (_, index) =>
        store.update(provider, { ...provider, name: `Name ${index}` }, event('changed')),
      );
      const outcomes = await Promise.allSettled(changes);
      const lost = outcomes.filter((outcome) => outcome.status === 'rejected');
      expect(lost).toHaveLength(9);
      for (const { reason } of lost) expect(reason).toBeInstanceOf(ConcurrentChange);
      expect(await store.get(tenant, provider.id)).toMatchObject({ version: 2 });
      expect((await actions()).filter((action) => action === 'changed')).toHaveLength(1);
    });

    it('that are being removed are in no answer, and the removal is taken up where it broke off', async () => {
      await store.beginRemoval(tenant, provider.id, event('deleted'));
      expect(await store.get(tenant, provider.id)).toBeUndefined();
      expect(await store.active(tenant)).toEqual([]);
      expect((await store.list(tenant, { limit: 10 })).items).toEqual([]);
      await expect(store.update(provider, provider, event('changed'))).rejects.toThrow(ConcurrentChange);
      await store.beginRemoval(tenant, provider.id, event('deleted'));
      await store.finishRemoval(tenant, provider.id);
      await expect(store.beginRemoval(tenant, provider.id, event('deleted'))).rejects.toThrow(NotFound);
      expect((await actions()).filter((action) => action === 'deleted')).toHaveLength(1);
    });
  });
});
