import { randomBytes } from 'node:crypto';
import type { Table } from '../../src/adapters/dynamodb/commands.ts';
import { projects } from '../../src/adapters/dynamodb/project.ts';
import { tenantItem } from '../../src/adapters/dynamodb/tenant.ts';
import { users } from '../../src/adapters/dynamodb/user.ts';
import { userCredentials } from '../../src/adapters/dynamodb/user-credentials-store.ts';
import type { RightName } from '../../src/api/rights.ts';
import { currentParameters, passwordHash } from '../../src/authentication/password-hash.ts';
import { auditEvent } from '../../src/entities/audit-event.ts';
import { newTenantId, newUserId } from '../../src/entities/identifiers.ts';
import type { Integration } from '../../src/entities/integration.ts';
import type { Tenant } from '../../src/entities/tenant.ts';
import type { User } from '../../src/entities/user.ts';
import { noCredentials } from '../../src/entities/user-credentials.ts';
import { activeTenant } from '../active-tenant.ts';
import { originOf } from '../src/entities/origin.ts';
import { registered } from '../src/oauth/authorization-server.ts';

/** A password of each user of a scene. */
export const password = 'correct horse battery staple';

/** What of a scene is to be different. */
export interface Furnishing {
  readonly tenant?: Partial<Tenant>;
  readonly user?: Partial<User>;
  readonly integration?: Partial<Integration>;
  readonly rights?: readonly RightName[];
}

/** A tenant with one user, two projects and an application that signs users in, in the table. */
export async function furnish(
  table: Table,
  {
    tenant: more = {},
    user: userMore = {},
    integration: integrationMore = {},
    rights = ['issues:write', 'issues:read', 'boards:read', 'users:read', 'projects:read'],
  }: Furnishing = {},
) {
  const tenant: Tenant = {
    tenant: newTenantId(randomBytes),
    name: 'Analytical Engines',
    operator: false,
    managers: 1,
    ...more,
  };
  await table.put(tenantItem(tenant));
  await table.put(activeTenant(tenant.tenant));
  const now = Date.now();
  const event = (action: string, object: string) =>
    auditEvent({ tenant: tenant.tenant, action, object }, originOf('usr_1'), now, randomBytes);
  for (const [key, name] of [
    ['ENGINE', 'Difference engine'],
    ['LOOM', 'Jacquard loom'],
  ] as const)
    await projects(table).create(
      { tenant: tenant.tenant, key, name, createdAt: new Date(now).toISOString() },
      event('project.created', key),
    );
  const addUser = async (changes: Partial<User> = {}) => {
    const user: User = {
      tenant: tenant.tenant,
      id: newUserId(randomBytes),
      username: 'ada',
      email: 'ada@example.com',
      name: 'Ada Lovelace',
      roles: ['member', { role: 'project_administrator', project: 'ENGINE' }],
      status: 'active',
      tokenGeneration: 0,
      version: 1,
      createdAt: new Date(now).toISOString(),
      ...changes,
    };
    await users(table).create(user, event('user.created', user.id));
    const nothing = noCredentials(tenant.tenant, user.id);
    const hash = await passwordHash(password, randomBytes, currentParameters);
    await userCredentials(table).update(nothing, { ...nothing, passwordHash: hash });
    return { user };
  };
  const { user } = await addUser(userMore);
  const client = registered(rights, {
    tenant: tenant.tenant,
    name: 'Punch card studio',
    description: 'Plans the work on engines, and keeps a list of the cards that are still to be punched.',
    grantTypes: ['authorization_code', 'refresh_token'],
    redirectUris: ['https://studio.example/callback'],
    ...integrationMore,
  });
  return { tenant, user, client, addUser };
}
