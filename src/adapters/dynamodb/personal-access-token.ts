import * as z from 'zod/mini';
import { Conflict, NotFound } from '../../entities/errors.ts';
import type {
  PersonalAccessToken,
  PersonalAccessTokenStore,
  TokenUseRecorder,
} from '../../entities/personal-access-token.ts';
import { auditEventActions } from './audit-event.ts';
import { type Action, ConditionFailed, type Item, isNew, type Key, type Table } from './commands.ts';
import { consentKey } from './consent.ts';
import { entityPage } from './entity-page.ts';
import { storedHoldings } from './holdings.ts';
import { table as names, partitionKey } from './table.ts';

/** Where a personal access token lies, found by its hash; the user's share a partition. */
export function personalAccessTokenKey(tenant: string, userId: string, hash: string): Key {
  return { pk: partitionKey('personal-access-token', tenant, userId), sk: hash };
}

const stored = z.object({
  tenant: z.string(),
  userId: z.string(),
  id: z.string(),
  hash: z.string(),
  name: z.string(),
  rights: storedHoldings,
  clientId: z.string(),
  consentId: z.optional(z.string()),
  operator: z.boolean(),
  userGeneration: z.number(),
  lastFour: z.string(),
  createdAt: z.string(),
  expiresAt: z.string(),
  lastUsedAt: z.optional(z.string()),
});

/** The token of an item read from {@link personalAccessTokenKey}. */
export const parsePersonalAccessToken = (item: Item): PersonalAccessToken => z.parse(stored, item);

/** Personal access tokens over the one table. */
export function personalAccessTokens(table: Table): PersonalAccessTokenStore {
  return {
    list(tenant, userId, { limit, after }) {
      return entityPage(table, {
        query: {
          partition: partitionKey('personal-access-token', tenant, userId),
          ...(after !== undefined && { after: { ...personalAccessTokenKey(tenant, userId, after) } }),
        },
        limit,
        parse: parsePersonalAccessToken,
        positionOf: ({ hash }) => hash,
      });
    },

    async create(token, event) {
      const { tenant, userId, clientId, consentId } = token;
      const consent: Action[] =
        consentId === undefined
          ? []
          : [
              {
                check: consentKey(tenant, userId, clientId),
                condition: { expression: 'id = :id', values: { ':id': consentId } },
              },
            ];
      try {
        await table.transact([
          {
            put: {
              ...personalAccessTokenKey(tenant, userId, token.hash),
              ...token,
              [names.timeToLive]: Math.ceil(Date.parse(token.expiresAt) / 1000),
            },
            condition: isNew,
          },
          ...consent,
          ...auditEventActions(event),
        ]);
      } catch (error) {
        if (error instanceof ConditionFailed && error.failures.has(1))
          throw new Conflict('The consent to the app that this token would be made through was withdrawn.');
        throw error;
      }
    },

    async revoke(tenant, userId, id, event) {
      const found = await findById(table, tenant, userId, id);
      try {
        await table.transact([
          {
            delete: personalAccessTokenKey(tenant, userId, found.hash),
            condition: { expression: 'id = :id', values: { ':id': id } },
          },
          ...auditEventActions(event),
        ]);
      } catch (error) {
        throw error instanceof ConditionFailed ? new NotFound() : error;
      }
    },
  };
}

/** The user's token of that id; the partition holds no more than people keep by hand. */
async function findById(table: Table, tenant: string, userId: string, id: string): Promise<PersonalAccessToken> {
  const { items } = await table.query({ partition: partitionKey('personal-access-token', tenant, userId) });
  const found = items.map(parsePersonalAccessToken).find((token) => token.id === id);
  if (found === undefined) throw new NotFound();
  return found;
}

const hour = 3_600_000;

/** Notes uses of personal access tokens, to the hour. */
export function tokenUses(table: Table): TokenUseRecorder {
  return {
    async noteUse({ tenant, userId, hash, lastUsedAt }, now) {
      const at = new Date(Math.floor(now / hour) * hour).toISOString();
      if (lastUsedAt === at) return;
      try {
        await table.transact([
          {
            update: personalAccessTokenKey(tenant, userId, hash),
            expression: 'SET lastUsedAt = :at',
            values: { ':at': at },
            condition: { expression: 'attribute_exists(pk)' },
          },
        ]);
      } catch (error) {
        // Revoked meanwhile: there is nothing to note it on, and nothing may come to stand there.
        if (!(error instanceof ConditionFailed)) throw error;
      }
    },
  };
}
