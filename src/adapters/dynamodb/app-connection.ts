import * as z from 'zod/mini';
import type { Connection } from '../../entities/connection.ts';
import { tenantOfBoundId } from '../../entities/identifiers.ts';
import type { Action, Condition, Item, Key } from './commands.ts';
import { partitionKey } from './table.ts';

export const appPrefix = 'APP#';
const tenantPrefix = 'TENANT#';

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
export const notConnected: Condition = { expression: 'attribute_not_exists(clientId)' };

/** Both rows of a decision; the tenant's under a condition. */
export function connectionPuts(connection: Connection, condition?: Condition): Action[] {
  const { tenant, applicationId } = connection;
  const { clientId: _, ...shown } = connection;
  return [
    { put: { ...appConnectionKey(tenant, applicationId), ...connection }, ...(condition && { condition }) },
    { put: { ...applicationConnectionKey(applicationId, tenant), ...shown } },
  ];
}

/** Takes both rows away: the application is offered again. */
export function connectionDeletes({ tenant, applicationId }: Connection): Action[] {
  return [
    { delete: appConnectionKey(tenant, applicationId) },
    { delete: applicationConnectionKey(applicationId, tenant) },
  ];
}

const stored = z.object({
  tenant: z.string(),
  applicationId: z.string(),
  clientId: z.optional(z.string()),
  acceptedVersion: z.optional(z.number()),
  declinedVersion: z.optional(z.number()),
  disabled: z.boolean(),
});

/** The decision of a row of either side. */
export function parseConnection(item: Item): Connection {
  return z.parse(stored, item);
}
