import type { Table } from '../../src/adapters/dynamodb/commands.ts';
import { deliveryStore } from '../../src/adapters/dynamodb/delivery.ts';
import { deliveryQueueKey } from '../../src/adapters/dynamodb/delivery-row.ts';
import { endpointReader, endpointStore } from '../../src/adapters/dynamodb/endpoint.ts';
import { integrationItem } from '../../src/adapters/dynamodb/integration.ts';
import { integrationStore } from '../../src/adapters/dynamodb/integration-store.ts';
import { projectItemKey } from '../../src/adapters/dynamodb/project.ts';
import { rightsInProject } from '../../src/adapters/dynamodb/rights-in-project.ts';
import { tellings } from '../../src/adapters/dynamodb/tellings.ts';
import { type Delivery, newDelivery } from '../../src/entities/delivery.ts';
import type { Endpoint } from '../../src/entities/endpoint.ts';
import type { OutgoingEvent } from '../../src/entities/outgoing-event.ts';
import type { AccessPattern } from './access-patterns.ts';
import { connectedIntegration } from './application-samples.ts';
import { event as audited, integration } from './samples.ts';

const at = '2026-01-01T00:00:00.000Z';

/** An endpoint that an app has keys for. */
export const endpoint: Endpoint = {
  tenant: '{tenant}',
  clientId: '{client_id}',
  uri: '{uri}',
  verification: 'signing_key',
  keys: [],
  status: 'active',
  createdAt: at,
  version: 1,
};

/** What an endpoint is outgoing. */
export const outgoing: OutgoingEvent = {
  tenant: '{tenant}',
  id: 'ntf_{event}',
  type: 'integration.disabled',
  object: '{object}',
  sequence: 7,
  at,
  clientId: '{client_id}',
  data: {},
};

const delivery: Delivery = newDelivery(outgoing, '{client_id}');
const queue = { tenant: '{tenant}', clientId: '{client_id}', arrivals: 1, failures: 0, slow: false };
const queueRow = { ...deliveryQueueKey('{tenant}', '{client_id}'), ...queue };
const lease = { id: '{run}', now: 0, until: Date.parse(at) };
const deliveries = (table: Table) => deliveryStore(table, async () => undefined);
const sending = ['deployment/deliveries'];

/** What apps' endpoints, and what they are outgoing, are stored and found with. */
export const deliveryPatterns: readonly AccessPattern[] = [
  {
    name: 'One endpoint',
    usedBy: ['admin/endpoint', 'admin/integrations', ...sending],
    run: (table) => endpointReader(table).get('{tenant}', '{client_id}'),
  },
  {
    name: "A page of a tenant's endpoints, for what all may be told of",
    usedBy: sending,
    run: (table) => endpointReader(table).list('{tenant}', { limit: 45 }),
  },
  {
    name: 'What integrations hold in one project, as it counts now; the applications of connections after it',
    usedBy: sending,
    holding: [{ ...projectItemKey('{tenant}', '{project}') }, integrationItem(connectedIntegration)],
    run: (table) => rightsInProject(table).of('{tenant}', '{project}', ['{client_id}']),
  },
  {
    name: 'Whether an integration may be told of what concerns it: of its tenant, and of the application of a connection',
    usedBy: sending,
    run: (table) => tellings(table).of('{tenant}', '{app_id}'),
  },
  {
    name: 'Giving an integration its endpoint',
    usedBy: ['admin/endpoint'],
    run: (table) =>
      integrationStore(table).update(
        integration,
        { ...integration, endpoint: {} },
        { events: [audited], endpoint: { after: endpoint } },
      ),
  },
  {
    name: 'Taking it away; that its log stays is written down',
    usedBy: ['admin/endpoint'],
    run: (table) =>
      integrationStore(table).update(integration, integration, { events: [audited], endpoint: { removed: endpoint } }),
  },
  {
    name: 'Deleting an integration, whose endpoint is told of that before it goes; that its log stays is written down',
    usedBy: ['admin/integrations'],
    run: (table) =>
      integrationStore(table).delete({ ...integration, endpoint: {} }, { events: [audited], outgoing: [outgoing] }),
  },
  {
    name: 'Pausing it, or another key',
    usedBy: ['admin/endpoint', ...sending],
    run: (table) => endpointStore(table).update(endpoint, { ...endpoint, status: 'paused' }, audited),
  },
  {
    name: 'Resuming it, and having its queue looked at',
    usedBy: ['admin/endpoint'],
    run: (table) =>
      endpointStore(table).update({ ...endpoint, status: 'paused' }, { ...endpoint, resumedAt: at }, audited),
  },
  {
    name: 'An event comes into the queue of an endpoint, once',
    usedBy: sending,
    run: (table) => deliveries(table).enqueue(delivery),
  },
  {
    name: 'Which of many endpoints were told of it by a run that was cut off',
    usedBy: sending,
    run: (table) => deliveries(table).withoutIt(outgoing, ['{client_id}']),
  },
  {
    name: 'Endpoints with something due, of all tenants, the longest due first',
    usedBy: sending,
    run: (table) => deliveries(table).due(Date.parse(at), 100),
  },
  {
    name: 'How the deliveries to an endpoint stand',
    usedBy: ['admin/endpoint', ...sending],
    run: (table) => deliveries(table).queue('{tenant}', '{client_id}'),
  },
  {
    name: 'Taking a queue for one run',
    usedBy: sending,
    holding: [queueRow],
    run: (table) => deliveries(table).take('{tenant}', '{client_id}', lease),
  },
  {
    name: 'Giving it back',
    usedBy: sending,
    run: (table) =>
      deliveries(table).release({ ...queue, lease: { id: '{run}', until: at } }, Date.parse(at), Date.parse(at)),
  },
  {
    name: 'What waits, object by object',
    usedBy: sending,
    run: (table) => deliveries(table).pending('{tenant}', '{client_id}', { limit: 100 }),
  },
  {
    name: 'The first that waits of one object',
    usedBy: sending,
    run: (table) => deliveries(table).head('{tenant}', '{client_id}', '{object}'),
  },
  {
    name: 'One delivery',
    usedBy: ['admin/deliveries', ...sending],
    run: (table) => deliveries(table).get('{tenant}', '{client_id}', delivery.id),
  },
  {
    name: 'It arrived, or is given up: out of the queue',
    usedBy: sending,
    run: (table) => deliveries(table).settle(delivery, { ...delivery, state: 'delivered' }),
  },
  {
    name: 'It is tried again',
    usedBy: sending,
    run: (table) => deliveries(table).settle(delivery, delivery),
  },
  {
    name: 'One that the log has forgotten leaves the queue',
    usedBy: sending,
    run: (table) => deliveries(table).forget('{tenant}', '{client_id}', { ...outgoing, id: delivery.id, dueAt: at }),
  },
  {
    name: 'It is sent again by hand',
    usedBy: ['admin/deliveries'],
    run: (table) => deliveries(table).sendAgain(delivery, delivery, audited),
  },
  {
    name: 'A page of the log, newest first',
    usedBy: ['admin/deliveries'],
    run: (table) => deliveries(table).list('{tenant}', '{client_id}', { limit: 50, after: '{delivery}' }),
  },
];
