import * as z from 'zod/mini';
import type { Integration, IntegrationSummary } from '../../entities/integration.ts';
import { foldedName } from '../../entities/integration-name.ts';
import { once } from '../../once.ts';
import type { Item, Key } from './commands.ts';
import { partitionKey } from './table.ts';

/** Reserves a name in its tenant and is its line in the list: one partition in the order of folded names. */
export function integrationNameKey(tenant: string, name: string): Key {
  return { pk: partitionKey('integration-name', tenant), sk: foldedName(name) };
}

/** The row of an integration's name, with all that a list shows of it. */
export function integrationNameItem({ tenant, clientId, name, status, createdAt }: Integration): Item {
  return { ...integrationNameKey(tenant, name), client_id: clientId, name, status, created_at: createdAt };
}

const stored = once(() =>
  z.object({
    client_id: z.string(),
    name: z.string(),
    status: z.enum(['active', 'disabled']),
    created_at: z.string(),
  }),
);

/** What a list shows, of an item read from {@link integrationNameKey}. */
export function parseIntegrationName(item: Item): IntegrationSummary {
  const row = z.parse(stored(), item);
  return { clientId: row.client_id, name: row.name, status: row.status, createdAt: row.created_at };
}
