import { connections as connectionStore } from '../../src/adapters/dynamodb/connection-store.ts';
import { endpointReader } from '../../src/adapters/dynamodb/endpoint.ts';
import type { Application, ApplicationVersion } from '../../src/entities/application.ts';
import { type Connection, connectionOf, type SeenApplication, stateOf } from '../../src/entities/connection.ts';
import { Conflict, NotFound } from '../../src/entities/errors.ts';
import { tenantOfBoundId } from '../../src/entities/identifiers.ts';
import type { AuthorizerContext } from '../../src/oauth/access-token/context.ts';
import { allowedBody, appBody, appSummaryBody } from '../shared/app-body.ts';
import { applications } from '../shared/application-change.ts';
import { accept, connect, declineVersion, declining } from '../shared/connecting.ts';
import { decideAgain } from '../shared/decide-again.ts';
import type { ApiRequest } from '../shared/endpoint.ts';
import { locationOf } from '../shared/location.ts';
import { pageBody } from '../shared/page.ts';
import { auditedEndpoint } from '../shared/refusals.ts';
import { once } from '../shared/services.ts';
import { table } from '../shared/table.ts';

const connections = once(() => connectionStore(table()));
const endpoints = once(() => endpointReader(table()));

/**
 * An application that the caller's tenant may see.
 *
 * @throws NotFound
 */
async function seenApplication({ tenant }: AuthorizerContext, id: string): Promise<SeenApplication> {
  // What is no id of an application is not looked for: free text never becomes part of a key.
  const found = tenantOfBoundId('app', id) === undefined ? undefined : await connections().seen(tenant, id);
  if (found === undefined) throw new NotFound();
  return found;
}

/**
 * Versions of an application, found by their numbers.
 *
 * @throws NotFound for one that is not there
 */
async function versionsOf({ id }: Application, ...numbers: readonly number[]) {
  const versions = await applications().versions(id, [...new Set(numbers)]);
  return (number: number): ApplicationVersion => {
    const found = versions.find(({ version }) => version === number);
    if (found === undefined) throw new NotFound();
    return found;
  };
}

/** What accepting needs besides the connection: the latest version, the accepted one and the endpoint, read at once. */
async function acceptingOf(
  application: Application,
  { tenant, clientId, acceptedVersion = application.version }: Connection & { clientId: string },
) {
  const [numbered, endpoint] = await Promise.all([
    versionsOf(application, application.version, acceptedVersion),
    endpoints().get(tenant, clientId),
  ]);
  return {
    published: { application, version: numbered(application.version) },
    accepting: { clientId, acceptedVersion, accepted: numbered(acceptedVersion), endpoint },
  };
}

type Decided = ApiRequest<'decideOnConnection'>;

async function allow({ body, caller, origin }: Decided, { application, connection }: SeenApplication) {
  if (application.status !== 'published')
    throw new Conflict(`The application is ${application.status}: it cannot be connected.`);
  if (connection?.clientId !== undefined) {
    const { published, accepting } = await acceptingOf(application, { ...connection, clientId: connection.clientId });
    const integration = await accept(published, accepting, body.rights, caller, origin);
    return { body: allowedBody(integration), madeNothing: true } as const;
  }
  const numbered = await versionsOf(application, application.version);
  const published = { application, version: numbered(application.version) };
  const { integration, secret } = await connect(published, body.rights, caller, origin);
  return {
    body: allowedBody(integration, secret),
    headers: { Location: locationOf('getIntegration', { client_id: integration.clientId }) },
  };
}

async function decline({ caller, origin }: Decided, seen: SeenApplication) {
  const { application, connection } = seen;
  const { tenant } = caller;
  if (connection?.clientId !== undefined) {
    const integration = await declineVersion(seen, connection.clientId, caller, origin);
    return { body: { tenant, state: stateOf(application, connectionOf(integration)) }, madeNothing: true } as const;
  }
  const isNew = connection?.declinedVersion !== application.version;
  const { declined, events } = declining(seen, caller, origin);
  if (isNew) await connections().decline(declined, events);
  return { body: { tenant, state: 'declined' }, madeNothing: true } as const;
}

export const handler = auditedEndpoint({
  listApps: async ({ caller: { tenant }, query }) => ({
    body: await pageBody(
      query,
      { tenant, route: 'listApps' },
      (page) => connections().list(tenant, page),
      appSummaryBody,
    ),
  }),

  getApp: async ({ caller, path }) => {
    const seen = await seenApplication(caller, path.app_id);
    const { version } = seen.application;
    const acceptedVersion = seen.connection?.acceptedVersion ?? version;
    const numbered = await versionsOf(seen.application, version, acceptedVersion);
    return { body: appBody(seen, numbered(version), numbered(acceptedVersion)) };
  },

  decideOnConnection: (request) =>
    decideAgain(async () => {
      const { body, caller, path } = request;
      const seen = await seenApplication(caller, path.app_id);
      if (body.version !== undefined && body.version !== seen.application.version)
        throw new Conflict(`The latest version of this application is ${seen.application.version}.`);
      return body.decision === 'allow' ? allow(request, seen) : decline(request, seen);
    }),
});
