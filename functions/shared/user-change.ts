import { users } from '../../src/adapters/dynamodb/user.ts';
import { rightsOfRoles } from '../../src/api/roles.ts';
import { userId } from '../../src/api/schemas/user.ts';
import { NotFound } from '../../src/entities/errors.ts';
import { mustHold, type User } from '../../src/entities/user.ts';
import type { UserChanger } from '../../src/entities/user-change.ts';
import type { AuthorizerContext } from '../../src/oauth/access-token/context.ts';
import { once } from '../../src/once.ts';
import { holderOf } from './held-rights.ts';
import { pathValue } from './path-value.ts';
import { table } from './table.ts';

export const userStore = once(() => users(table()));

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
export function mustBeAdministrator(caller: AuthorizerContext): void {
  const { holds, rightsOf } = changerOf(caller);
  mustHold(rightsOf(['administrator']), holds);
}

/** The caller as the rules on users see it. */
export function changerOf(caller: AuthorizerContext): UserChanger {
  return {
    subject: caller.subject,
    holds: holderOf(caller),
    rightsOf: (roles) => rightsOfRoles(roles, caller.ofOperator),
  };
}
