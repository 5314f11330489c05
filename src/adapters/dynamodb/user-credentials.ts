import * as z from 'zod/mini';
import type { UserCredentials } from '../../entities/user-credentials.ts';
import { once } from '../../once.ts';
import type { Item, Key } from './commands.ts';
import { partitionKey } from './table.ts';

/** Where a user's credentials lie: one item, so that one condition holds all of them together. */
export function userCredentialsKey(tenant: string, userId: string): Key {
  return { pk: partitionKey('user-credentials', tenant, userId), sk: 'CREDENTIALS' };
}

const totpSecret = once(() => z.object({ ciphertext: z.string(), createdAt: z.string() }));

const stored = once(() =>
  z.object({
    tenant: z.string(),
    userId: z.string(),
    passwordHash: z.optional(z.string()),
    totp: z.optional(totpSecret()),
    pendingTotp: z.optional(z.extend(totpSecret(), { interaction: z.string() })),
    lastTotpStep: z.optional(z.number()),
    passkeys: z.array(
      z.object({
        id: z.string(),
        publicKey: z.string(),
        signatures: z.number(),
        transports: z.array(z.string()),
        createdAt: z.string(),
      }),
    ),
    recoveryCodes: z.array(z.string()),
    version: z.number(),
  }),
);

/** The credentials of an item read from {@link userCredentialsKey}. */
export const parseUserCredentials = (item: Item): UserCredentials => z.parse(stored(), item);
