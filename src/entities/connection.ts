import { isDeepStrictEqual } from 'node:util';
import type { AcceptedApplication, Application, ApplicationVersion, LatestVersion } from './application.ts';
import { acceptedAmong, acceptedInProjects, namesAskedFor } from './asked-rights.ts';
import type { AuditEvent } from './audit-event.ts';
import { Conflict, InvalidInput } from './errors.ts';
import { type Integration, machineOnly, type WrittenAlong } from './integration.ts';
import { changedIntegration, type IntegrationSettings } from './integration-settings.ts';
import { type Caller, rightsAskedBesides } from './requested-rights.ts';

/** What a tenant decided on an application: connected, with an integration of its own, or declined. */
export interface Connection {
  readonly tenant: string;
  /** `app_…` */
  readonly applicationId: string;
  /** The connection's integration; absent where the application was declined, and where its developer looks. */
  readonly clientId?: string | undefined;
  /** Absent where the application was declined. */
  readonly acceptedVersion?: number | undefined;
  /** The latest version that was declined. */
  readonly declinedVersion?: number | undefined;
  /** Whether the tenant has paused it. */
  readonly disabled: boolean;
}

export type ConnectionState = 'offered' | 'connected' | 'awaiting_acceptance' | 'declined' | 'disabled';

/** The connection that an integration is, as both sides' lists show it; undefined where it is none. */
export function connectionOf(integration: Integration): Connection | undefined {
  const { tenant, clientId, application, status } = integration;
  if (application === undefined) return undefined;
  const { id: applicationId, acceptedVersion, declinedVersion } = application;
  return { tenant, applicationId, clientId, acceptedVersion, declinedVersion, disabled: status === 'disabled' };
}

/** What the developer's log is told of a change of a connection; nothing where its developer sees none. */
export function toldToDeveloper(
  before: Connection | undefined,
  after: Connection | undefined,
): Pick<AuditEvent, 'action' | 'changes'> | undefined {
  if (after === undefined) return before && { action: 'connection.deleted' };
  const { acceptedVersion, declinedVersion, disabled } = after;
  if (acceptedVersion !== before?.acceptedVersion && acceptedVersion !== undefined)
    return { action: 'connection.accepted', changes: { version: acceptedVersion } };
  if (declinedVersion !== before?.declinedVersion && declinedVersion !== undefined)
    return { action: 'connection.declined', changes: { version: declinedVersion } };
  if (disabled !== (before?.disabled ?? false))
    return { action: disabled ? 'connection.disabled' : 'connection.enabled' };
  return undefined;
}

/** The latest version in which the application asks for something that was not in the one before. */
function asksAnewSince({ changedIn, rights }: Application): number {
  return Math.max(changedIn, ...Object.values(rights).map(({ since }) => since));
}

/** How a connection stands; what was declined is not asked again. */
export function stateOf(application: Application, connection: Connection | undefined): ConnectionState {
  if (connection === undefined) return 'offered';
  const { acceptedVersion, declinedVersion = 0, disabled } = connection;
  if (acceptedVersion === undefined) return 'declined';
  if (disabled || application.status !== 'published') return 'disabled';
  const decided = Math.max(acceptedVersion, declinedVersion);
  return asksAnewSince(application) > decided ? 'awaiting_acceptance' : 'connected';
}

/** The rights that the application asks for and that were not in the version that was accepted. */
export function addedRights({ rights }: Pick<Application, 'rights'>, acceptedVersion: number): readonly string[] {
  return namesAskedFor(rights).filter((right) => (rights[right]?.since ?? 0) > acceptedVersion);
}

/** Whether the latest version asks for anything that the accepted one did not have. */
export function hasMoreToAccept(application: Application, { acceptedVersion }: AcceptedApplication): boolean {
  return asksAnewSince(application) > acceptedVersion;
}

type Settings = Omit<IntegrationSettings, 'rights' | 'description' | 'jwks' | keyof typeof unsaid>;

/** What no application says: each tenant may for its own connection. */
const unsaid = {
  dpopBoundAccessTokens: machineOnly.dpopBoundAccessTokens,
  requirePushedAuthorizationRequests: machineOnly.requirePushedAuthorizationRequests,
};

/** What a version says of its connections' integrations. */
function settingsOf(version: ApplicationVersion): Settings {
  const { name, grantTypes, tokenEndpointAuthMethod, applicationType } = version;
  const { redirectUris, postLogoutRedirectUris, backchannelLogoutUri } = version;
  return {
    ...{ name, grantTypes, tokenEndpointAuthMethod, applicationType, redirectUris, postLogoutRedirectUris },
    ...(backchannelLogoutUri !== undefined && { backchannelLogoutUri }),
  };
}

