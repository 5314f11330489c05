import { tenantReader } from '../../src/adapters/dynamodb/tenant.ts';
import { users } from '../../src/adapters/dynamodb/user.ts';
import { rightsOfRoles } from '../../src/api/roles.ts';
import { userId } from '../../src/api/schemas/user.ts';
import { NotFound } from '../../src/entities/errors.ts';
import { mustHold, type User } from '../../src/entities/user.ts';
import type { UserChanger } from '../../src/entities/user-change.ts';
import type { AuthorizerContext } from '../../src/oauth/access-token/context.ts';
import { holderOf } from './held-rights.ts';
import { pathValue } from './path-value.ts';
import { once } from './services.ts';
import { table } from './table.ts';

export const userStore = once(() => users(table()));
const tenants = once(() => tenantReader(table()));

/**
 * A user of the caller's tenant.
 *
 * @throws NotFound
 */
export async function existingUser({ tenant }: AuthorizerContext, id: string): Promise<User> {
  const found = await userStore().get(tenant, pathValue(userId, id));
  if (found === undefined) throw new NotFound();
  return found;
}

/**
 * What is an administrator's to do is for whoever holds all that an administrator of the tenant holds.
 *
 * @throws MissingRights
 */
export async function mustBeAdministrator(caller: AuthorizerContext): Promise<void> {
  const { holds, rightsOf } = await changerOf(caller, ['administrator']);
  mustHold(rightsOf(['administrator']), holds);
}

/** The caller as the rules on users see it; `roles` are all that the rules will ask about. */
export async function changerOf(caller: AuthorizerContext, ...roles: readonly User['roles'][]): Promise<UserChanger> {
  // Only an administrator's rights differ between the operator's tenant and others.
  const asked = roles.flat().includes('administrator');
  const ofOperator = asked && (await tenants().get(caller.tenant))?.operator === true;
  return {
    subject: caller.subject,
    holds: holderOf(caller),
    rightsOf: (each) => rightsOfRoles(each, ofOperator),
  };
}
