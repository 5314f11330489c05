import { deliveryStore } from '../../src/adapters/dynamodb/delivery.ts';
import { endpointStore } from '../../src/adapters/dynamodb/endpoint.ts';
import { attemptOf } from '../../src/deliveries/attempt.ts';
import { auditEvent, type Origin } from '../../src/entities/audit-event.ts';
import { type Endpoint, resumed, withKeyAdded } from '../../src/entities/endpoint.ts';
import { Conflict, NotFound } from '../../src/entities/errors.ts';
import { tenantOfClientId } from '../../src/entities/identifiers.ts';
import { outgoingEvent } from '../../src/entities/outgoing-event.ts';
import { mustHoldItsRights } from '../../src/entities/requested-rights.ts';
import { environment } from '../../src/environment.ts';
import type { AuthorizerContext } from '../../src/oauth/access-token/context.ts';
import { endpointUrl } from '../../src/oauth/endpoint-urls.ts';
import { once } from '../../src/once.ts';
import { callerOf } from '../shared/caller.ts';
import { decideAgain } from '../shared/decide-again.ts';
import { attemptBody, endpointBody } from '../shared/endpoint-body.ts';
import { endpointKeys, makeEndpointKey } from '../shared/endpoint-keys.ts';
import { fetchFromOutside } from '../shared/guarded-fetch.ts';
import { changeIntegration, existingIntegration } from '../shared/integration-change.ts';
import { locationOf } from '../shared/location.ts';
import { mustBeOutside, newEndpoint } from '../shared/new-endpoint.ts';
import { pause } from '../shared/pause.ts';
import { auditedEndpoint } from '../shared/refusals.ts';
import { clock, randomBytes, variable } from '../shared/services.ts';
import { table } from '../shared/table.ts';
import { webhookSigner } from '../shared/webhook-keys.ts';

const endpoints = once(() => endpointStore(table()));
const deliveries = once(() => deliveryStore(table(), pause));

const shown = (found: Endpoint, queue?: Parameters<typeof endpointBody>[1]) =>
  endpointBody(found, queue, endpointUrl(variable(environment.issuer), 'webhookJwks'));

/** Free text never becomes part of a key. @throws NotFound */
function clientOf({ tenant }: AuthorizerContext, clientId: string): string {
  if (tenantOfClientId(clientId) !== tenant) throw new NotFound();
  return clientId;
}

/** @throws NotFound */
async function existing(caller: AuthorizerContext, clientId: string): Promise<Endpoint> {
  const found = await endpoints().get(caller.tenant, clientOf(caller, clientId));
  if (found === undefined || found.removedAt !== undefined) throw new NotFound();
  return found;
}

/** Changes the endpoint alone, with the event that tells of it. */
async function change(
  before: Endpoint,
  after: Endpoint,
  told: { readonly action: string; readonly changes?: Readonly<Record<string, unknown>> },
  origin: Origin,
  now: number,
): Promise<void> {
  const event = { tenant: before.tenant, object: before.clientId, ...told };
  await endpoints().update(before, after, auditEvent(event, origin, now, randomBytes));
}

export const handler = auditedEndpoint({
  // Decided on anew where the integration or its endpoint changed meanwhile, as adding a key and removing it are.
  setEndpoint: async ({ body, caller, origin, path }) => {
    mustBeOutside(body.uri);
    let answer = {};
    await changeIntegration(caller, origin, path.client_id, async (integration, now) => {
      mustHoldItsRights(callerOf(caller), integration);
      const before = await endpoints().get(caller.tenant, integration.clientId);
      const { endpoint: after, marker, key } = await newEndpoint(integration, body, now, before);
      answer = { ...shown(after), ...key };
      return {
        after: { ...integration, endpoint: marker },
        endpoint: { before, after },
        event: {
          action: 'endpoint.set',
          changes: {
            uri: { from: before?.uri, to: after.uri },
            verification: { from: before?.verification, to: after.verification },
            events: { from: before?.events, to: after.events },
          },
        },
      };
    });
    return { body: answer };
  },

  getEndpoint: async ({ caller, path }) => {
    const clientId = clientOf(caller, path.client_id);
    const [found, queue] = await Promise.all([existing(caller, clientId), deliveries().queue(caller.tenant, clientId)]);
    return { body: shown(found, queue) };
  },

  removeEndpoint: async ({ caller, origin, path }) => {
    await changeIntegration(caller, origin, path.client_id, async (before) => {
      mustHoldItsRights(callerOf(caller), before);
      const removed = await existing(caller, before.clientId);
      const { endpoint: _, ...after } = before;
      return { after, endpoint: { removed }, event: { action: 'endpoint.removed', changes: { uri: removed.uri } } };
    });
    return {};
  },

  addEndpointKey: async ({ body, caller, origin, path }) => {
    let made = { id: '', created_at: '' };
    const { clientId } = await changeIntegration(caller, origin, path.client_id, async (integration, now) => {
      mustHoldItsRights(callerOf(caller), integration);
      const before = await existing(caller, integration.clientId);
      const { verification } = before;
      if (verification === 'public_key')
        throw new Conflict('What this endpoint is sent is signed with the key of the deployment.');
      const { plaintext, kept } = await makeEndpointKey(before, verification, now);
      made = { id: kept.id, [verification]: plaintext, created_at: kept.createdAt };
      return {
        after: integration,
        endpoint: { before, after: withKeyAdded(before, kept, body.expire_others_in, now) },
        event: { action: 'endpoint.key_added', changes: { key: kept.id, ...body } },
      };
    });
    return { body: made, headers: { Location: locationOf('getEndpoint', { client_id: clientId }) } };
  },

  // Resuming what is active answers it as it is.
  resumeEndpoint: ({ caller, origin, path }) =>
    decideAgain(async () => {
      const before = await existing(caller, path.client_id);
      if (before.status === 'active') return { body: shown(before) };
      const now = clock.now();
      const after = resumed(before, now);
      await change(before, after, { action: 'endpoint.resumed' }, origin, now);
      return { body: shown(after) };
    }),

  pingEndpoint: async ({ caller, path }) => {
    const { tenant, clientId, version } = await existingIntegration(caller, path.client_id);
    const found = await existing(caller, clientId);
    const told = { tenant, type: 'endpoint.ping', object: clientId, sequence: version, clientId, data: {} } as const;
    const ping = outgoingEvent(told, clock.now(), randomBytes);
    const { attempt, delivered } = await attemptOf(ping, found, {
      clock,
      fetch: fetchFromOutside(),
      keys: endpointKeys,
      signer: webhookSigner(),
    });
    return { body: { ...attemptBody(attempt), delivered } };
  },
});
