import { endpointReader } from '../../src/adapters/dynamodb/endpoint.ts';
import type { Application, ApplicationVersion, LatestVersion } from '../../src/entities/application.ts';
import { changedMembers } from '../../src/entities/application-version.ts';
import { auditEvent, type Origin } from '../../src/entities/audit-event.ts';
import {
  acceptedApplication,
  acceptingIntegration,
  addedRights,
  type Connection,
  connectionOf,
  connectionSettings,
  hasMoreToAccept,
  type SeenApplication,
  stateOf,
} from '../../src/entities/connection.ts';
import { type Endpoint, type EndpointChange, setAnew } from '../../src/entities/endpoint.ts';
import { Conflict, NotFound } from '../../src/entities/errors.ts';
import { newClientId } from '../../src/entities/identifiers.ts';
import type { Integration } from '../../src/entities/integration.ts';
import { createdIntegration } from '../../src/entities/integration-settings.ts';
import { mustHoldItsRights } from '../../src/entities/requested-rights.ts';
import type { AuthorizerContext } from '../../src/oauth/access-token/context.ts';
import { once } from '../../src/once.ts';
import { applications } from './application-change.ts';
import { callerOf } from './caller.ts';
import { developerEvents } from './connection-event.ts';
import { changeIntegration, integrations } from './integration-change.ts';
import { makeSecret } from './new-secret.ts';
import { outgoingOf } from './outgoing.ts';
import { whatWaits } from './right-notices.ts';
import { clock, randomBytes } from './services.ts';
import { table } from './table.ts';

const endpoints = once(() => endpointReader(table()));

/**
 * Versions of an application, found by their numbers.
 *
 * @throws NotFound for one that is not there
 */
export async function versionsOf({ id }: Application, ...numbers: readonly number[]) {
  const versions = await applications().versions(id, [...new Set(numbers)]);
  return (number: number): ApplicationVersion => {
    const found = versions.find(({ version }) => version === number);
    if (found === undefined) throw new NotFound();
    return found;
  };
}

/** A connection's integration, and its secret where one was made. */
export interface Connected {
  readonly integration: Integration;
  readonly secret?: string | undefined;
}

/**
 * Makes the tenant's own integration of an application, and the connection with it.
 *
 * @param ticked absent: every right that the application asks for
 * @throws Conflict where an integration of its name exists; ConcurrentChange where the tenant is connected by now
 */
export async function connect(
  published: LatestVersion,
  ticked: readonly string[] | undefined,
  caller: AuthorizerContext,
  origin: Origin,
): Promise<Connected> {
  const { version } = published;
  const now = clock.now();
  const made = { clientId: newClientId(caller.tenant, randomBytes), secrets: [], now };
  // Decided before the key management service is asked for anything.
  const decided = createdIntegration(connectionSettings(version, ticked), callerOf(caller), made);
  const secret = decided.tokenEndpointAuthMethod === 'client_secret_basic' ? await makeSecret(decided, now) : undefined;
  const endpoint = newEndpoint(decided, published, now);
  const integration: Integration = {
    ...decided,
    secrets: secret ? [secret.kept] : [],
    application: acceptedApplication(published),
    ...(endpoint && { endpoint: {} }),
  };
  const { tenant, clientId: object } = integration;
  const changes = { application: version.id, version: version.version, rights: Object.keys(integration.rights) };
  const told = [{ action: 'app.connected', changes }, ...whatWaits(integration)];
  const events = told.map((each) => auditEvent({ tenant, object, ...each }, origin, now, randomBytes));
  const toDeveloper = developerEvents(undefined, connectionOf(integration), origin, now);
  await integrations().create(integration, { events, toDeveloper, endpoint });
  return { integration, secret: secret?.plaintext };
}

/** @param now milliseconds since the epoch: what happened before is not told there */
function newEndpoint(
  { tenant, clientId }: Integration,
  { version: { endpoint } }: LatestVersion,
  now: number,
): EndpointChange | undefined {
  const createdAt = new Date(now).toISOString();
  return endpoint && { after: { tenant, clientId, ...endpoint, keys: [], status: 'active', createdAt, version: 1 } };
}

