import { appConnectionKey } from '../../src/adapters/dynamodb/app-connection.ts';
import { applicationKey, applicationStandings } from '../../src/adapters/dynamodb/application.ts';
import { applications, offerKey } from '../../src/adapters/dynamodb/application-store.ts';
import type { Item } from '../../src/adapters/dynamodb/commands.ts';
import { connections } from '../../src/adapters/dynamodb/connection-store.ts';
import { endpointReader } from '../../src/adapters/dynamodb/endpoint.ts';
import { integrationStore } from '../../src/adapters/dynamodb/integration-store.ts';
import { tenantReader } from '../../src/adapters/dynamodb/tenant.ts';
import type { PublishedApplication } from '../../src/entities/application.ts';
import type { AccessPattern } from './access-patterns.ts';
import { application, applicationVersion, connectedIntegration, customer } from './application-samples.ts';
import { endpoint, outgoing } from './delivery-patterns.ts';
import { event } from './samples.ts';

const developing = 'admin/applications';
const deciding = 'admin/apps';
const approving = 'admin/application-approvals';
const changing = [developing, approving];

const page = { limit: 50 };
const { id } = application;
const published: PublishedApplication = { application, version: applicationVersion, tenants: [customer] };
const waiting: PublishedApplication = {
  ...published,
  application: { ...application, approval: 'waiting' },
  tenants: 'all',
};
const approved: PublishedApplication = { ...waiting, application: { ...application, approval: 'approved' } };
const stored: Item = { ...applicationKey(id), ...application };
const offered: Item = { ...offerKey('{tenant}', id), id };
const paused = { ...connectedIntegration, status: 'disabled' } as const;
const withEndpoint = { ...connectedIntegration, endpoint: {} };
const pending = { 'issues:read': { state: 'pending', requestedBy: '{user}' } } as const;
const accepting = {
  ...connectedIntegration,
  name: '{new folded name}',
  rights: { ...connectedIntegration.rights, ...pending },
  application: { ...connectedIntegration.application, acceptedVersion: 2 },
};
const declined = { tenant: '{tenant}', applicationId: id, declinedVersion: 1, disabled: false };

/** How applications, what they are offered to and what tenants decided on them are reached. */
export const applicationPatterns: readonly AccessPattern[] = [
  {
    name: 'One application, whom it is offered to, and its latest version',
    usedBy: [developing, approving],
    holding: [stored, { ...applicationKey(id), sk: 'TENANTS', tenants: 'all' }],
    run: (table) => applications(table).get(id),
  },
  {
    name: 'The same without the version',
    usedBy: [developing],
    run: (table) => applications(table).offer(id),
  },
  {
    name: 'Its versions, newest first',
    usedBy: [developing],
    run: (table) => applications(table).listVersions(id, page),
  },
  {
    name: "A page of a tenant's own",
    usedBy: [developing],
    holding: [{ pk: 'APPLICATION_LIST#{tenant}#', sk: `APP#${id}`, id }],
    run: (table) => applications(table).list('{tenant}', page),
  },
  {
    name: 'A page of those that wait for the platform operator',
    usedBy: [approving],
    holding: [{ pk: 'APPLICATION_LIST#waiting#', sk: `APP#${id}`, id }],
    run: (table) => applications(table).waiting(page),
  },
  {
    name: "The publisher's name",
    usedBy: [developing],
    run: (table) => tenantReader(table).get('{tenant}'),
  },
  {
    name: 'Registering one',
    usedBy: [developing],
    run: (table) => applications(table).create(published, [event]),
  },
  {
    name: 'Publishing another version',
    usedBy: [developing],
    run: (table) =>
      applications(table).update(
        published,
        { ...published, version: { ...applicationVersion, version: 2 }, application: { ...application, version: 2 } },
        [event],
      ),
  },
  {
    name: 'Offering it to all instead of some, which waits',
    usedBy: changing,
    run: (table) => applications(table).update(published, waiting, [event]),
  },
  {
    name: 'Approving of that',
    usedBy: changing,
    run: (table) => applications(table).update(waiting, approved, [event]),
  },
  {
    name: 'Withdrawing or banning what is offered to all',
    usedBy: changing,
    run: (table) =>
      applications(table).update(approved, { ...approved, application: { ...application, status: 'banned' } }, [event]),
  },
  {
    name: 'The tenants that decided on an application, in the order of ids',
    usedBy: [developing],
    run: (table) => connections(table).offered(id, [], page),
  },
  {
    name: 'An application that a tenant may see, and what it decided',
    usedBy: [deciding],
    run: (table) => connections(table).seen('{tenant}', id),
  },
  {
    name: 'The latest version, and the one that was accepted',
    usedBy: [deciding],
    run: (table) => applications(table).versions(id, [1, 2]),
  },
  {
    name: 'The endpoint of a connection',
    usedBy: [deciding],
    run: (table) => endpointReader(table).get('{tenant}', '{client_id}'),
  },
  {
    name: 'Connecting a tenant, with an integration of its own; of two at once, one does',
    usedBy: [deciding],
    run: (table) =>
      integrationStore(table).create(
        { ...connectedIntegration, endpoint: {} },
        { events: [event], endpoint: { after: endpoint } },
      ),
  },
  {
    name: 'Declining',
    usedBy: [deciding],
    run: (table) => connections(table).decline(declined, { events: [event] }),
  },
  {
    name: 'Accepting another version, with another name and without its endpoint',
    usedBy: [deciding],
    run: (table) =>
      integrationStore(table).update(withEndpoint, accepting, {
        events: [event],
        endpoint: { removed: endpoint },
        outgoing: [outgoing],
      }),
  },
  {
    name: 'Accepting a version that no longer asks for what waits',
    usedBy: [deciding],
    run: (table) => integrationStore(table).update(accepting, connectedIntegration, { events: [event] }),
  },
  {
    name: 'Accepting another endpoint, to which what waits is sent at once',
    usedBy: [deciding],
    run: (table) =>
      integrationStore(table).update(
        withEndpoint,
        { ...withEndpoint, application: { ...withEndpoint.application, acceptedVersion: 2 } },
        { events: [event], endpoint: { before: endpoint, after: { ...endpoint, resumedAt: endpoint.createdAt } } },
      ),
  },
  {
    name: 'A page of all that a tenant may see: four queries at once',
    usedBy: [deciding],
    calls: 5,
    holding: [stored, offered, { ...appConnectionKey('{tenant}', id), ...declined }],
    run: (table) => connections(table).list('{tenant}', page),
  },
  {
    name: 'Pausing a connection, which both sides see',
    usedBy: ['admin/integrations'],
    run: (table) => integrationStore(table).update(connectedIntegration, paused, { events: [event] }),
  },
  {
    name: 'What the applications of connections ask for now',
    usedBy: ['admin/integrations', 'admin/integration-projects', 'admin/rights', 'admin/authorizations'],
    run: (table) => applicationStandings(table, [connectedIntegration]),
  },
  {
    name: 'Deleting a connection: its application is offered again',
    usedBy: ['admin/integrations'],
    run: (table) => integrationStore(table).delete(connectedIntegration, { events: [event] }),
  },
];
