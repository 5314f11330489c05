import * as z from 'zod/mini';
import type { ProjectRights, ProjectRightsReader } from '../../entities/project-rights.ts';
import { once } from '../../once.ts';
import type { Item, Key, Table } from './commands.ts';
import { entityPage } from './entity-page.ts';
import { requestedRights } from './integration.ts';
import { projectItemKey } from './project.ts';
import { table as names, partitionKey } from './table.ts';

const projectPrefix = 'PROJECT#';
/** Keys of projects hold nothing that comes after this. */
const lastProject = `${projectPrefix}~`;

/** Where an integration's rights in one project lie. */
export function projectRightsKey(tenant: string, clientId: string, project: string): Key {
  return { pk: partitionKey('project-rights', tenant, clientId), sk: projectPrefix + project };
}

/** Where its rights in each of these projects lie, one key each. */
export function projectRightsKeys(tenant: string, clientId: string, projects: readonly string[]): Key[] {
  return [...new Set(projects)].map((project) => projectRightsKey(tenant, clientId, project));
}

/** The partition of the index in which all of a tenant's lie, also those of integrations that are gone. */
export const projectRightsOfTenantPartition = (tenant: string) => partitionKey('project-rights', tenant);

/** The item of an integration's rights in one project; its attributes are the entity's members. */
export function projectRightsItem(rights: ProjectRights): Item {
  const { tenant, clientId, project } = rights;
  return {
    ...projectRightsKey(tenant, clientId, project),
    ...rights,
    ...projectRightsEntry(rights),
  };
}

/** Its entry in the index, where those in one project stand together. */
export function projectRightsEntry({
  tenant,
  clientId,
  project,
}: Pick<ProjectRights, 'tenant' | 'clientId' | 'project'>): Item {
  return {
    [names.index.partitionKey]: projectRightsOfTenantPartition(tenant),
    [names.index.sortKey]: `${project}#${clientId}`,
  };
}

/** The part of the index in which the rights of all integrations in one project stand. */
export const projectRightsInProject = (tenant: string, project: string) => ({
  partition: projectRightsOfTenantPartition(tenant),
  beginsWith: `${project}#`,
});

const stored = once(() =>
  z.object({
    tenant: z.string(),
    clientId: z.string(),
    project: z.string(),
    rights: requestedRights(),
    version: z.number(),
  }),
);

/** The rights of an item read from {@link projectRightsKey}. */
export function parseProjectRights(item: Item): ProjectRights {
  return z.parse(stored(), item);
}

/** Rights in single projects over the one table. */
export function projectRightsReader(table: Table): ProjectRightsReader {
  return {
    async inProjects(tenant, clientId, projects) {
      const ofProjects = projects.map((project) => projectItemKey(tenant, project));
      const items = await table.batchGet([...projectRightsKeys(tenant, clientId, projects), ...ofProjects]);
      const { pk } = projectItemKey(tenant, '');
      const existing = items.filter((item) => item.pk === pk).map(({ sk }) => sk);
      return {
        rows: items.filter((item) => item.pk !== pk).map(parseProjectRights),
        existing: new Set(projects.filter((project) => existing.includes(projectItemKey(tenant, project).sk))),
      };
    },
    list(tenant, clientId, { limit, after, from }) {
      return entityPage(table, {
        query: {
          partition: partitionKey('project-rights', tenant, clientId),
          ...(from === undefined ? { beginsWith: projectPrefix } : { from: projectPrefix + from, to: lastProject }),
          ...(after !== undefined && { after: { ...projectRightsKey(tenant, clientId, after) } }),
        },
        limit,
        parse: parseProjectRights,
        positionOf: ({ project }) => project,
      });
    },
  };
}
