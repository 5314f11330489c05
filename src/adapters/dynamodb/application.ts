import * as z from 'zod/mini';
import type { ApplicationStanding } from '../../entities/application.ts';
import { tenantOfBoundId } from '../../entities/identifiers.ts';
import type { Integration } from '../../entities/integration.ts';
import { once } from '../../once.ts';
import type { Item, Key, Table } from './commands.ts';
import { partitionKey } from './table.ts';

/** Where an application lies; its id names the tenant of its developer. */
export function applicationKey(id: string): Key {
  return { pk: partitionKey('application', tenantOfBoundId('app', id) ?? '', id), sk: 'APPLICATION' };
}

/** What an application asks for, as an attribute. */
export const askedRights = once(() =>
  z.record(
    z.string(),
    z.object({
      since: z.number(),
      impliedBy: z.optional(z.array(z.string())),
      implied: z.optional(z.literal(true)),
    }),
  ),
);

/** What of the item every decision on its connections' tokens needs. */
export const storedStanding = once(() =>
  z.object({
    status: z.enum(['published', 'withdrawn', 'banned']),
    rights: askedRights(),
  }),
);

/** The standing of an item read from {@link applicationKey}. */
export function parseApplicationStanding(item: Item): ApplicationStanding {
  return z.parse(storedStanding(), item);
}

/** How the applications of those that are connections stand, by id, in one round trip; in none where none is a connection. */
export async function applicationStandings(
  table: Pick<Table, 'batchGet'>,
  integrations: readonly Pick<Integration, 'application'>[],
): Promise<ReadonlyMap<string | undefined, ApplicationStanding>> {
  const ids = [...new Set(integrations.flatMap(({ application }) => application?.id ?? []))];
  const items = ids.length === 0 ? [] : await table.batchGet(ids.map(applicationKey));
  const found = ids.map((id) => [id, items.find(({ pk }) => pk === applicationKey(id).pk)] as const);
  return new Map(found.flatMap(([id, item]) => (item === undefined ? [] : [[id, parseApplicationStanding(item)]])));
}