/** What the latest version does to the endpoint that is there: nothing where it says what the accepted one said. */
function changedEndpoint(
  before: Integration,
  was: Endpoint | undefined,
  accepted: ApplicationVersion,
  published: LatestVersion,
  now: number,
): EndpointChange | undefined {
  const { endpoint: is } = published.version;
  if (!changedMembers(accepted, published.version).includes('endpoint')) return undefined;
  if (is === undefined) return was && { removed: was };
  if (was === undefined) return newEndpoint(before, published, now);
  return { before: was, after: setAnew(was, { ...was, ...is, keys: [] }, now) };
}

/** The integration says of its endpoint whether there is one. */
function markedBy(change: EndpointChange | undefined, integration: Integration): Integration {
  if (change === undefined) return integration;
  const { endpoint, ...rest } = integration;
  return 'after' in change ? { ...rest, endpoint: endpoint ?? {} } : rest;
}

/**
 * Accepts the latest version for a connection. What that changes is decided on the version that is accepted by then, and
 * on the endpoint that is there.
 *
 * @param ticked absent: every right that is new
 * @throws Conflict where nothing of it is new; MissingRights; what {@link changeIntegration} throws
 */
export function accept(
  application: Application,
  clientId: string,
  ticked: readonly string[] | undefined,
  caller: AuthorizerContext,
  origin: Origin,
): Promise<Integration> {
  return changeIntegration(caller, origin, clientId, async (before, now) => {
    const { application: accepted } = before;
    if (accepted === undefined || !hasMoreToAccept(application, accepted))
      throw new Conflict('The tenant is connected to this application already, and it asks for nothing new.');
    const [numbered, was] = await Promise.all([
      versionsOf(application, application.version, accepted.acceptedVersion),
      endpoints().get(before.tenant, clientId),
    ]);
    const published = { application, version: numbered(application.version) };
    const endpoint = changedEndpoint(before, was, numbered(accepted.acceptedVersion), published, now);
    // Where events go, and whose keys the endpoint knows, is as good as a credential.
    if (endpoint !== undefined) mustHoldItsRights(callerOf(caller), before);
    const after = acceptingIntegration({ ...before, application: accepted }, published, ticked, callerOf(caller), now);
    const { version } = application;
    const added = addedRights(application, accepted.acceptedVersion);
    const changes = { application: application.id, from: accepted.acceptedVersion, version, added_rights: added };
    const told = markedBy(endpoint, after);
    return {
      after: told,
      event: { action: 'app.accepted', changes },
      ...(endpoint && { endpoint }),
      outgoing: outgoingOf(
        { ...told, version: before.version },
        'version.accepted',
        { app_id: application.id, version },
        now,
      ),
    };
  });
}

/**
 * Declines what a connection's application asks for anew: the connection stays as it is, and is not asked again.
 *
 * @throws Conflict where nothing waits
 */
export function declineVersion(
  { application }: SeenApplication,
  clientId: string,
  caller: AuthorizerContext,
  origin: Origin,
): Promise<Integration> {
  return changeIntegration(caller, origin, clientId, (before) => {
    const accepted = before.application;
    const connection = connectionOf(before);
    const isPaused = connection?.disabled === true;
    // What waits is decided on while the connection is paused, too.
    const state = stateOf(application, connection && { ...connection, disabled: false });
    if (accepted === undefined || state !== 'awaiting_acceptance')
      throw new Conflict(
        'The tenant is connected to this application, and nothing waits: disable or delete its integration.',
      );
    const { version } = application;
    const changes = { application: application.id, version, ...(isPaused && { disabled: true }) };
    return {
      after: { ...before, application: { ...accepted, declinedVersion: version } },
      event: { action: 'app.version_declined', changes },
    };
  });
}

/** The decision of a tenant that wants no connection, and the events that tell of it. */
export function declining({ application, connection }: SeenApplication, { tenant }: AuthorizerContext, origin: Origin) {
  const now = clock.now();
  const { id: applicationId, version } = application;
  const declined: Connection = { tenant, applicationId, declinedVersion: version, disabled: false };
  const told = { tenant, object: applicationId, action: 'app.declined', changes: { version } };
  const events = [auditEvent(told, origin, now, randomBytes)];
  return { declined, along: { events, toDeveloper: developerEvents(connection, declined, origin, now) } };
}
