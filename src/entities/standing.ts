import type { ApplicationStanding } from './application.ts';
import { acceptedAmong, acceptedInProjects } from './asked-rights.ts';
import type { Integration } from './integration.ts';
import type { TenantStanding } from './tenant.ts';

/**
 * The integration with what its application asks for now of what was accepted: what {@link countedRights} leaves of its
 * rights is what counts at this moment. One that is no connection is as it was.
 */
export function withRightsAskedNow<I extends Pick<Integration, 'application'>>(
  integration: I,
  standing: Pick<ApplicationStanding, 'rights'> | undefined,
): I {
  const { application } = integration;
  if (application === undefined) return integration;
  const still = Object.entries(standing?.rights ?? {}).filter(([, { since }]) => since <= application.acceptedVersion);
  return { ...integration, application: { ...application, rights: Object.fromEntries(still) } };
}

/** What an integration stands under. */
export interface Under {
  /** Absent where there is no such tenant. */
  readonly tenant: TenantStanding | undefined;
  /** Of the connection's application; absent where there is none, or it was not found. */
  readonly application?: ApplicationStanding | undefined;
}

/** When an integration's endpoint may be told of what happens. */
export type Telling = 'now' | 'later' | 'never';

/**
 * When an endpoint of an integration that stands under this may be told: later, while its tenant is suspended, which may
 * come back; never, where its application is stopped or its tenant is being removed. What its own tenant disabled is told.
 */
export function tellingUnder({ tenant, application }: Under, isConnection: boolean): Telling {
  if (isConnection && application?.status !== 'published') return 'never';
  if (tenant?.status === 'suspended') return 'later';
  return tenant?.status === 'active' ? 'now' : 'never';
}

/**
 * The integration as it counts now: disabled where its tenant is not active or its application is stopped, and without
 * the rights that its application no longer asks for, or asked for anew after the version that was accepted; what such a right
 * included stays where the application still asks for that.
 */
export function standingIntegration<I extends Pick<Integration, 'status' | 'rights' | 'projectGrants' | 'application'>>(
  integration: I,
  { tenant, application }: Under,
): I {
  if (tenant?.status !== 'active') return { ...integration, status: 'disabled' };
  if (integration.application === undefined) return integration;
  if (application?.status !== 'published') return { ...integration, status: 'disabled' };
  const { rights: asked } = application;
  const { acceptedVersion } = integration.application;
  const { projectGrants } = integration;
  return {
    ...integration,
    rights: acceptedAmong(integration.rights, asked, acceptedVersion),
    ...(projectGrants?.listed !== undefined && {
      projectGrants: { ...projectGrants, listed: acceptedInProjects(projectGrants.listed, asked, acceptedVersion) },
    }),
  };
}
