import * as z from 'zod/mini';
import type { Integration } from '../../entities/integration.ts';
import { grantedAmong } from '../../entities/project-rights.ts';
import type { SshKeyOwner, SshKeyReader } from '../../entities/ssh-key.ts';
import { standingIntegration } from '../../entities/standing.ts';
import { applicationKey, parseApplicationStanding } from './application.ts';
import type { Item, Key, Table } from './commands.ts';
import { integrationKey, parseIntegration } from './integration.ts';
import { noteLastUse } from './last-use.ts';
import { projectItemKey } from './project.ts';
import { parseProjectRights, projectRightsKey } from './project-rights.ts';
import { fingerprintKey, parseSshKey, sshKeyKey } from './ssh-key.ts';
import { partitionKey } from './table.ts';
import { parseTenantStanding, tenantStandingKey } from './tenant.ts';

const reservation = z.object({ clientId: z.string(), id: z.string() });

/** SSH keys in the table. */
export function sshKeys(table: Table): SshKeyReader {
  return {
    async list(tenant, clientId) {
      const { items } = await table.query({ partition: partitionKey('ssh-key', tenant, clientId) });
      return items.map(parseSshKey);
    },

    async get(tenant, clientId, id) {
      const item = await table.get(sshKeyKey(tenant, clientId, id));
      return item && parseSshKey(item);
    },

    owner: (tenant, fingerprint, project) => ownerOf(table, tenant, fingerprint, project),

    noteUse: (key, now) => noteLastUse(table, sshKeyKey(key.tenant, key.clientId, key.id), key.lastUsedAt, now),
  };
}

/**
 * Whose key it is: its reservation says where the rest lies, which is read in one round trip; one more of a connection,
 * for its application, and one for the projects in which it holds something.
 */
async function ownerOf(
  table: Table,
  tenant: string,
  fingerprint: string,
  project: string | undefined,
): Promise<SshKeyOwner | undefined> {
  const reserved = await table.get(fingerprintKey(tenant, fingerprint));
  if (reserved === undefined) return undefined;
  const { clientId, id } = z.parse(reservation, reserved);
  const keys = {
    integration: integrationKey(tenant, clientId),
    standing: tenantStandingKey(tenant),
    sshKey: sshKeyKey(tenant, clientId, id),
    ...(project !== undefined && {
      project: projectItemKey(tenant, project),
      rights: projectRightsKey(tenant, clientId, project),
    }),
  };
  const items = await table.batchGet(Object.values(keys));
  const found = (key: Key | undefined) => key && itemAt(items, key);
  const [item, sshKey, standing] = [found(keys.integration), found(keys.sshKey), found(keys.standing)];
  if (item === undefined || sshKey === undefined) return undefined;
  const stored = parseIntegration(item);
  const rights = found(keys.project) && found(keys.rights);
  const integration = project === undefined ? stored : grantedIn(stored, project, rights);
  const counted = standingIntegration(integration, {
    tenant: standing && parseTenantStanding(standing),
    application: await applicationOf(table, stored),
  });
  return {
    key: parseSshKey(sshKey),
    integration: project === undefined ? await grantedInExisting(table, counted) : counted,
  };
}

async function applicationOf(table: Table, { application }: Integration) {
  const item = application && (await table.get(applicationKey(application.id)));
  return item && parseApplicationStanding(item);
}

/** The integration with what it is granted in one project alone. */
function grantedIn(integration: Integration, project: string, item: Item | undefined): Integration {
  const granted = item ? grantedAmong(parseProjectRights(item).rights) : [];
  const listed = granted.length > 0 ? { [project]: granted } : {};
  return { ...integration, projectGrants: { count: integration.projectGrants?.count ?? 0, listed } };
}

/** The integration without what it is granted in projects that are gone. */
async function grantedInExisting(table: Table, integration: Integration): Promise<Integration> {
  const { projectGrants } = integration;
  const granted = Object.entries(projectGrants?.listed ?? {});
  if (projectGrants === undefined || granted.length === 0) return integration;
  const items = await table.batchGet(granted.map(([project]) => projectItemKey(integration.tenant, project)));
  const exists = ([project]: readonly [string, unknown]) =>
    itemAt(items, projectItemKey(integration.tenant, project)) !== undefined;
  return { ...integration, projectGrants: { ...projectGrants, listed: Object.fromEntries(granted.filter(exists)) } };
}

function itemAt(items: readonly Item[], { pk, sk }: Key): Item | undefined {
  return items.find((item) => item.pk === pk && item.sk === sk);
}
