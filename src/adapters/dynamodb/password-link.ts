import * as z from 'zod/mini';
import type { PasswordLink } from '../../entities/password-link.ts';
import { once } from '../../once.ts';
import type { Item, Key } from './commands.ts';
import { table as names, partitionKey } from './table.ts';

/** Where the one link of a user lies. */
export function passwordLinkKey(tenant: string, userId: string): Key {
  return { pk: partitionKey('password-link', tenant, userId), sk: 'LINK' };
}

/** The item of a link; `hash` is a reserved word of expressions. */
export const passwordLinkItem = (link: PasswordLink): Item => ({
  ...passwordLinkKey(link.tenant, link.userId),
  tenant: link.tenant,
  userId: link.userId,
  linkHash: link.hash,
  expiresAt: link.expiresAt,
  generation: link.generation,
  [names.timeToLive]: Math.ceil(Date.parse(link.expiresAt) / 1000),
});

const stored = once(() =>
  z.object({
    tenant: z.string(),
    userId: z.string(),
    linkHash: z.string(),
    expiresAt: z.string(),
    generation: z.number(),
  }),
);

/** The link of an item read from {@link passwordLinkKey}. */
export function parsePasswordLink(item: Item): PasswordLink {
  const { linkHash: hash, ...rest } = z.parse(stored(), item);
  return { ...rest, hash };
}
