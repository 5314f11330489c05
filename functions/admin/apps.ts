import { connections as connectionStore } from '../../src/adapters/dynamodb/connection-store.ts';
import { connectionOf, type SeenApplication, stateOf } from '../../src/entities/connection.ts';
import { Conflict, NotFound } from '../../src/entities/errors.ts';
import { tenantOfBoundId } from '../../src/entities/identifiers.ts';
import type { AuthorizerContext } from '../../src/oauth/access-token/context.ts';
import { once } from '../../src/once.ts';
import { allowedBody, appBody, appSummaryBody } from '../shared/app-body.ts';
import { accept, connect, declineVersion, declining, versionsOf } from '../shared/connecting.ts';
import { decideAgain } from '../shared/decide-again.ts';
import type { ApiRequest } from '../shared/endpoint.ts';
import { locationOf } from '../shared/location.ts';
import { pageBody } from '../shared/page.ts';
import { auditedEndpoint } from '../shared/refusals.ts';
import { table } from '../shared/table.ts';

const connections = once(() => connectionStore(table()));

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

type Decided = ApiRequest<'decideOnConnection'>;

/** What is to be decided on: as it is now, and not another version than the one that was looked at. */
async function decidable({ body, caller, path }: Decided): Promise<SeenApplication> {
  const seen = await seenApplication(caller, path.app_id);
  const { status, version } = seen.application;
  if (body.version !== undefined && body.version !== version)
    throw new Conflict(`The latest version of this application is ${version}.`);
  if (body.decision === 'allow' && status !== 'published')
    throw new Conflict(`The application is ${status}: it cannot be connected.`);
  return seen;
}

/** The decision of a tenant that is not connected. */
async function decideFirst({ body, caller, origin }: Decided, seen: SeenApplication) {
  const { application, connection } = seen;
  if (body.decision === 'decline') {
    const { declined, along } = declining(seen, caller, origin);
    if (connection?.declinedVersion !== application.version) await connections().decline(declined, along);
    return { body: { tenant: caller.tenant, state: 'declined' }, madeNothing: true } as const;
  }
  const numbered = await versionsOf(application, application.version);
  const published = { application, version: numbered(application.version) };
  const { integration, secret } = await connect(published, body.rights, caller, origin);
  return {
    body: allowedBody(integration, secret),
    headers: { Location: locationOf('getIntegration', { client_id: integration.clientId }) },
  };
}

/** The decision on the latest version for a connection. */
async function decideAnew({ body, caller, origin }: Decided, seen: SeenApplication, clientId: string) {
  const { application } = seen;
  if (body.decision === 'allow') {
    const integration = await accept(application, clientId, body.rights, caller, origin);
    return { body: allowedBody(integration), madeNothing: true } as const;
  }
  const integration = await declineVersion(seen, clientId, caller, origin);
  const state = stateOf(application, connectionOf(integration));
  return { body: { tenant: caller.tenant, state }, madeNothing: true } as const;
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

  decideOnConnection: async (request) => {
    const answer = await decideAgain(async () => {
      const seen = await decidable(request);
      const clientId = seen.connection?.clientId;
      if (clientId === undefined) return decideFirst(request, seen);
      // It tries again by itself, and therefore not in here.
      return () => decideAnew(request, seen, clientId);
    });
    return typeof answer === 'function' ? answer() : answer;
  },
});
