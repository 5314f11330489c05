import * as z from 'zod/mini';
import type { AuditEvent } from '../../entities/audit-event.ts';
import { Conflict, NotFound } from '../../entities/errors.ts';
import type { Project, ProjectStore } from '../../entities/project.ts';
import { once } from '../../once.ts';
import { auditEventActions } from './audit-event.ts';
import { type Action, type Condition, ConditionFailed, type Item, isNew, type Key, type Table } from './commands.ts';
import { entityPage } from './entity-page.ts';
import { rightsRemovalItem } from './rights-removal.ts';
import { partitionKey } from './table.ts';

const projectPrefix = 'PROJECT#';

/** Where a project lies: its key is unique in the tenant by itself. */
export function projectItemKey(tenant: string, key: string): Key {
  return { pk: partitionKey('project', tenant), sk: projectPrefix + key };
}

/** What is left of a deleted project, so that its key is never used again; apart from those that lists go through. */
export function deletedProjectKey(tenant: string, key: string): Key {
  return { pk: partitionKey('project', tenant), sk: `DELETED_PROJECT#${key}` };
}

/** The project stands, and has not been deleted. */
export const existingProject: Condition = { expression: 'attribute_exists(pk)' };

const stored = once(() => z.object({ tenant: z.string(), key: z.string(), name: z.string(), createdAt: z.string() }));

const parseProject = (item: Item): Project => z.parse(stored(), item);

/** Projects over the one table. */
export function projects(table: Table): ProjectStore {
  /** Runs a change; one whose condition does not hold is `refusal`. */
  async function change(actions: readonly Action[], refusal: Error): Promise<void> {
    try {
      await table.transact(actions);
    } catch (error) {
      throw error instanceof ConditionFailed ? refusal : error;
    }
  }

  return {
    async create(project: Project, event: AuditEvent) {
      const { tenant, key } = project;
      await change(
        [
          { put: { ...projectItemKey(tenant, key), ...project }, condition: isNew },
          { check: deletedProjectKey(tenant, key), condition: isNew },
          ...auditEventActions(event),
        ],
        new Conflict('A project has this key, or had it once.'),
      );
    },

    async rename(project, name, event) {
      await change(
        [
          { put: { ...projectItemKey(project.tenant, project.key), ...project, name }, condition: existingProject },
          ...auditEventActions(event),
        ],
        new NotFound(),
      );
    },

    async delete(tenant, key, event) {
      await change(
        [
          { delete: projectItemKey(tenant, key), condition: existingProject },
          { put: { ...deletedProjectKey(tenant, key), key, deletedAt: event.at } },
          { put: rightsRemovalItem({ tenant, of: 'project', id: key, startedAt: event.at, by: event.actor }) },
          ...auditEventActions(event),
        ],
        new NotFound(),
      );
    },

    async get(tenant, key) {
      const item = await table.get(projectItemKey(tenant, key));
      return item && parseProject(item);
    },

    async getMany(tenant, keys) {
      if (keys.length === 0) return [];
      const items = await table.batchGet(keys.map((key) => projectItemKey(tenant, key)));
      return items.map(parseProject).sort((one, other) => (one.key < other.key ? -1 : 1));
    },

    list(tenant, { limit, after }) {
      return entityPage(table, {
        query: {
          partition: partitionKey('project', tenant),
          beginsWith: projectPrefix,
          ...(after !== undefined && { after: { ...projectItemKey(tenant, after) } }),
        },
        limit,
        parse: parseProject,
        positionOf: ({ key }) => key,
      });
    },
  };
}
