import { tenantReader } from '../../src/adapters/dynamodb/tenant.ts';
import { users } from '../../src/adapters/dynamodb/user.ts';
import { rightsOfRoles } from '../../src/api/roles.ts';
import { userBody, userId } from '../../src/api/schemas/user.ts';
import { auditEvent } from '../../src/entities/audit-event.ts';
import { Forbidden, NotFound } from '../../src/entities/errors.ts';
import { newUserId } from '../../src/entities/identifiers.ts';
import { mustHold, type Role, type User } from '../../src/entities/user.ts';
import type { AuthorizerContext } from '../../src/oauth/access-token/context.ts';
import { endpoint } from '../shared/endpoint.ts';
import { holderOf } from '../shared/held-rights.ts';
import { locationOf } from '../shared/location.ts';
import { pageBody } from '../shared/page.ts';
import { pathValue } from '../shared/path-value.ts';
import { clock, once, randomBytes } from '../shared/services.ts';
import { table } from '../shared/table.ts';

const store = once(() => users(table()));
const tenants = once(() => tenantReader(table()));

async function existing(tenant: string, id: string): Promise<User> {
  const found = await store().get(tenant, pathValue(userId, id));
  if (found === undefined) throw new NotFound();
  return found;
}

/** The caller may give the roles, or act on who has them. */
async function mustHoldRoles(caller: AuthorizerContext, roles: readonly Role[]): Promise<void> {
  // Only an administrator's rights differ between the operator's tenant and others.
  const ofOperator = roles.includes('administrator') && (await tenants().get(caller.tenant))?.operator;
  mustHold(rightsOfRoles(roles, ofOperator === true), holderOf(caller));
}

export const handler = endpoint({
  createUser: async ({ caller, body, origin }) => {
    const { tenant } = caller;
    await mustHoldRoles(caller, body.roles);
    const now = clock.now();
    const createdAt = new Date(now).toISOString();
    const user: User = {
      tenant,
      id: newUserId(randomBytes),
      ...body,
      status: 'active',
      tokenGeneration: 0,
      version: 1,
      createdAt,
    };
    const changes = { username: user.username, roles: user.roles };
    const change = { tenant, action: 'user.created', object: user.id, changes };
    await store().create(user, auditEvent(change, origin, now, randomBytes));
    return { body: userBody(user), headers: { Location: locationOf('getUserOfTenant', { user_id: user.id }) } };
  },

  listUsersOfTenant: async ({ caller: { tenant }, query }) => ({
    body: await pageBody(query, { tenant, route: 'listUsersOfTenant' }, (page) => store().list(tenant, page), userBody),
  }),

  getUserOfTenant: async ({ caller, path }) => ({ body: userBody(await existing(caller.tenant, path.user_id)) }),

  deleteUser: async ({ caller, path, origin }) => {
    const { tenant } = caller;
    const user = await existing(tenant, path.user_id);
    if (user.id === caller.subject) throw new Forbidden('Nobody deletes themself.');
    await mustHoldRoles(caller, user.roles);
    const change = { tenant, action: 'user.deleted', object: user.id, changes: { username: user.username } };
    await store().delete(user, auditEvent(change, origin, clock.now(), randomBytes));
    return {};
  },
});
