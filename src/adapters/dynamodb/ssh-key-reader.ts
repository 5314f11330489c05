import * as z from 'zod/mini';
import type { Integration } from '../../entities/integration.ts';
import { grantedIn, type ProjectRights } from '../../entities/project-rights.ts';
import type { SshKeyOwner, SshKeyReader } from '../../entities/ssh-key.ts';
import { standingIntegration } from '../../entities/standing.ts';
import { once } from '../../once.ts';
import { applicationKey, parseApplicationStanding } from './application.ts';
import type { Item, Key, Table } from './commands.ts';
import { integrationKey, parseIntegration } from './integration.ts';
import { noteLastUse } from './last-use.ts';
import { projectItemKey, projects } from './project.ts';
import { parseProjectRights, projectRightsKey } from './project-rights.ts';
import { fingerprintKey, parseSshKey, sshKeyKey } from './ssh-key.ts';
import { partitionKey } from './table.ts';
import { parseTenantStanding, tenantStandingKey } from './tenant.ts';

const reservation = once(() =>
  z.object({ clientId: z.string(), id: z.string(), applicationId: z.optional(z.string()) }),
);

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

/** Whose key it is: its reservation says where the rest lies, which is read in one round trip. */
async function ownerOf(
  table: Table,
  tenant: string,
  fingerprint: string,
  project: string | undefined,
): Promise<SshKeyOwner | undefined> {
  const reserved = await table.get(fingerprintKey(tenant, fingerprint));
  if (reserved === undefined) return undefined;
  const { clientId, id, applicationId } = z.parse(reservation(), reserved);
  const keys = {
    integration: integrationKey(tenant, clientId),
    standing: tenantStandingKey(tenant),
    sshKey: sshKeyKey(tenant, clientId, id),
    application: applicationId === undefined ? undefined : applicationKey(applicationId),
    project: project === undefined ? undefined : projectItemKey(tenant, project),
    rights: project === undefined ? undefined : projectRightsKey(tenant, clientId, project),
  };
  const items = await table.batchGet(Object.values(keys).filter((key) => key !== undefined));
  const found = <Entity>(key: Key | undefined, parse: (item: Item) => Entity): Entity | undefined => {
    const item = key && items.find(({ pk, sk }) => pk === key.pk && sk === key.sk);
    return item && parse(item);
  };
  const [integration, sshKey] = [found(keys.integration, parseIntegration), found(keys.sshKey, parseSshKey)];
  if (integration === undefined || sshKey === undefined) return undefined;
  const rights = found(keys.project, () => true) ? found(keys.rights, parseProjectRights) : undefined;
  const counted =
    project === undefined ? await inExistingProjects(table, integration) : inOneProject(integration, project, rights);
  const tenantStanding = found(keys.standing, parseTenantStanding);
  const application = found(keys.application, parseApplicationStanding);
  return { key: sshKey, integration: standingIntegration(counted, { tenant: tenantStanding, application }) };
}

/** The integration without what is listed in projects that are gone; they are read where any are listed. */
async function inExistingProjects(table: Table, integration: Integration): Promise<Integration> {
  const { tenant, projectGrants } = integration;
  const listed = Object.entries(projectGrants?.listed ?? {});
  if (projectGrants === undefined || listed.length === 0) return integration;
  const found = await projects(table).getMany(
    tenant,
    listed.map(([project]) => project),
  );
  const existing = new Set(found.map(({ key }) => key));
  const left = Object.fromEntries(listed.filter(([project]) => existing.has(project)));
  return { ...integration, projectGrants: { ...projectGrants, listed: left } };
}

/** The integration with what it is granted in one project alone. */
function inOneProject(integration: Integration, project: string, rights: ProjectRights | undefined): Integration {
  const granted = grantedIn(integration, rights?.rights ?? {});
  const listed = granted.length > 0 ? { [project]: granted } : {};
  return { ...integration, projectGrants: { count: integration.projectGrants?.count ?? 0, listed } };
}
