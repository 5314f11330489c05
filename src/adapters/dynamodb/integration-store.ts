import * as z from 'zod/mini';
import type { AuditEvent } from '../../entities/audit-event.ts';
import { ConcurrentChange, Conflict } from '../../entities/errors.ts';
import {
  type Integration,
  type IntegrationNames,
  type IntegrationReader,
  type IntegrationStore,
  type IntegrationSummary,
  isManager,
} from '../../entities/integration.ts';
import { foldedName } from '../../entities/integration-name.ts';
import { auditEventActions } from './audit-event.ts';
import { type Action, type Condition, ConditionFailed, type Item, isNew, type Key, type Table } from './commands.ts';
import { integrationItem, integrationKey, parseIntegration } from './integration.ts';
import { partitionKey } from './table.ts';
import { managerGained, managerLost } from './tenant.ts';

/** Reserves a name in its tenant and is its line in the list: one partition in the order of folded names. */
function nameKey(tenant: string, name: string): Key {
  return { pk: partitionKey('integration-name', tenant), sk: foldedName(name) };
}

/** The row of an integration's name, with all that a list shows of it. */
export function integrationNameItem({ tenant, clientId, name, status, createdAt }: Integration): Item {
  return { ...nameKey(tenant, name), client_id: clientId, name, status, created_at: createdAt };
}

const storedName = z.object({
  client_id: z.string(),
  name: z.string(),
  status: z.enum(['active', 'disabled']),
  created_at: z.string(),
});

function parseSummary(item: Item): IntegrationSummary {
  const row = z.parse(storedName, item);
  return { clientId: row.client_id, name: row.name, status: row.status, createdAt: row.created_at };
}

/** One action of a change, and what its condition's failure means. */
interface Step {
  readonly action: Action;
  readonly failure?: () => Error;
}

const taken = () => new Conflict('An integration of this name exists.');
const lastManager = () =>
  new Conflict(
    'The last active integration that holds integrations:manage and users:manage cannot be disabled, deleted, demoted or stripped of its last credential.',
  );
const changedMeanwhile = () => new ConcurrentChange();

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
    async create(integration, ...events) {
      await transact(table, [
        { action: { put: integrationItem(integration), condition: isNew } },
        { action: { put: integrationNameItem(integration), condition: isNew }, failure: taken },
        ...managerSteps(undefined, integration),
        ...events.flatMap(auditSteps),
      ]);
    },
    async update(before, after, ...events) {
      await transact(table, [
        {
          action: {
            put: integrationItem({ ...after, version: before.version + 1 }),
            condition: unchangedSince(before),
          },
          failure: changedMeanwhile,
        },
        ...nameSteps(before, after),
        ...managerSteps(before, after),
        ...events.flatMap(auditSteps),
      ]);
    },
    async delete(before, event) {
      await transact(table, [
        {
          action: { delete: integrationKey(before.tenant, before.clientId), condition: unchangedSince(before) },
          failure: changedMeanwhile,
        },
        { action: { delete: nameKey(before.tenant, before.name), condition: isNameOf(before) } },
        ...managerSteps(before, undefined),
        ...auditSteps(event),
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
      return { items: page.map(parseSummary), ...(typeof last === 'string' && { last }) };
    },
  };
}

function unchangedSince({ version }: Integration): Condition {
  return { expression: 'version = :version', values: { ':version': version } };
}

function isNameOf({ clientId }: Integration): Condition {
  return { expression: 'client_id = :client_id', values: { ':client_id': clientId } };
}

/** The name's row changes only with what it shows. */
function nameSteps(before: Integration, after: Integration): Step[] {
  const [from, to] = [nameKey(before.tenant, before.name), nameKey(after.tenant, after.name)];
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

function auditSteps(event: AuditEvent): Step[] {
  return auditEventActions(event).map((action) => ({ action }));
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
