import type { Holdings } from '../entities/holdings.ts';
import type { Integration } from '../entities/integration.ts';
import type { LivenessReader } from '../entities/liveness.ts';
import type { FamilyDraft, TokenFamily } from '../entities/token-family.ts';
import { faultOfDelegation } from './delegation.ts';
import { holdingsOfIntegration, holdingsOfUser, inBoth } from './holdings.ts';

/** What is held now by the integration and, where it acts for a user, by that user too; or why the family is over. */
export type Standing = { readonly held: Holdings } | { readonly fault: string };

/** A family, as much as it knows of itself when it begins. */
type Family = FamilyDraft & Pick<TokenFamily, 'refresh'>;

export interface StandingServices {
  readonly liveness: LivenessReader;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/**
 * Whether a family may be given tokens now, which is decided anew each time: the user, their session and their consent
 * are read in one round trip.
 *
 * @param mayOutliveSession whether the session that it came from may have ended
 * @throws DependencyUnavailable
 */
export async function familyStanding(
  family: Family,
  integration: Integration,
  { liveness, now }: StandingServices,
  mayOutliveSession: boolean,
): Promise<Standing> {
  const own = faultOfOwn(family, integration, now);
  if (own !== undefined) return { fault: own };
  const granted = holdingsOfIntegration(integration);
  if (family.user === undefined) return { held: granted };
  const { tenant, clientId, user } = family;
  const sessionId = mayOutliveSession ? undefined : user.sessionId;
  const state = await liveness.read({ tenant, clientId, userId: user.id, sessionId });
  const fault = faultOfDelegation({ ...user, sessionId }, state, now);
  if (fault !== undefined || state.user === undefined) return { fault: fault ?? 'user deleted' };
  return { held: inBoth(granted, holdingsOfUser(state.user, family.operator)) };
}

function faultOfOwn(family: Family, integration: Integration, now: number): string | undefined {
  if (family.tenant !== integration.tenant) return "another tenant's token family";
  if (now >= Date.parse(family.expiresAt)) return 'token family over';
  if (family.refresh !== undefined && family.refresh.generation < integration.tokenGeneration) return 'tokens revoked';
  return faultOfFamily(family, integration.clientId, integration.grantTypes);
}

/**
 * Why nothing of a family lives, of what the family and its client's grant types alone say: for the log; undefined where
 * it stands.
 *
 * @param clientId of whoever presents what descends from it
 */
export function faultOfFamily(
  family: Pick<TokenFamily, 'clientId' | 'grantType' | 'revokedAt'>,
  clientId: string,
  grantTypes: readonly string[],
): string | undefined {
  if (family.revokedAt !== undefined) return 'token family revoked';
  if (family.clientId !== clientId) return "another client's token family";
  return grantTypes.includes(family.grantType) ? undefined : 'grant type removed';
}
