import { users } from '../../src/adapters/dynamodb/user.ts';
import { userId } from '../../src/api/schemas/user.ts';
import { Forbidden, NotFound } from '../../src/entities/errors.ts';
import type { User } from '../../src/entities/user.ts';
import type { AuthorizerContext } from '../../src/oauth/access-token/context.ts';
import { once } from '../../src/once.ts';
import { pathValue } from './path-value.ts';
import { table } from './table.ts';

const people = once(() => users(table()));

/** Whose things a request is about. */
export interface UserOfTenant {
  readonly tenant: string;
  readonly userId: string;
}

/**
 * The user that the caller's token acts for.
 *
 * @throws Forbidden where it acts for its integration alone
 */
export function ownUser({ tenant, subject, clientId }: AuthorizerContext): UserOfTenant {
  if (subject === clientId) throw new Forbidden('Only a token that acts for a user has anything of their own.');
  return { tenant, userId: subject };
}

/**
 * The user of the caller's tenant that a path names.
 *
 * @throws NotFound where nobody can have such an id
 */
export function namedUser({ tenant }: AuthorizerContext, named: string): UserOfTenant {
  return { tenant, userId: pathValue(userId, named) };
}

/** @throws NotFound where the user does not exist */
export async function existingUser({ tenant, userId: id }: UserOfTenant): Promise<User> {
  const found = await people().get(tenant, id);
  if (found === undefined) throw new NotFound();
  return found;
}
