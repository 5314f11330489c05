import type { ClientReader } from '../../entities/credential-use.ts';
import type { Integration } from '../../entities/integration.ts';
import { grantsIn, isListedInPart } from '../../entities/project-rights.ts';
import { standingIntegration } from '../../entities/standing.ts';
import { applicationKey, parseApplicationStanding } from './application.ts';
import type { Item, Key, Table } from './commands.ts';
import { credentialUsesKey, parseCredentialUses } from './credential-use.ts';
import type { KeptDeployment } from './deployment.ts';
import { integrationKey, parseIntegration } from './integration.ts';
import { parseProjectRights, projectRightsKeys } from './project-rights.ts';
import { parseTenantStanding, tenantStandingKey } from './tenant.ts';

/**
 * Reads the client of a request as it counts now under its tenant, and in the same round trip whatever of the
 * deployment's rows is due to be read again: the one read that issuing a token costs. The deployment's first query runs
 * beside it. Of a connection, its application is read besides.
 *
 * @param deployment absent: nothing of it is read along
 * @param besides what is read along of the client
 */
export function clientReader(
  table: Table,
  deployment?: KeptDeployment,
  besides: { readonly uses?: true } = {},
): ClientReader {
  async function applicationOf({ application }: Integration) {
    const item = application && (await table.get(applicationKey(application.id)));
    return item && parseApplicationStanding(item);
  }

  return {
    async get(tenant, clientId, projects = []) {
      const [key, standingKey] = [integrationKey(tenant, clientId), tenantStandingKey(tenant)];
      const rightsKeys = projectRightsKeys(tenant, clientId, projects);
      const usesKey = besides.uses && credentialUsesKey(tenant, clientId);
      const due = deployment?.dueKeys() ?? [];
      const [items] = await Promise.all([
        table.batchGet([key, standingKey, ...(usesKey ? [usesKey] : []), ...rightsKeys, ...due]),
        deployment?.current(),
      ]);
      deployment?.accept(due, items);
      const item = itemAt(items, key);
      if (item === undefined) return undefined;
      const standing = itemAt(items, standingKey);
      const integration = withGrants(parseIntegration(item), projects, items);
      const counted = standingIntegration(integration, {
        tenant: standing && parseTenantStanding(standing),
        application: await applicationOf(integration),
      });
      const uses = usesKey && itemAt(items, usesKey);
      return uses ? { ...counted, credentialUses: parseCredentialUses(uses) } : counted;
    },
  };
}

/** The integration with what it is granted in the projects that were asked about, where its item does not list it all. */
function withGrants(integration: Integration, asked: readonly string[], items: readonly Item[]): Integration {
  if (asked.length === 0 || !isListedInPart(integration)) return integration;
  const keys = projectRightsKeys(integration.tenant, integration.clientId, asked);
  const found = keys.map((key) => itemAt(items, key)).filter((item) => item !== undefined);
  return { ...integration, projectGrants: grantsIn(integration, asked, found.map(parseProjectRights)) };
}

function itemAt(items: readonly Item[], { pk, sk }: Key): Item | undefined {
  return items.find((item) => item.pk === pk && item.sk === sk);
}
