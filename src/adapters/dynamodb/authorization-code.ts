import * as z from 'zod/mini';
import type { AuthorizationCode, AuthorizationCodeStore } from '../../entities/authorization-code.ts';
import { ConcurrentChange, DependencyUnavailable } from '../../entities/errors.ts';
import { once } from '../../once.ts';
import { type Action, ConditionFailed, type Item, isNew, type Key, type Table } from './commands.ts';
import { table as names, partitionKey } from './table.ts';
import { storedFamilyDraft, tokenFamilyItem } from './token-family.ts';

/** Where a code lies, found by its tenant and its hash. */
function authorizationCodeKey(tenant: string, hash: string): Key {
  return { pk: partitionKey('authorization-code', tenant, hash), sk: 'CODE' };
}

const stored = once(() =>
  z.object({
    tenant: z.string(),
    hash: z.string(),
    clientId: z.string(),
    redirectUri: z.string(),
    codeChallenge: z.optional(z.string()),
    expiresAt: z.string(),
    family: z.object(storedFamilyDraft()),
    redeemed: z.optional(z.literal(true)),
  }),
);

/** The code of an item read from {@link authorizationCodeKey}. */
const parseAuthorizationCode = (item: Item): AuthorizationCode => z.parse(stored(), item);

/** A spent code is kept for as long as what it began may live, so that its second use is seen for what it is. */
const itemOf = (code: AuthorizationCode): Item => ({
  ...authorizationCodeKey(code.tenant, code.hash),
  ...code,
  [names.timeToLive]: Math.ceil(Date.parse(code.family.expiresAt) / 1000),
});

/** How often a code is tried to be spent where others are at it; each waits for what a read tells of the last. */
const tries = 5;

/** Authorization codes over the one table. */
export function authorizationCodes(table: Table): AuthorizationCodeStore {
  const get: AuthorizationCodeStore['get'] = async (tenant, hash) => {
    const item = await table.get(authorizationCodeKey(tenant, hash));
    return item && parseAuthorizationCode(item);
  };

  return {
    async create(code) {
      await table.put(itemOf(code), isNew);
    },

    get,

    async redeem(code, family) {
      const spending: Action[] = [
        {
          update: authorizationCodeKey(code.tenant, code.hash),
          expression: 'SET redeemed = :true',
          values: { ':true': true },
          condition: { expression: 'attribute_exists(pk) AND attribute_not_exists(redeemed)' },
        },
        { put: tokenFamilyItem(family), condition: isNew },
      ];
      for (let attempt = 1; attempt <= tries; attempt++) {
        try {
          await table.transact(spending);
          return true;
        } catch (error) {
          if (error instanceof ConditionFailed) return false;
          if (!(error instanceof ConcurrentChange)) throw error;
          if ((await get(code.tenant, code.hash))?.redeemed !== undefined) return false;
        }
      }
      throw new DependencyUnavailable('others redeem the code');
    },
  };
}
