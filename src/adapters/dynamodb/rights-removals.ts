import type { RightsRemovals } from '../../entities/rights-removal.ts';
import type { Action, Table } from './commands.ts';
import { pendingAuthorizationKey } from './pending-authorization.ts';
import { parseProjectRights, projectRightsEntry, projectRightsInProject, projectRightsKey } from './project-rights.ts';
import { begunPartition, parseRightsRemoval, rightsRemovalEntry, rightsRemovalKey } from './rights-removal.ts';
import { partitionKey } from './table.ts';

/** Rows of one transaction: each goes with its line of what waits, and a transaction has a hundred actions. */
const rowsAtOnce = 50;

/** What deleted projects and integrations left behind, over the one table. */
export function rightsRemovals(table: Table): RightsRemovals {
  return {
    async begun({ limit, after }) {
      const { items } = await table.query({
        index: true,
        partition: begunPartition,
        limit,
        ...(after && { after: { ...rightsRemovalKey(after), ...rightsRemovalEntry(after) } }),
      });
      return items.map(parseRightsRemoval);
    },

    async askedIn({ tenant, project }, { limit, after }) {
      const { items } = await table.query({
        index: true,
        ...projectRightsInProject(tenant, project),
        limit,
        ...(after !== undefined && {
          after: {
            ...projectRightsKey(tenant, after, project),
            ...projectRightsEntry({ tenant, clientId: after, project }),
          },
        }),
      });
      return items.map((item) => parseProjectRights(item).clientId);
    },

    async removeIn(tenant, clientId, project) {
      await table.transact(removal(tenant, clientId, project));
    },

    async removeSome(tenant, clientId) {
      const { items, more } = await table.query({
        partition: partitionKey('project-rights', tenant, clientId),
        limit: rowsAtOnce,
      });
      const projects = items.map((item) => parseProjectRights(item).project);
      if (projects.length > 0) await table.transact(projects.flatMap((project) => removal(tenant, clientId, project)));
      return more;
    },

    async finish(done) {
      await table.transact([{ delete: rightsRemovalKey(done) }]);
    },
  };
}

/** The rights, and the line of what waits. */
function removal(tenant: string, clientId: string, project: string): readonly Action[] {
  return [
    { delete: projectRightsKey(tenant, clientId, project) },
    { delete: pendingAuthorizationKey({ tenant, clientId, project }) },
  ];
}
