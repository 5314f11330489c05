import type { Holdings } from '../entities/holdings.ts';
import type { Integration } from '../entities/integration.ts';
import type { LivenessReader, LivenessState } from '../entities/liveness.ts';
import { isCurrent } from '../entities/session.ts';
import type { FamilyDraft, FamilyUser, TokenFamily } from '../entities/token-family.ts';
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
  const own = faultOfFamily(family, integration, now);
  if (own !== undefined) return { fault: own };
  const granted = holdingsOfIntegration(integration);
  if (family.user === undefined) return { held: granted };
  const { tenant, clientId, user } = family;
  const sessionId = mayOutliveSession ? undefined : user.sessionId;
  const state = await liveness.read({ tenant, clientId, userId: user.id, sessionId });
  const fault = faultOfUser(user, state, now, sessionId);
  if (fault !== undefined) return { fault };
  return state.user === undefined
    ? { fault: 'no user' }
    : { held: inBoth(granted, holdingsOfUser(state.user, family.operator)) };
}

function faultOfFamily(family: Family, integration: Integration, now: number): string | undefined {
  if (family.tenant !== integration.tenant || family.clientId !== integration.clientId) return "another client's";
  if (family.revokedAt !== undefined) return 'family revoked';
  if (now >= Date.parse(family.expiresAt)) return 'family over';
  if (family.refresh !== undefined && family.refresh.generation < integration.tokenGeneration) return 'tokens revoked';
  if (!integration.grantTypes.includes(family.grantType)) return 'grant type removed';
  return undefined;
}

function faultOfUser(
  { generation, consentId }: FamilyUser,
  { user, consent, session }: LivenessState,
  now: number,
  sessionId: string | undefined,
): string | undefined {
  if (user?.status !== 'active') return 'user disabled or deleted';
  if (user.tokenGeneration !== generation) return 'password changed';
  if (consentId !== undefined && consent?.id !== consentId) return 'consent withdrawn';
  if (sessionId !== undefined && (session === undefined || !isCurrent(session, user, now))) return 'session over';
  return undefined;
}
