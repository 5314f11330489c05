import * as z from 'zod/mini';
import { ConcurrentChange, DependencyUnavailable } from '../../entities/errors.ts';
import type { RefreshState, TokenFamily, TokenFamilyStore } from '../../entities/token-family.ts';
import { once } from '../../once.ts';
import { auditEventActions } from './audit-event.ts';
import { type Action, ConditionFailed, type Item, isNew, type Key, type Table } from './commands.ts';
import { storedAuthentication, storedHoldings } from './holdings.ts';
import { table as names, partitionKey } from './table.ts';

/** Where a token family lies. */
export function tokenFamilyKey(tenant: string, id: string): Key {
  return { pk: partitionKey('token-family', tenant, id), sk: 'TOKEN_FAMILY' };
}

const refreshState = once(() =>
  z.object({
    generation: z.number(),
    ciphertext: z.string(),
    rotations: z.number(),
    rotatedAt: z.optional(z.string()),
    rotatedBy: z.optional(z.string()),
    idleExpiresAt: z.string(),
  }),
);

/** The members of a family that are known before anybody redeemed anything; a code keeps them. */
export const storedFamilyDraft = once(() => ({
  tenant: z.string(),
  id: z.string(),
  clientId: z.string(),
  grantType: z.string(),
  user: z.optional(
    z.object({
      ...storedAuthentication(),
      id: z.string(),
      generation: z.number(),
      sessionId: z.optional(z.string()),
      offline: z.boolean(),
      consentId: z.optional(z.string()),
    }),
  ),
  operator: z.boolean(),
  scopes: z.array(z.string()),
  rights: storedHoldings(),
  resources: z.array(z.string()),
  nonce: z.optional(z.string()),
  keyThumbprint: z.optional(z.string()),
  createdAt: z.string(),
  expiresAt: z.string(),
  revokedAt: z.optional(z.string()),
}));

const stored = once(() =>
  z.object({ ...storedFamilyDraft(), credential: z.string(), refresh: z.optional(refreshState()) }),
);

/** The family of an item read from {@link tokenFamilyKey}. */
export const parseTokenFamily = (item: Item): TokenFamily => z.parse(stored(), item);

/** A row outlives its family by this much, in seconds: access tokens may still name it, and must find it revoked. */
const marginSeconds = 86_400;

/** The item of a family. */
export function tokenFamilyItem(family: TokenFamily): Item {
  return {
    ...tokenFamilyKey(family.tenant, family.id),
    ...family,
    [names.timeToLive]: Math.ceil(Date.parse(family.expiresAt) / 1000) + marginSeconds,
  };
}

/** How often a family is tried to be ended where others write to it; each waits for what a read tells of the last. */
const tries = 5;

/** Token families over the one table. */
export function tokenFamilies(table: Table): TokenFamilyStore {
  const get: TokenFamilyStore['get'] = async (tenant, id) => {
    const item = await table.get(tokenFamilyKey(tenant, id));
    return item && parseTokenFamily(item);
  };

  return {
    get,

    async create(family) {
      await table.put(tokenFamilyItem(family), isNew);
    },

    async rotate(family: TokenFamily, refresh: RefreshState) {
      try {
        await table.put(tokenFamilyItem({ ...family, refresh }), {
          expression: 'refresh.rotations = :rotations AND attribute_not_exists(revokedAt)',
          values: { ':rotations': family.refresh?.rotations },
        });
        return { rotated: true };
      } catch (error) {
        if (error instanceof ConcurrentChange) return { rotated: false, family: await get(family.tenant, family.id) };
        if (!(error instanceof ConditionFailed)) throw error;
        const found = error.failures.get(0);
        return { rotated: false, family: found && parseTokenFamily(found) };
      }
    },

    async revoke(tenant, id, at, event) {
      const ending: Action = {
        update: tokenFamilyKey(tenant, id),
        expression: 'SET revokedAt = :at',
        values: { ':at': at },
        condition: { expression: 'attribute_exists(pk) AND attribute_not_exists(revokedAt)' },
      };
      for (let attempt = 1; attempt <= tries; attempt++) {
        try {
          return await table.transact([ending, ...(event ? auditEventActions(event) : [])]);
        } catch (error) {
          if (error instanceof ConditionFailed) return;
          if (!(error instanceof ConcurrentChange)) throw error;
          if ((await get(tenant, id))?.revokedAt !== undefined) return;
        }
      }
      throw new DependencyUnavailable('others write to the family');
    },
  };
}