/** The settings of a new connection's integration, with the rights that were ticked; all where none are named. */
export function connectionSettings(version: ApplicationVersion, ticked: readonly string[] | undefined) {
  mustBeAskedFor(version, ticked ?? []);
  const rights = [...new Set(ticked ?? Object.keys(version.reasons))];
  return {
    ...unsaid,
    ...settingsOf(version),
    ...(version.description !== undefined && { description: version.description }),
    jwks: [],
    rights,
  } satisfies IntegrationSettings;
}

/** What an integration keeps of the version that was accepted. */
export function acceptedApplication({ application: { id, version, rights } }: LatestVersion): AcceptedApplication {
  return { id, acceptedVersion: version, rights };
}

/**
 * The connection's integration after the latest version was accepted: with its name, flows and redirect URIs; the rights
 * that it was asked for and still is, as they are; and those ticked, asked for by the caller.
 *
 * @param ticked absent: all that are new
 * @param now milliseconds since the epoch
 * @throws InvalidInput for a right that the version does not ask for; MissingRights where more about who gets its tokens
 *   changes than the caller may decide
 */
export function acceptingIntegration(
  before: Integration & { readonly application: AcceptedApplication },
  latest: LatestVersion,
  ticked: readonly string[] | undefined,
  caller: Caller,
  now: number,
): Integration {
  const { version } = latest;
  mustBeAskedFor(version, ticked ?? []);
  const { acceptedVersion } = before.application;
  const { rights: asked } = latest.application;
  const application = acceptedApplication(latest);
  const kept = acceptedAmong(before.rights, asked, acceptedVersion);
  const { projectGrants } = before;
  const { backchannelLogoutUri = null, ...settings } = settingsOf(version);
  const after = changedIntegration(before, { ...settings, backchannelLogoutUri }, caller, now);
  const wanted = ticked ?? addedRights(latest.application, acceptedVersion);
  return {
    ...after,
    rights: rightsAskedBesides(kept, wanted, {
      ...{ caller, integration: { ...before, application }, at: new Date(now).toISOString() },
    }),
    ...(projectGrants?.listed !== undefined && {
      projectGrants: { ...projectGrants, listed: acceptedInProjects(projectGrants.listed, asked, acceptedVersion) },
    }),
    application,
  };
}

function mustBeAskedFor({ reasons }: ApplicationVersion, ticked: readonly string[]): void {
  const faults = ticked.flatMap((right, index) =>
    Object.hasOwn(reasons, right)
      ? []
      : [{ pointer: `/rights/${index}`, detail: 'is none that this version of the application asks for' }],
  );
  if (faults.length > 0) throw new InvalidInput(faults);
}

/** What a connection's integration has from the version that was accepted. */
const accepted = [
  'name',
  'grantTypes',
  'tokenEndpointAuthMethod',
  'applicationType',
  'redirectUris',
  'postLogoutRedirectUris',
  'backchannelLogoutUri',
] as const satisfies readonly (keyof Integration)[];

/**
 * Nobody changes what was accepted of an application but by accepting another version of it: in any other change of the
 * integration, this is refused.
 *
 * @throws Conflict
 */
export function mustKeepToAccepted(before: Integration, after: Integration): void {
  const { application } = before;
  if (application === undefined || application.acceptedVersion !== after.application?.acceptedVersion) return;
  if (accepted.every((member) => isDeepStrictEqual(before[member], after[member]))) return;
  throw new Conflict(
    'This integration is the connection of an application: its name, flows and redirect URIs are those of the version that was accepted.',
  );
}

/** What a tenant is shown of an application, and what it decided. */
export interface SeenApplication {
  readonly application: Application;
  /** Absent where the tenant has not decided. */
  readonly connection?: Connection | undefined;
}

/** A tenant, as the developer of an application is shown it. */
export interface OfferedTenant {
  readonly tenant: string;
  /** Absent where the tenant has not decided. */
  readonly connection?: Connection | undefined;
}

/** Reads what tenants decided, and what they may decide on. */
export interface ConnectionStore {
  /** The application, where this tenant may see it: it is offered to it, its own, or it is connected. */
  seen(tenant: string, applicationId: string): Promise<SeenApplication | undefined>;
  /** All that the tenant may see, in the order of ids; a page may hold fewer although more follow. */
  list(
    tenant: string,
    page: { readonly limit: number; readonly after?: string },
  ): Promise<{ readonly items: readonly SeenApplication[]; readonly last?: string }>;
  /** The tenants that an application names or that have decided on it, in the order of their ids. */
  offered(
    applicationId: string,
    named: readonly string[],
    page: { readonly limit: number; readonly after?: string },
  ): Promise<{ readonly items: readonly OfferedTenant[]; readonly last?: string }>;
  /**
   * @throws ConcurrentChange where the tenant is connected by now
   * @throws NotFound where the developer's tenant is being removed
   */
  decline(connection: Connection, along: Pick<WrittenAlong, 'events' | 'toDeveloper'>): Promise<void>;
}
