import { randomBytes } from 'node:crypto';
import { handler as authorizationsHandler } from '../../../functions/admin/authorizations.ts';
import { handler as integrationProjectsHandler } from '../../../functions/admin/integration-projects.ts';
import { handler as integrationsHandler } from '../../../functions/admin/integrations.ts';
import { handler as rightsHandler } from '../../../functions/admin/rights.ts';
import { handler as secretsHandler } from '../../../functions/admin/secrets.ts';
import { handler as sshKeysHandler } from '../../../functions/admin/ssh-keys.ts';
import { auditEventStore } from '../../../src/adapters/dynamodb/audit-event.ts';
import { apiItem } from '../../../src/adapters/dynamodb/deployment.ts';
import { integrationReader } from '../../../src/adapters/dynamodb/integration-store.ts';
import { projectItemKey } from '../../../src/adapters/dynamodb/project.ts';
import { tenantItem } from '../../../src/adapters/dynamodb/tenant.ts';
import type { AuditEvent } from '../../../src/entities/audit-event.ts';
import { newClientId, newTenantId } from '../../../src/entities/identifiers.ts';
import type { AuthorizerContext } from '../../../src/oauth/access-token/context.ts';
import { activeTenant } from '../../active-tenant.ts';
import type { EmbeddedTable } from '../../src/adapters/dynamodb/embedded-table.ts';
import { type Answered, callHandler, deployTable } from '../deployment.ts';
import { deployKeys, type KeyManagement } from '../key-management.ts';

/** The admin API's functions over one table and one key, in a tenant of its own. */
export interface Scene {
  readonly embedded: EmbeddedTable;
  readonly keys: KeyManagement;
  close(): Promise<void>;
}

export async function deployAdmin(): Promise<Scene> {
  const embedded = await deployTable();
  const keys = await deployKeys();
  for (const name of ['admin', 'api'])
    await embedded.table.put(apiItem({ name, url: `https://latchkey.example/${name}/v1` }));
  return {
    embedded,
    keys,
    close: async () => {
      await keys.close();
      await embedded.close();
    },
  };
}

/** A caller, which is an integration, in a new tenant with another manager. */
export async function newTenant({ embedded }: Scene, ...rights: readonly string[]): Promise<AuthorizerContext> {
  const tenant = newTenantId(randomBytes);
  const clientId = newClientId(tenant, randomBytes);
  await embedded.table.put(activeTenant(tenant));
  await embedded.table.put(tenantItem({ tenant, name: 'Tenant', operator: false, managers: 1 }));
  return {
    kind: 'access-token',
    tenant,
    subject: clientId,
    clientId,
    credential: 'sec_1',
    rights,
    ofOperator: false,
    projectRights: {},
    tokenId: 'tok_1',
  };
}

const entries = {
  integrations: callHandler(integrationsHandler),
  secrets: callHandler(secretsHandler),
  rights: callHandler(rightsHandler),
  projects: callHandler(integrationProjectsHandler),
  authorizations: callHandler(authorizationsHandler),
  'ssh-keys': callHandler(sshKeysHandler),
};

/** Calls an admin route below `/v1`: `call(caller, 'POST /integrations/int_1/secrets', {})`. */
export function call(caller: AuthorizerContext, request: string, body?: unknown): Promise<Answered> {
  const [method = '', target = ''] = request.split(' ');
  const [path = '', search = ''] = target.split('?');
  const [, resource = '', client_id, child, id] = path.split('/');
  const named = resource === 'integrations' ? child : resource;
  const entry = Object.keys(entries).find((name): name is keyof typeof entries => name === named) ?? 'integrations';
  const last = child === 'projects' ? 'project' : 'id';
  const route = [
    '/v1',
    resource,
    ...(client_id === undefined ? [] : ['{client_id}']),
    ...(child === undefined ? [] : [child]),
    ...(id === undefined ? [] : [`{${last}}`]),
  ].join('/');
  return entries[entry](`${method} ${route}`, {
    caller,
    path: { ...(client_id !== undefined && { client_id }), ...(id !== undefined && { [last]: id }) },
    query: Object.fromEntries(new URLSearchParams(search)),
    ...(body !== undefined && { body }),
  });
}

/** Projects of the caller's tenant. */
export async function newProjects({ embedded }: Scene, { tenant }: AuthorizerContext, ...keys: readonly string[]) {
  const createdAt = new Date().toISOString();
  for (const key of keys)
    await embedded.table.put({ ...projectItemKey(tenant, key), tenant, key, name: `Project ${key}`, createdAt });
}

/** What is stored of an integration. */
export const storedIntegration = ({ embedded }: Scene, { tenant }: AuthorizerContext, clientId: string) =>
  integrationReader(embedded.table).get(tenant, clientId);

/** The tenant's events, newest first. */
export async function auditedIn({ embedded }: Scene, { tenant }: AuthorizerContext): Promise<readonly AuditEvent[]> {
  return (await auditEventStore(embedded.table).list(tenant, {}, { limit: 100 })).items;
}
