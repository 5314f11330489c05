import { authorizationInbox } from '../../src/adapters/dynamodb/authorization-inbox.ts';
import { integrationStore } from '../../src/adapters/dynamodb/integration-store.ts';
import { projects } from '../../src/adapters/dynamodb/project.ts';
import { projectRightsItem, projectRightsReader } from '../../src/adapters/dynamodb/project-rights.ts';
import { rightsRemovals } from '../../src/adapters/dynamodb/rights-removals.ts';
import type { Integration } from '../../src/entities/integration.ts';
import type { OutgoingEvent } from '../../src/entities/outgoing-event.ts';
import { noProjectGrants, type ProjectRights } from '../../src/entities/project-rights.ts';
import type { AccessPattern } from './access-patterns.ts';
import { event, integration, rightsRemoval } from './samples.ts';

const { tenant, clientId } = integration;
const pending = { state: 'pending', requestedBy: '{user}' } as const;
const granted = { state: 'granted', requestedBy: '{user}' } as const;

const inProject = (rights: ProjectRights['rights']): ProjectRights => ({
  ...{ tenant, clientId, project: '{project}', rights, version: 1 },
});
const waiting = inProject({ '{right}': pending });
const decided = inProject({ '{right}': granted });

const told: OutgoingEvent = {
  ...{ tenant, id: '{event}', type: 'right.authorized', object: clientId, sequence: 2, clientId, data: {} },
  at: '2026-11-21T10:00:00.000Z',
};
const along = { events: [event], outgoing: [told] };

/** The integration, with one right more that is in this state. */
const having = (right: Integration['rights'][string]): Integration => ({
  ...integration,
  rights: { ...integration.rights, '{right}': right },
});

const deciding = 'admin/authorizations';
const asking = 'admin/integration-projects';
const removing = 'deployment/rights-removals';

/** How rights are asked for, wait, and are decided on. */
export const rightPatterns: readonly AccessPattern[] = [
  {
    name: 'Asking for a right that its asker does not hold',
    usedBy: ['admin/integrations', 'admin/rights'],
    run: (table) => integrationStore(table).update(integration, having(pending), along),
  },
  {
    name: 'Deciding on all that waits in the global context, or no longer asking for it',
    usedBy: ['admin/integrations', 'admin/rights', deciding],
    run: (table) => integrationStore(table).update(having(pending), having(granted), along),
  },
  {
    name: 'Deciding on a part of it',
    usedBy: [deciding],
    run: (table) =>
      integrationStore(table).update(
        { ...integration, rights: { ...integration.rights, '{right}': pending, '{other}': pending } },
        having(pending),
        along,
      ),
  },
  {
    name: 'Taking a right without which it is no manager of its tenant any more',
    usedBy: [deciding],
    run: (table) => integrationStore(table).update(integration, { ...integration, rights: {} }, along),
  },
  {
    name: 'What an integration asked for in some projects, and which of them exist',
    usedBy: [asking, deciding, removing],
    run: (table) => projectRightsReader(table).inProjects(tenant, clientId, ['{project}']),
  },
  {
    name: 'A page of what it asked for in projects, in the order of their keys',
    usedBy: ['admin/integrations', 'admin/rights', asking, deciding, removing],
    run: (table) => projectRightsReader(table).list(tenant, clientId, { limit: 50 }),
  },
  {
    name: 'Which of the projects exist that are asked for',
    usedBy: [asking],
    run: (table) => projects(table).getMany(tenant, ['{project}']),
  },
  {
    name: 'Asking for rights in a project that exists',
    usedBy: [asking],
    run: (table) =>
      integrationStore(table).update(integration, integration, { ...along, projects: [{ after: waiting }] }),
  },
  {
    name: 'Deciding on all that waits in a project that exists',
    usedBy: [deciding],
    run: (table) =>
      integrationStore(table).update(integration, integration, {
        ...along,
        projects: [{ before: waiting, after: decided }],
      }),
  },
  {
    name: 'Withdrawing it from a project, which may be gone',
    usedBy: [asking, removing],
    run: (table) =>
      integrationStore(table).update(integration, integration, { ...along, projects: [{ before: waiting }] }),
  },
  {
    name: 'What waits in a tenant, the global context first; within some projects, from the first of them to the last',
    usedBy: [deciding],
    run: (table) => authorizationInbox(table).waiting(tenant, { projects: ['{project}'], limit: 200 }),
  },
  {
    name: 'Whose it is, and which of the projects exist',
    usedBy: [deciding],
    run: (table) => authorizationInbox(table).parties(tenant, [clientId], ['{project}']),
  },
  {
    name: 'Deleting an integration that asked for something in projects: that it is to be removed is written down',
    usedBy: ['admin/integrations'],
    run: (table) => integrationStore(table).delete({ ...integration, projectGrants: noProjectGrants }, along),
  },
  {
    name: 'What deleted projects and integrations left behind, the earliest first',
    usedBy: [removing],
    run: (table) => rightsRemovals(table).begun({ limit: 25 }),
  },
  {
    name: 'The integrations that asked for something in a deleted project',
    usedBy: [removing],
    run: (table) => rightsRemovals(table).askedIn({ tenant, project: '{project}' }, { limit: 20 }),
  },
  {
    name: 'Removing what a deleted integration asked for in projects, fifty at a time',
    usedBy: [removing],
    holding: [projectRightsItem(waiting)],
    run: (table) => rightsRemovals(table).removeSome(tenant, clientId),
  },
  {
    name: 'Removing what it asked for in a project that is deleted too',
    usedBy: [removing],
    run: (table) => rightsRemovals(table).removeIn(tenant, clientId, '{project}'),
  },
  {
    name: 'Nothing is left of it',
    usedBy: [removing],
    run: (table) => rightsRemovals(table).finish(rightsRemoval),
  },
];
