import { grantedRights } from '../../entities/integration.ts';
import { grantedIn } from '../../entities/project-rights.ts';
import type { RightsInProject } from '../../entities/rights-in-project.ts';
import { standingIntegration, tellingUnder } from '../../entities/standing.ts';
import { applicationStandings } from './application.ts';
import type { Item, Key, Table } from './commands.ts';
import { integrationKey, parseIntegration } from './integration.ts';
import { projectItemKey } from './project.ts';
import { parseProjectRights, projectRightsKey } from './project-rights.ts';
import { parseTenantStanding, tenantStandingKey } from './tenant.ts';

/** Rights in one project over the one table: one round trip, and one more where there are connections among them. */
export function rightsInProject(table: Table): RightsInProject {
  return {
    async of(tenant, project, clientIds) {
      const found = finder(
        await table.batchGet([
          tenantStandingKey(tenant),
          projectItemKey(tenant, project),
          ...clientIds.flatMap((clientId) => [
            integrationKey(tenant, clientId),
            projectRightsKey(tenant, clientId, project),
          ]),
        ]),
      );
      if (found(projectItemKey(tenant, project), () => true) === undefined) return new Map();
      const standing = found(tenantStandingKey(tenant), parseTenantStanding);
      const integrations = clientIds
        .map((clientId) => found(integrationKey(tenant, clientId), parseIntegration))
        .filter((integration) => integration !== undefined);
      const applications = await applicationStandings(table, integrations);
      return new Map(
        integrations.map((integration) => {
          const { clientId } = integration;
          const there = found(projectRightsKey(tenant, clientId, project), parseProjectRights);
          const listed = there && { [project]: grantedIn(integration, there.rights) };
          const application = applications.get(integration.application?.id);
          const telling = tellingUnder({ tenant: standing, application }, integration.application !== undefined);
          // Of a suspended tenant, what it holds once that is restored: what is told later is told to those.
          const restored = standing && ({ ...standing, status: 'active' } as const);
          const now = standingIntegration(
            { ...integration, projectGrants: { count: listed ? 1 : 0, listed: listed ?? {} } },
            { tenant: restored, application },
          );
          const held = [...grantedRights(now), ...(now.projectGrants?.listed?.[project] ?? [])];
          return [clientId, { rights: now.status === 'active' ? held : [], telling }] as const;
        }),
      );
    },
  };
}

function finder(items: readonly Item[]) {
  return <Entity>({ pk, sk }: Key, parse: (item: Item) => Entity): Entity | undefined => {
    const item = items.find((candidate) => candidate.pk === pk && candidate.sk === sk);
    return item && parse(item);
  };
}
