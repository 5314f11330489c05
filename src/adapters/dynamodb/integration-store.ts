import type { AuditEvent } from '../../entities/audit-event.ts';
import type { EndpointChange } from '../../entities/endpoint.ts';
import { ConcurrentChange, Conflict, NotFound } from '../../entities/errors.ts';
import {
  type Integration,
  type IntegrationNames,
  type IntegrationReader,
  type IntegrationStore,
  isManager,
  type WrittenAlong,
} from '../../entities/integration.ts';
import type { ProjectRightsChange } from '../../entities/project-rights.ts';
import type { SshKeyChange } from '../../entities/ssh-key.ts';
import { connectionAction, connectionChange, developerActions } from './app-connection.ts';
import { auditEventActions } from './audit-event.ts';
import { type Action, type Condition, ConditionFailed, isNew, type Table } from './commands.ts';
import { credentialUsesKey } from './credential-use.ts';
import { leftLogAction } from './delivery-row.ts';
import { endpointActions } from './endpoint.ts';
import { integrationItem, integrationKey, parseIntegration } from './integration.ts';
import { integrationNameItem, integrationNameKey, parseIntegrationName } from './integration-name.ts';
import { outgoingEventAction } from './outgoing-event.ts';
import { pendingAuthorizationActions } from './pending-authorization.ts';
import { existingProject, projectItemKey } from './project.ts';
import { projectRightsItem, projectRightsKey } from './project-rights.ts';
import { rightsRemovalItem } from './rights-removal.ts';
import { sshKeyActions } from './ssh-key.ts';
import { partitionKey } from './table.ts';
import { managerGained, managerLost } from './tenant.ts';

/** One action of a change, and what its condition's failure means. */
interface Step {
  readonly action: Action;
  readonly failure?: () => Error;
}

const taken = () => new Conflict('An integration of this name exists.');
const keyTaken = () => new Conflict('An integration of this tenant has this SSH key.');
const lastManager = () =>
  new Conflict(
    'The last active integration that holds integrations:manage and users:manage cannot be disabled, deleted, demoted or stripped of its last credential.',
  );
const changedMeanwhile = () => new ConcurrentChange();
const noProject = () => new NotFound();

/** The tenant of a connection's developer is being removed: the application is not to be found any more. */
class DeveloperGone extends NotFound {}
const developerGone = () => new DeveloperGone();

/** Reads one integration and nothing else. */
export function integrationReader(table: Table): IntegrationReader {
  return {
    async get(tenant, clientId) {
      const item = await table.get(integrationKey(tenant, clientId));
      return item && parseIntegration(item);
    },
  };
}

/** What integrations are called. */
export function integrationNames(table: Table): IntegrationNames {
  return {
    async of(tenant, clientIds) {
      if (clientIds.length === 0) return new Map();
      const items = await table.batchGet(clientIds.map((clientId) => integrationKey(tenant, clientId)));
      return new Map(items.map(parseIntegration).map(({ clientId, name }) => [clientId, name]));
    },
  };
}

/** Integrations in the table. */
export function integrationStore(table: Table): IntegrationStore {
  return {
    ...integrationReader(table),
    async create(integration, along) {
      await transact(table, [
        { action: { put: integrationItem(integration), condition: isNew } },
        ...connectionSteps(undefined, integration),
        { action: { put: integrationNameItem(integration), condition: isNew }, failure: taken },
        ...managerSteps(undefined, integration),
        ...pendingSteps(undefined, integration),
        ...stepsAlong(along),
        ...developerSteps(undefined, integration, along),
      ]);
    },
    async update(before, after, along) {
      await transactTelling(table, developerSteps(before, after, along), [
        {
          action: {
            put: integrationItem({ ...after, version: before.version + 1 }),
            condition: unchangedSince(before),
          },
          failure: changedMeanwhile,
        },
        ...connectionSteps(before, after),
        ...nameSteps(before, after),
        ...managerSteps(before, after),
        ...pendingSteps(before, after),
        ...sshKeySteps(before, along.sshKey),
        ...stepsAlong(along),
      ]);
    },
    async delete(before, along) {
      await transactTelling(table, developerSteps(before, undefined, along), [
        {
          action: { delete: integrationKey(before.tenant, before.clientId), condition: unchangedSince(before) },
          failure: changedMeanwhile,
        },
        { action: { delete: integrationNameKey(before.tenant, before.name), condition: isNameOf(before) } },
        ...connectionSteps(before, undefined),
        ...managerSteps(before, undefined),
        ...pendingSteps(before, undefined),
        { action: { delete: credentialUsesKey(before.tenant, before.clientId) } },
        ...(before.sshKeys ?? []).flatMap((removed) => sshKeySteps(before, { removed })),
        ...orphanSteps(before, along),
        ...rightsRemovalSteps(before, along),
        ...stepsAlong(along),
      ]);
    },
    async list(tenant, { limit, after }) {
      const partition = partitionKey('integration-name', tenant);
      // One more than asked for: so that the last page knows that it is the last.
      const { items } = await table.query({
        partition,
        limit: limit + 1,
        ...(after !== undefined && { after: { pk: partition, sk: after } }),
      });
      const page = items.slice(0, limit);
      const last = items.length > limit ? page.at(-1)?.sk : undefined;
      return { items: page.map(parseIntegrationName), ...(typeof last === 'string' && { last }) };
    },
  };
}

function unchangedSince({ version }: Integration): Condition {
  return { expression: 'version = :version', values: { ':version': version } };
}

function isNameOf({ clientId }: Integration): Condition {
  return { expression: 'client_id = :client_id', values: { ':client_id': clientId } };
}

