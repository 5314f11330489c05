import * as z from 'zod/mini';
import type { Consent, ConsentStore } from '../../entities/consent.ts';
import { ConcurrentChange, NotFound } from '../../entities/errors.ts';
import { once } from '../../once.ts';
import { auditEventActions } from './audit-event.ts';
import { type Action, ConditionFailed, type Item, isNew, type Key, type Table } from './commands.ts';
import { entityPage } from './entity-page.ts';
import { storedHoldings } from './holdings.ts';
import { personalAccessTokenKey, personalAccessTokensOf } from './personal-access-token.ts';
import { table as names, partitionKey } from './table.ts';

/** Where a user's consent to an integration lies; the user's consents share a partition. */
export function consentKey(tenant: string, userId: string, clientId: string): Key {
  return { pk: partitionKey('consent', tenant, userId), sk: clientId };
}

/** The partition of the index in which all consents of a tenant lie, also those of users who are gone. */
export const consentsOfTenantPartition = (tenant: string) => partitionKey('consent', tenant);

/** The item of a consent. */
function consentItem(consent: Consent): Item {
  const { tenant, userId, clientId } = consent;
  return {
    ...consentKey(tenant, userId, clientId),
    ...consent,
    [names.index.partitionKey]: consentsOfTenantPartition(tenant),
    [names.index.sortKey]: `${userId}#${clientId}`,
  };
}

const stored = once(() =>
  z.object({
    tenant: z.string(),
    userId: z.string(),
    clientId: z.string(),
    id: z.string(),
    scopes: z.array(z.string()),
    rights: storedHoldings(),
    createdAt: z.string(),
    updatedAt: z.string(),
  }),
);

/** The consent of an item read from {@link consentKey}. */
export const parseConsent = (item: Item): Consent => z.parse(stored(), item);

/** The most personal access tokens that go in the transaction of a withdrawal; the others are dead as well. */
const tokensAtMost = 90;

/** Consents over the one table. */
export function consents(table: Table): ConsentStore {
  return {
    async get(tenant, userId, clientId) {
      const item = await table.get(consentKey(tenant, userId, clientId));
      return item && parseConsent(item);
    },

    list(tenant, userId, { limit, after }) {
      return entityPage(table, {
        query: {
          partition: partitionKey('consent', tenant, userId),
          ...(after !== undefined && { after: { ...consentKey(tenant, userId, after) } }),
        },
        limit,
        parse: parseConsent,
        positionOf: ({ clientId }) => clientId,
      });
    },

    async put(before, after, event) {
      const condition =
        before === undefined
          ? isNew
          : {
              expression: 'id = :id AND updatedAt = :updated_at',
              values: { ':id': before.id, ':updated_at': before.updatedAt },
            };
      try {
        await table.transact([{ put: consentItem(after), condition }, ...auditEventActions(event)]);
      } catch (error) {
        throw error instanceof ConditionFailed ? new ConcurrentChange() : error;
      }
    },

    async withdraw(tenant, userId, clientId, event) {
      const tokens = await personalAccessTokensOf(table, tenant, userId);
      const made = tokens.filter((token) => token.clientId === clientId).slice(0, tokensAtMost);
      try {
        await table.transact([
          {
            delete: consentKey(tenant, userId, clientId),
            condition: { expression: 'attribute_exists(pk)' },
          },
          ...made.map(({ hash }): Action => ({ delete: personalAccessTokenKey(tenant, userId, hash) })),
          ...auditEventActions(event),
        ]);
      } catch (error) {
        throw error instanceof ConditionFailed ? new NotFound() : error;
      }
    },
  };
}
