import * as z from 'zod/mini';
import type { Tenant, TenantReader } from '../../entities/tenant.ts';
import type { Action, Item, Key, Table } from './commands.ts';
import { partitionKey } from './table.ts';

export function tenantKey(tenant: string): Key {
  return { pk: partitionKey('tenant', tenant), sk: 'TENANT' };
}

export function tenantItem(tenant: Tenant): Item {
  return { ...tenantKey(tenant.tenant), ...tenant };
}

const stored = z.object({
  tenant: z.string(),
  name: z.string(),
  operator: z.boolean(),
  managers: z.number(),
  branding: z.optional(z.object({ logo: z.optional(z.string()), colour: z.optional(z.string()) })),
  policy: z.optional(
    z.object({
      secondFactorRequired: z.optional(z.boolean()),
      personalAccessTokenMaximumDays: z.optional(z.number()),
    }),
  ),
});

export function parseTenant(item: Item): Tenant {
  return z.parse(stored, item);
}

/** One manager more. */
export function managerGained(tenant: string): Action {
  return {
    update: tenantKey(tenant),
    expression: 'SET managers = managers + :one',
    values: { ':one': 1 },
    condition: { expression: 'attribute_exists(pk)' },
  };
}

/** One manager less, and never none: of two that leave at once, one is refused. */
export function managerLost(tenant: string): Action {
  return {
    update: tenantKey(tenant),
    expression: 'SET managers = managers - :one',
    values: { ':one': 1 },
    condition: { expression: 'managers > :one' },
  };
}

export function tenantReader(table: Table): TenantReader {
  return {
    async get(tenant) {
      const item = await table.get(tenantKey(tenant));
      return item && parseTenant(item);
    },
  };
}
