import * as z from 'zod/mini';
import { ConcurrentChange, NotFound } from '../../entities/errors.ts';
import { type IdentityProvider, type IdentityProviderStore, offeredAtMost } from '../../entities/identity-provider.ts';
import { once } from '../../once.ts';
import { auditEventActions } from './audit-event.ts';
import { type Condition, ConditionFailed, type Item, isNew, type Key, type Table } from './commands.ts';
import { entityPage } from './entity-page.ts';
import { partitionKey } from './table.ts';

const providerPrefix = 'PROVIDER#';

/** Where a provider lies: its tenant's providers share a partition. */
export function identityProviderKey(tenant: string, id: string): Key {
  return { pk: partitionKey('identity-provider', tenant), sk: providerPrefix + id };
}

/** What says that a provider is being removed; apart from those that lists go through. */
function removalKey(tenant: string, id: string): Key {
  return { pk: partitionKey('identity-provider', tenant), sk: `REMOVAL#${id}` };
}

/** The provider is there, and not being removed. */
export const existingProvider: Condition = { expression: 'attribute_exists(pk)' };

const stored = once(() =>
  z.object({
    tenant: z.string(),
    id: z.string(),
    name: z.string(),
    issuer: z.string(),
    clientId: z.string(),
    claimMapping: z.object({ username: z.string(), email: z.string(), name: z.string() }),
    allowedEmailDomains: z.array(z.string()),
    createUsers: z.boolean(),
    roles: z.array(z.enum(['developer', 'member'])),
    status: z.enum(['active', 'disabled']),
    version: z.number(),
    createdAt: z.string(),
  }),
);

const parseIdentityProvider = (item: Item): IdentityProvider => z.parse(stored(), item);

const itemOf = (provider: IdentityProvider): Item => ({
  ...identityProviderKey(provider.tenant, provider.id),
  ...provider,
});

const unchanged = ({ version }: IdentityProvider): Condition => ({
  expression: 'version = :version',
  values: { ':version': version },
});

/** Providers over the one table. */
export function identityProviders(table: Table): IdentityProviderStore {
  return {
    async get(tenant, id) {
      const item = await table.get(identityProviderKey(tenant, id));
      return item && parseIdentityProvider(item);
    },

    async active(tenant) {
      const { items } = await table.query({
        partition: partitionKey('identity-provider', tenant),
        beginsWith: providerPrefix,
        limit: offeredAtMost,
      });
      return items.map(parseIdentityProvider).filter(({ status }) => status === 'active');
    },

    list(tenant, { limit, after }) {
      return entityPage(table, {
        query: {
          partition: partitionKey('identity-provider', tenant),
          beginsWith: providerPrefix,
          ...(after !== undefined && { after: { ...identityProviderKey(tenant, after) } }),
        },
        limit,
        parse: parseIdentityProvider,
        positionOf: ({ id }) => id,
      });
    },

    async create(provider, event) {
      await table.transact([{ put: itemOf(provider), condition: isNew }, ...auditEventActions(event)]);
    },

    async update(before, after, event) {
      const written = { ...after, version: before.version + 1 };
      try {
        await table.transact([{ put: itemOf(written), condition: unchanged(before) }, ...auditEventActions(event)]);
      } catch (error) {
        throw error instanceof ConditionFailed ? new ConcurrentChange() : error;
      }
    },

    async beginRemoval(tenant, id, event) {
      try {
        await table.transact([
          { delete: identityProviderKey(tenant, id), condition: existingProvider },
          { put: { ...removalKey(tenant, id), id, startedAt: event.at } },
          ...auditEventActions(event),
        ]);
      } catch (error) {
        if (!(error instanceof ConditionFailed)) throw error;
        if ((await table.get(removalKey(tenant, id))) === undefined) throw new NotFound();
      }
    },

    async finishRemoval(tenant, id) {
      await table.transact([{ delete: removalKey(tenant, id) }]);
    },
  };
}
