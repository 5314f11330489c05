import type { ApplicationStanding } from './application.ts';
import type { Integration, RequestedRight } from './integration.ts';
import type { TenantStanding } from './tenant.ts';

/** What an integration stands under. */
export interface Under {
  /** Absent where there is no such tenant. */
  readonly tenant: TenantStanding | undefined;
  /** Of the connection's application; absent where there is none, or it was not found. */
  readonly application?: ApplicationStanding | undefined;
}

/**
 * The integration as it counts now: disabled where its tenant is not active or its application is stopped, and without
 * the rights that its application no longer asks for, or asked for anew after the version that was accepted.
 */
export function standingIntegration<I extends Pick<Integration, 'status' | 'rights' | 'projectGrants' | 'application'>>(
  integration: I,
  { tenant, application }: Under,
): I {
  if (tenant?.status !== 'active') return { ...integration, status: 'disabled' };
  if (integration.application === undefined) return integration;
  if (application?.status !== 'published') return { ...integration, status: 'disabled' };
  const { acceptedVersion } = integration.application;
  const isAccepted = (right: string) =>
    (application.rights[right]?.since ?? Number.POSITIVE_INFINITY) <= acceptedVersion;
  const { projectGrants } = integration;
  return {
    ...integration,
    rights: accepted(integration.rights, isAccepted),
    ...(projectGrants?.listed !== undefined && {
      projectGrants: { ...projectGrants, listed: acceptedInProjects(projectGrants.listed, isAccepted) },
    }),
  };
}

function accepted(rights: Readonly<Record<string, RequestedRight>>, isAccepted: (right: string) => boolean) {
  return Object.fromEntries(Object.entries(rights).filter(([right]) => isAccepted(right)));
}

function acceptedInProjects(
  listed: Readonly<Record<string, readonly string[]>>,
  isAccepted: (right: string) => boolean,
) {
  return Object.fromEntries(
    Object.entries(listed)
      .map(([project, rights]) => [project, rights.filter(isAccepted)] as const)
      .filter(([, rights]) => rights.length > 0),
  );
}