/** What the tenant sees of a connection changes with its integration; of two that are made at once, one is. */
function connectionSteps(before: Integration | undefined, after: Integration | undefined): Step[] {
  const change = connectionChange(before, after);
  return change === undefined ? [] : [{ action: connectionAction(change), failure: changedMeanwhile }];
}

/** What the developer sees of it does, too; the failures of the other steps come before this one's. */
function developerSteps(
  before: Integration | undefined,
  after: Integration | undefined,
  { toDeveloper = [] }: WrittenAlong,
): Step[] {
  const change = connectionChange(before, after);
  if (change === undefined) return [];
  return developerActions(change, toDeveloper).map((action) => ({
    action,
    ...('check' in action && { failure: developerGone }),
  }));
}

/** The name's row changes only with what it shows. */
function nameSteps(before: Integration, after: Integration): Step[] {
  const [from, to] = [integrationNameKey(before.tenant, before.name), integrationNameKey(after.tenant, after.name)];
  if (from.sk !== to.sk)
    return [
      { action: { delete: from, condition: isNameOf(before) } },
      { action: { put: integrationNameItem(after), condition: isNew }, failure: taken },
    ];
  if (before.name === after.name && before.status === after.status) return [];
  return [{ action: { put: integrationNameItem(after), condition: isNameOf(before) } }];
}

function managerSteps(before: Integration | undefined, after: Integration | undefined): Step[] {
  const [was, is] = [before !== undefined && isManager(before), after !== undefined && isManager(after)];
  const tenant = before?.tenant ?? after?.tenant ?? '';
  if (was === is) return [];
  return was ? [{ action: managerLost(tenant), failure: lastManager }] : [{ action: managerGained(tenant) }];
}

/** The line of what waits in the global context. */
function pendingSteps(before: Integration | undefined, after: Integration | undefined): Step[] {
  const { tenant, clientId } = before ?? after ?? { tenant: '', clientId: '' };
  return unconditional(pendingAuthorizationActions({ tenant, clientId }, before?.rights ?? {}, after?.rights ?? {}));
}

function sshKeySteps(integration: Integration, change: SshKeyChange | undefined): Step[] {
  if (change === undefined) return [];
  const { key, reservation } = sshKeyActions(integration, change);
  return [{ action: key }, { action: reservation, failure: keyTaken }];
}

function stepsAlong({ endpoint, events, outgoing = [], projects = [] }: WrittenAlong): Step[] {
  return [
    ...projects.flatMap(projectSteps),
    ...endpointSteps(endpoint, events),
    ...unconditional(events.flatMap(auditEventActions)),
    ...unconditional(outgoing.map(outgoingEventAction)),
  ];
}

function endpointSteps(change: EndpointChange | undefined, [event]: readonly AuditEvent[]): Step[] {
  if (change === undefined) return [];
  const steps = endpointActions(change).map((action) => ({ action, failure: changedMeanwhile }));
  if (!('removed' in change) || event === undefined) return steps;
  const { tenant, clientId } = change.removed;
  return [...steps, { action: leftLogAction(tenant, clientId, event.at) }];
}

/** Its endpoint outlives the integration until it is told of that, and the log of it for longer. */
function orphanSteps({ tenant, clientId, endpoint }: Integration, { events: [event] }: WrittenAlong): Step[] {
  if (endpoint === undefined || event === undefined) return [];
  const { at } = event;
  return unconditional([...endpointActions({ tenant, clientId, orphanedAt: at }), leftLogAction(tenant, clientId, at)]);
}

/** What it asked for in single projects may be more than one transaction takes. */
function rightsRemovalSteps(
  { tenant, clientId, projectGrants }: Integration,
  { events: [event] }: WrittenAlong,
): Step[] {
  if (projectGrants === undefined || event === undefined) return [];
  const { at: startedAt, actor: by } = event;
  return unconditional([{ put: rightsRemovalItem({ tenant, of: 'integration', id: clientId, startedAt, by }) }]);
}

/** The rights in one project, and the line of what waits there; nothing is asked for or granted in a project that is gone. */
function projectSteps({ before, after }: ProjectRightsChange): Step[] {
  const change = after ?? before;
  if (change === undefined) return [];
  const { tenant, clientId, project } = change;
  const key = projectRightsKey(tenant, clientId, project);
  const condition: Condition =
    before === undefined ? isNew : { expression: 'version = :version', values: { ':version': before.version } };
  const action: Action = after
    ? { put: projectRightsItem({ ...after, version: (before?.version ?? 0) + 1 }), condition }
    : { delete: key, condition };
  return [
    { action, failure: changedMeanwhile },
    ...(after
      ? [{ action: { check: projectItemKey(tenant, project), condition: existingProject }, failure: noProject }]
      : []),
    ...unconditional(
      pendingAuthorizationActions({ tenant, clientId, project }, before?.rights ?? {}, after?.rights ?? {}),
    ),
  ];
}

function unconditional(actions: readonly Action[]): Step[] {
  return actions.map((action) => ({ action }));
}

/** One transaction; the first condition that failed says what is thrown. */
async function transact(table: Table, steps: readonly Step[]): Promise<void> {
  try {
    await table.transact(steps.map(({ action }) => action));
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    const failed = steps.find(({ failure }, index) => failure !== undefined && error.failures.has(index));
    throw failed?.failure?.() ?? error;
  }
}

/** A connection goes on being changed where there is no developer any more who could be told. */
async function transactTelling(table: Table, developers: readonly Step[], steps: readonly Step[]): Promise<void> {
  try {
    await transact(table, [...steps, ...developers]);
  } catch (error) {
    if (!(error instanceof DeveloperGone)) throw error;
    await transact(table, steps);
  }
}
