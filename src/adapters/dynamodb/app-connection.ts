import * as z from 'zod/mini';
import type { AuditEvent } from '../../entities/audit-event.ts';
import { type Connection, connectionOf } from '../../entities/connection.ts';
import { tenantOfBoundId } from '../../entities/identifiers.ts';
import type { Integration } from '../../entities/integration.ts';
import { once } from '../../once.ts';
import { auditEventActions } from './audit-event.ts';
import type { Action, Condition, Item, Key } from './commands.ts';
import { partitionKey } from './table.ts';
import { isStaying, tenantStandingKey } from './tenant.ts';

export const appPrefix = 'APP#';
const tenantPrefix = 'TENANT#';

/** A connection that is made, changed or deleted; declining makes one, too, that has no integration. */
export type ConnectionChange =
  | { readonly before?: Connection | undefined; readonly after: Connection }
  | { readonly before: Connection; readonly after?: undefined };

/** The change of a connection that the change of its integration is. */
export function connectionChange(
  before: Integration | undefined,
  after: Integration | undefined,
): ConnectionChange | undefined {
  const [was, is] = [before && connectionOf(before), after && connectionOf(after)];
  if (JSON.stringify(was) === JSON.stringify(is)) return undefined;
  return is === undefined ? was && { before: was } : { before: was, after: is };
}

/** Where a tenant's decision on an application lies. */
export function appConnectionKey(tenant: string, applicationId: string): Key {
  return { pk: partitionKey('app-connection', tenant), sk: appPrefix + applicationId };
}

/** Where its developer's view of that lies: with the application, and without the client id. */
export function applicationConnectionKey(applicationId: string, tenant: string): Key {
  const developer = tenantOfBoundId('app', applicationId) ?? '';
  return { pk: partitionKey('application-connection', developer, applicationId), sk: tenantPrefix + tenant };
}

/** The tenant is not connected: it has not decided, or it declined. */
const notConnected: Condition = { expression: 'attribute_not_exists(clientId)' };

/** The change of a tenant's decision; it is connected only while it is not, and offered the application again after. */
export function connectionAction({ before, after }: ConnectionChange): Action {
  if (after === undefined) return { delete: appConnectionKey(before.tenant, before.applicationId) };
  const put = { ...appConnectionKey(after.tenant, after.applicationId), ...after };
  return before === undefined ? { put, condition: notConnected } : { put };
}

/**
 * What the application's developer is shown and told of that; on condition, which comes first, that the developer's tenant
 * stays: of one that is being removed, nothing would find what is written now.
 */
export function developerActions({ before, after }: ConnectionChange, toDeveloper: readonly AuditEvent[]): Action[] {
  const { applicationId, tenant } = after ?? before;
  const key = applicationConnectionKey(applicationId, tenant);
  const { clientId: _, ...shown } = after ?? before;
  return [
    { check: tenantStandingKey(tenantOfBoundId('app', applicationId) ?? ''), condition: isStaying },
    after === undefined ? { delete: key } : { put: { ...key, ...shown } },
    ...toDeveloper.flatMap(auditEventActions),
  ];
}

const stored = once(() =>
  z.object({
    tenant: z.string(),
    applicationId: z.string(),
    clientId: z.optional(z.string()),
    acceptedVersion: z.optional(z.number()),
    declinedVersion: z.optional(z.number()),
    disabled: z.boolean(),
  }),
);

/** The decision of a row of either side. */
export function parseConnection(item: Item): Connection {
  return z.parse(stored(), item);
}
