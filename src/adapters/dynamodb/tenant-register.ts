import * as z from 'zod/mini';
import type { AuditEvent } from '../../entities/audit-event.ts';
import { ConcurrentChange } from '../../entities/errors.ts';
import type { Integration } from '../../entities/integration.ts';
import type { Tenant, TenantStanding } from '../../entities/tenant.ts';
import type { TenantRegister, TenantSummary } from '../../entities/tenant-register.ts';
import { once } from '../../once.ts';
import { auditEventActions } from './audit-event.ts';
import { type Action, type Condition, ConditionFailed, type Item, isNew, type Key, type Table } from './commands.ts';
import { integrationItem } from './integration.ts';
import { integrationNameItem } from './integration-name.ts';
import { partitionKey } from './table.ts';
import {
  managerGained,
  parseTenant,
  parseTenantStanding,
  tenantItem,
  tenantKey,
  tenantStandingItem,
  tenantStandingKey,
  unchangedTenant,
} from './tenant.ts';
import { parseTenantDeletion, tenantDeletionItem, tenantDeletionKey } from './tenant-deletion.ts';

const listPartition = partitionKey('tenant-list');

/** Where a tenant stands in the operator's list, in the order of ids. */
export function tenantListKey(tenant: string): Key {
  return { pk: listPartition, sk: tenant };
}

/** A tenant's line of the list; its name is the tenant's own to change, and is not kept twice. */
export function tenantListItem(
  { tenant, createdAt }: Pick<Tenant, 'tenant' | 'createdAt'>,
  { status }: Pick<TenantStanding, 'status'>,
): Item {
  return { ...tenantListKey(tenant), tenant, status, ...(createdAt !== undefined && { createdAt }) };
}

const storedLine = once(() =>
  z.object({
    tenant: z.string(),
    status: z.enum(['active', 'suspended', 'deleting']),
    createdAt: z.optional(z.string()),
  }),
);

/** Everything that a tenant is, and the integration with which it begins. */
export function foundingActions(tenant: Tenant, standing: TenantStanding, administrator: Integration): Action[] {
  return [
    { put: tenantItem(tenant), condition: isNew },
    { put: tenantStandingItem(standing), condition: isNew },
    { put: tenantListItem(tenant, standing), condition: isNew },
    ...administratorActions(administrator),
  ];
}

function administratorActions(administrator: Integration): readonly [Action, Action] {
  return [
    { put: integrationItem(administrator), condition: isNew },
    { put: integrationNameItem(administrator), condition: isNew },
  ];
}

/** Nobody has suspended, restored or begun to remove the tenant since it was read. */
function unchangedStanding({ version }: TenantStanding): Condition {
  return version === undefined
    ? { expression: 'attribute_exists(pk) AND attribute_not_exists(version)' }
    : { expression: 'version = :version', values: { ':version': version } };
}

/** Another status, where the gate reads it and where the list shows it. */
function statusActions(tenant: Tenant, before: TenantStanding, status: TenantStanding['status']): Action[] {
  const after = { ...before, status, version: (before.version ?? 0) + 1 };
  return [
    { put: tenantStandingItem(after), condition: unchangedStanding(before) },
    { put: tenantListItem(tenant, after) },
  ];
}

/** The tenants of the deployment over the one table. */
export function tenantRegister(table: Table): TenantRegister {
  async function change(actions: readonly Action[], events: readonly AuditEvent[]): Promise<void> {
    try {
      await table.transact([...actions, ...events.flatMap(auditEventActions)]);
    } catch (error) {
      throw error instanceof ConditionFailed ? new ConcurrentChange() : error;
    }
  }

  return {
    create: ({ tenant, standing }, { administrator, events }) =>
      change(foundingActions(tenant, standing, administrator), events),

    async get(tenant) {
      const keys = [tenantKey(tenant), tenantStandingKey(tenant), tenantDeletionKey(tenant)];
      const items = await table.batchGet(keys);
      const found = ({ pk, sk }: Key) => items.find((item) => item.pk === pk && item.sk === sk);
      const [itself, standing, deletion] = [
        found(tenantKey(tenant)),
        found(tenantStandingKey(tenant)),
        found(tenantDeletionKey(tenant)),
      ];
      if (itself === undefined || standing === undefined) return undefined;
      return {
        tenant: parseTenant(itself),
        standing: parseTenantStanding(standing),
        deletion: deletion && parseTenantDeletion(deletion),
      };
    },

    async list({ limit, after }) {
      const page = await table.query({
        partition: listPartition,
        limit: limit + 1,
        ...(after !== undefined && { after: { ...tenantListKey(after) } }),
      });
      const lines = page.items.slice(0, limit).map((item) => z.parse(storedLine(), item));
      const named = lines.length === 0 ? [] : await table.batchGet(lines.map(({ tenant }) => tenantKey(tenant)));
      const names = new Map(named.map(parseTenant).map(({ tenant, name }) => [tenant, name]));
      const items = lines.flatMap((line): TenantSummary[] => {
        const name = names.get(line.tenant);
        // Between the two reads the last of it was removed.
        return name === undefined ? [] : [{ ...line, name }];
      });
      const last = page.items.length > limit ? lines.at(-1)?.tenant : undefined;
      return { items, ...(last !== undefined && { last }) };
    },

    async change({ tenant, standing }, { name, status }, events) {
      const renamed = { ...tenant, name, version: (tenant.version ?? 0) + 1 };
      await change(
        [
          ...(name === tenant.name ? [] : [{ put: tenantItem(renamed), condition: unchangedTenant(tenant) }]),
          ...(status === standing.status
            ? [{ check: tenantStandingKey(tenant.tenant), condition: unchangedStanding(standing) }]
            : statusActions(tenant, standing, status)),
        ],
        events,
      );
    },

    addAdministrator: ({ tenant: { tenant }, standing }, { administrator, events }) =>
      change(
        [
          { check: tenantStandingKey(tenant), condition: unchangedStanding(standing) },
          ...administratorActions(administrator),
          managerGained(tenant),
        ],
        events,
      ),

    beginDeletion: ({ tenant, standing }, deletion, events) =>
      change(
        [...statusActions(tenant, standing, 'deleting'), { put: tenantDeletionItem(deletion), condition: isNew }],
        events,
      ),
  };
}
