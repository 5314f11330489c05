import type { Holdings } from '../entities/holdings.ts';
import type { IntegrationReader } from '../entities/integration.ts';
import type { LivenessReader } from '../entities/liveness.ts';
import type { TokenFamily } from '../entities/token-family.ts';
import type { Clock } from '../ports.ts';
import { familyStanding } from './family-standing.ts';
import { refreshTokenGrantType } from './grants/begin-family.ts';
import { inBoth } from './holdings.ts';
import { familyOfRefreshToken, type PresentedRefreshToken, type RefreshTokenPorts } from './refresh-token.ts';

/** A refresh token that could be used now. */
export interface ActiveRefreshToken {
  readonly family: TokenFamily;
  /** What its next access token would carry at most. */
  readonly rights: Holdings;
  /** Seconds since the epoch: unused until then, it is over. */
  readonly expiresAt: number;
}

export interface RefreshTokenStatusPorts extends RefreshTokenPorts {
  readonly integrations: IntegrationReader;
  readonly liveness: LivenessReader;
  readonly clock: Clock;
}

/**
 * Whether a refresh token could be used now, by the client that it was given to; undefined where not.
 *
 * @throws DependencyUnavailable
 */
export async function refreshTokenStatus(
  presented: PresentedRefreshToken,
  ports: RefreshTokenStatusPorts,
): Promise<ActiveRefreshToken | undefined> {
  const found = await familyOfRefreshToken(presented, ports);
  if (found === undefined || presented.count !== found.refresh.rotations) return undefined;
  const { family, refresh } = found;
  const now = ports.clock.now();
  const end = Math.min(Date.parse(family.expiresAt), Date.parse(refresh.idleExpiresAt));
  if (now >= end) return undefined;
  const projects = Object.keys(family.rights.byProject);
  const integration = await ports.integrations.get(family.tenant, family.clientId, projects);
  if (integration?.status !== 'active' || !integration.grantTypes.includes(refreshTokenGrantType)) return undefined;
  const services = { liveness: ports.liveness, now };
  const standing = await familyStanding(family, integration, services, family.user?.offline === true);
  if ('fault' in standing) return undefined;
  return { family, rights: inBoth(family.rights, standing.held), expiresAt: Math.floor(end / 1000) };
}
