import type { Holdings } from '../entities/holdings.ts';
import type { Integration } from '../entities/integration.ts';
import type { LivenessReader } from '../entities/liveness.ts';
import { isListedInPart } from '../entities/project-rights.ts';
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
 * are read in one round trip, and with them what the integration holds in the family's projects, where it holds more than
 * is listed.
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
  const { tenant, clientId, user } = family;
  const projects = unreadProjects(family, integration);
  if (user === undefined && projects.length === 0) return { held: holdingsOfIntegration(integration) };
  const sessionId = mayOutliveSession ? undefined : user?.sessionId;
  const applicationId = integration.application?.id;
  const state = await liveness.read({ tenant, clientId, applicationId, projects, userId: user?.id, sessionId });
  const standing = projects.length === 0 ? integration : state.integration;
  if (standing?.status !== 'active') return { fault: 'integration gone meanwhile' };
  const granted = holdingsOfIntegration(standing);
  if (user === undefined) return { held: granted };
  const fault = faultOfDelegation({ ...user, sessionId }, state, now);
  if (fault !== undefined || state.user === undefined) return { fault: fault ?? 'user deleted' };
  return { held: inBoth(granted, holdingsOfUser(state.user, family.operator)) };
}

/** The family's projects, where what the integration holds there is not listed and was not read with it. */
function unreadProjects({ rights }: Family, integration: Integration): readonly string[] {
  const projects = Object.keys(rights.byProject);
  const read = Object.keys(integration.projectGrants?.listed ?? {});
  const areKnown = !isListedInPart(integration) || projects.every((project) => read.includes(project));
  return areKnown ? [] : projects;
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
