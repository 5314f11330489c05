import type { Holdings } from '../../entities/holdings.ts';
import type { LiveIntegration } from '../../entities/liveness.ts';
import type { User } from '../../entities/user.ts';
import { holdingsOfIntegration, holdingsOfUser, inBoth } from '../holdings.ts';
import type { AccessTokenClaims } from './claims.ts';

/** The user that a token acts for. */
export interface Holder {
  readonly user: Pick<User, 'roles'>;
  /** Whether the user is of the operator's tenant. */
  readonly ofOperator: boolean;
}

/**
 * What a token may do now: carried by it, granted to its integration still and, where it acts for a user, held by that
 * user still.
 */
export function effectiveRights(claims: AccessTokenClaims, integration: LiveIntegration, holder?: Holder): Holdings {
  const granted = inBoth(carriedRights(claims), holdingsOfIntegration(integration));
  return holder === undefined ? granted : inBoth(granted, holdingsOfUser(holder.user, holder.ofOperator));
}

/** The rights that a token carries, and whatever else its scope names. */
function carriedRights({ scope, authorization_details: details = [] }: AccessTokenClaims): Holdings {
  const byProject = new Map<string, string[]>();
  for (const { identifier, actions } of details)
    byProject.set(identifier, [...(byProject.get(identifier) ?? []), ...actions]);
  return { global: scope?.split(' ') ?? [], byProject: Object.fromEntries(byProject) };
}
