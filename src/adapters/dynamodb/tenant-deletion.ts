import * as z from 'zod/mini';
import { deletionSteps, type TenantDeletion } from '../../entities/tenant-deletion.ts';
import { once } from '../../once.ts';
import type { Item, Key } from './commands.ts';
import { partitionKey } from './table.ts';

/** Where it lies what is being removed, of all tenants: there are never many. */
export const deletionPartition = partitionKey('tenant-deletion');

/** Where the record of a tenant's deletion lies. */
export function tenantDeletionKey(tenant: string): Key {
  return { pk: deletionPartition, sk: tenant };
}

export function tenantDeletionItem(deletion: TenantDeletion): Item {
  return { ...tenantDeletionKey(deletion.tenant), ...deletion };
}

const stored = once(() =>
  z.object({
    tenant: z.string(),
    step: z.enum(deletionSteps),
    removed: z.number(),
    startedAt: z.string(),
    operatorTenant: z.string(),
  }),
);

/** The record of an item read from {@link tenantDeletionKey}. */
export function parseTenantDeletion(item: Item): TenantDeletion {
  return z.parse(stored(), item);
}
