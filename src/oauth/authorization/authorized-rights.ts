import type { Integration } from '../../entities/integration.ts';
import type { User } from '../../entities/user.ts';
import { holdingsOfIntegration, holdingsOfUser, inBoth } from '../holdings.ts';
import type { RightsInQuestion } from './request.ts';

/**
 * What a client may be given for a user: of what it asked for, what it holds and the user holds too. What the user lacks
 * is left out; the answer says what was given.
 *
 * @param operator whether the tenant is the operator's: its administrators hold a right more
 */
export function authorizedRights(
  asked: RightsInQuestion,
  integration: Pick<Integration, 'rights' | 'projectGrants'>,
  user: Pick<User, 'roles'>,
  operator: boolean,
): RightsInQuestion {
  const held = inBoth(holdingsOfIntegration(integration), holdingsOfUser(user, operator));
  return { ...asked, rights: inBoth(asked.rights, held) };
}
