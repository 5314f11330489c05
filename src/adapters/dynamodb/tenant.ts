import * as z from 'zod/mini';
import { ConcurrentChange } from '../../entities/errors.ts';
import type { Tenant, TenantReader, TenantStanding, TenantStore } from '../../entities/tenant.ts';
import { once } from '../../once.ts';
import { auditEventActions } from './audit-event.ts';
import { type Action, type Condition, ConditionFailed, type Item, type Key, type Table } from './commands.ts';
import { partitionKey } from './table.ts';

export function tenantKey(tenant: string): Key {
  return { pk: partitionKey('tenant', tenant), sk: 'TENANT' };
}

export function tenantItem(tenant: Tenant): Item {
  return { ...tenantKey(tenant.tenant), ...tenant };
}

/** Where a tenant's standing lies, beside the tenant itself. */
export function tenantStandingKey(tenant: string): Key {
  return { pk: partitionKey('tenant', tenant), sk: 'STANDING' };
}

export function tenantStandingItem(standing: TenantStanding): Item {
  return { ...tenantStandingKey(standing.tenant), ...standing };
}

const storedStanding = once(() =>
  z.object({
    tenant: z.string(),
    status: z.enum(['active', 'suspended', 'deleting']),
    operator: z.boolean(),
    version: z.optional(z.number()),
  }),
);

export function parseTenantStanding(item: Item): TenantStanding {
  return z.parse(storedStanding(), item);
}

/** The tenant is there and stays: what is written on this condition is there when it is looked for to be removed. */
export const isStaying: Condition = {
  expression: 'attribute_exists(pk) AND #status <> :deleting',
  names: { '#status': 'status' },
  values: { ':deleting': 'deleting' },
};

const stored = once(() =>
  z.object({
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
    version: z.optional(z.number()),
    createdAt: z.optional(z.string()),
  }),
);

export function parseTenant(item: Item): Tenant {
  return z.parse(stored(), item);
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

/** The tenant is what was read, and so is the count of its managers, which is kept in the same item. */
export function unchangedTenant({ managers, version }: Tenant): Condition {
  const counted = 'managers = :managers';
  return version === undefined
    ? { expression: `${counted} AND attribute_not_exists(version)`, values: { ':managers': managers } }
    : { expression: `${counted} AND version = :version`, values: { ':managers': managers, ':version': version } };
}

/** Tenants over the one table. */
export function tenants(table: Table): TenantStore {
  return {
    ...tenantReader(table),
    async update(before, after, event) {
      const written = tenantItem({ ...after, version: (before.version ?? 0) + 1 });
      try {
        await table.transact([{ put: written, condition: unchangedTenant(before) }, ...auditEventActions(event)]);
      } catch (error) {
        throw error instanceof ConditionFailed ? new ConcurrentChange() : error;
      }
    },
  };
}
