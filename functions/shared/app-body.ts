import type * as z from 'zod/mini';
import type { allowedAnswer, appAnswer, appSummary } from '../../src/api/schemas/app.ts';
import { type connectionAnswer, reasonsBody, versionBody } from '../../src/api/schemas/application.ts';
import type { Application, ApplicationVersion } from '../../src/entities/application.ts';
import { changedMembers } from '../../src/entities/application-version.ts';
import { namesAskedFor } from '../../src/entities/asked-rights.ts';
import { addedRights, type OfferedTenant, type SeenApplication, stateOf } from '../../src/entities/connection.ts';
import type { Integration } from '../../src/entities/integration.ts';

/** A line of the list. */
export function appSummaryBody({ application, connection }: SeenApplication): z.output<typeof appSummary> {
  const { id, name, tenant, publisher: called, version, rights } = application;
  const { acceptedVersion, clientId } = connection ?? {};
  return {
    ...{ app_id: id, name, publisher: { tenant, name: called }, version },
    ...(acceptedVersion !== undefined && { accepted_version: acceptedVersion }),
    rights: namesAskedFor(rights),
    added_rights: acceptedVersion === undefined ? [] : [...addedRights(application, acceptedVersion)],
    state: stateOf(application, connection),
    ...(clientId !== undefined && { client_id: clientId }),
  };
}

/**
 * An app in full.
 *
 * @param accepted the version that the tenant is connected at
 */
export function appBody(
  seen: SeenApplication,
  latest: ApplicationVersion,
  accepted: ApplicationVersion | undefined,
): z.output<typeof appAnswer> {
  return {
    ...appSummaryBody(seen),
    ...versionBody(latest),
    rights: reasonsBody(latest),
    ...(accepted !== undefined &&
      accepted.version !== latest.version && { changes: changesBody(seen, accepted, latest) }),
  };
}

function changesBody({ application }: SeenApplication, accepted: ApplicationVersion, latest: ApplicationVersion) {
  const was: Readonly<Record<string, unknown>> = versionBody(accepted);
  return {
    since: accepted.version,
    added_rights: [...addedRights(application, accepted.version)],
    removed_rights: Object.keys(accepted.reasons).filter((asked) => !Object.hasOwn(application.rights, asked)),
    accepted: Object.fromEntries(changedMembers(accepted, latest).map((member) => [member, was[member] ?? null])),
  };
}

/** The answer to an acceptance. */
export function allowedBody(integration: Integration, secret?: string): z.output<typeof allowedAnswer> {
  return {
    tenant: integration.tenant,
    client_id: integration.clientId,
    ...(secret !== undefined && { client_secret: secret }),
    rights: Object.entries(integration.rights).map(([asked, { state }]) => ({
      right: asked,
      context: 'global' as const,
      state,
    })),
  };
}

/** How a tenant stands: never its client id, its users or its data. */
export function connectionBody(
  application: Application,
  { tenant, connection }: OfferedTenant,
): z.output<typeof connectionAnswer> {
  return {
    tenant,
    state: stateOf(application, connection),
    ...(connection?.acceptedVersion !== undefined && { accepted_version: connection.acceptedVersion }),
  };
}
