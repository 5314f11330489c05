import type { ProjectRightsSweep } from '../../entities/project-rights.ts';
import type { Table } from './commands.ts';
import { pendingAuthorizationKey } from './pending-authorization.ts';
import { parseProjectRights, projectRightsKey } from './project-rights.ts';
import { partitionKey } from './table.ts';

/** Rows of one transaction: each goes with its line of what waits, and a transaction has a hundred actions. */
const rowsAtOnce = 50;

/** Removes what a deleted integration asked for in single projects. */
export function projectRightsSweep(table: Table): ProjectRightsSweep {
  return {
    async sweep(tenant, clientId) {
      for (let more = true; more; ) {
        const page = await table.query({
          partition: partitionKey('project-rights', tenant, clientId),
          limit: rowsAtOnce,
        });
        const projects = page.items.map((item) => parseProjectRights(item).project);
        if (projects.length > 0)
          await table.transact(
            projects.flatMap((project) => [
              { delete: projectRightsKey(tenant, clientId, project) },
              { delete: pendingAuthorizationKey({ tenant, clientId, project }) },
            ]),
          );
        more = page.more;
      }
    },
  };
}
