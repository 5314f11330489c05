import * as z from 'zod/mini';
import type { PersonalAccessToken, TokenUseRecorder } from '../../entities/personal-access-token.ts';
import { once } from '../../once.ts';
import type { Item, Key, Table } from './commands.ts';
import { storedHoldings } from './holdings.ts';
import { noteLastUse } from './last-use.ts';
import { table as names, partitionKey } from './table.ts';

/** Where a personal access token lies, found by its hash; the user's share a partition. */
export function personalAccessTokenKey(tenant: string, userId: string, hash: string): Key {
  return { pk: partitionKey('personal-access-token', tenant, userId), sk: hash };
}

const stored = once(() =>
  z.object({
    tenant: z.string(),
    userId: z.string(),
    id: z.string(),
    hash: z.string(),
    name: z.string(),
    rights: storedHoldings(),
    clientId: z.string(),
    consentId: z.optional(z.string()),
    operator: z.boolean(),
    userGeneration: z.number(),
    lastFour: z.string(),
    createdAt: z.string(),
    expiresAt: z.string(),
    lastUsedAt: z.optional(z.string()),
  }),
);

/** The item of a token. */
export function personalAccessTokenItem(token: PersonalAccessToken): Item {
  return {
    ...personalAccessTokenKey(token.tenant, token.userId, token.hash),
    ...token,
    [names.timeToLive]: Math.ceil(Date.parse(token.expiresAt) / 1000),
  };
}

/** The token of an item read from {@link personalAccessTokenKey}. */
export const parsePersonalAccessToken = (item: Item): PersonalAccessToken => z.parse(stored(), item);

/** Every token of the user's that is kept: one read, since nobody may have many. */
export async function personalAccessTokensOf(
  table: Table,
  tenant: string,
  userId: string,
): Promise<readonly PersonalAccessToken[]> {
  const { items } = await table.query({ partition: partitionKey('personal-access-token', tenant, userId) });
  return items.map(parsePersonalAccessToken);
}

/** Notes uses of personal access tokens, to the hour. */
export function tokenUses(table: Table): TokenUseRecorder {
  return {
    noteUse: ({ tenant, userId, hash, lastUsedAt }, now) =>
      noteLastUse(table, personalAccessTokenKey(tenant, userId, hash), lastUsedAt, now),
  };
}
