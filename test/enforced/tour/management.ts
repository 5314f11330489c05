import type { Operation } from '../../../src/api/routes.ts';
import { createIntegration, freshName, tokenOf } from '../../conformance/client.ts';
import type { Scene } from '../operations.ts';
import { newUser } from '../people.ts';
import { succeed } from '../request.ts';

/** Lists whose cursors are read and made with the deployment's key, with what their requests need besides. */
const lists = [
  'listIntegrations',
  'listSecrets',
  'listRights',
  'listIntegrationRights',
  'listAuditEvents',
  'listUsersOfTenant',
  'listProjectsOfTenant',
  'listSessionsOfUser',
  'listConsentsOfUser',
  'listPersonalAccessTokensOfUser',
  'listIdentityProviders',
  'listUsers',
  'listProjects',
  'listIssues',
  'listIssuesOfProject',
  'listTenants',
] as const satisfies readonly Operation[];

/** What administrators come to do. */
export async function managementTour(scene: Scene): Promise<void> {
  await secondPages(scene);
  await managersComeAndGo(scene);
  await rolesOfAdministrators(scene);
  await rightsInOneProject(scene);
  await tenantRenamed(scene);
}

async function secondPages({ outputs, admin, integration, project, ownAccess }: Scene): Promise<void> {
  const path = { client_id: integration.client_id, project, user_id: ownAccess.user.userId };
  await succeed(outputs, 'createProject', { token: admin, body: { key: `${project}B`.slice(-10), name: 'Other' } });
  for (const operation of lists) {
    const { body } = await succeed(outputs, operation, { token: admin, path, query: 'limit=1' });
    const query = `limit=1&cursor=${encodeURIComponent(body.next_cursor)}`;
    await succeed(outputs, operation, { token: admin, path, query });
  }
}

/** The tenant counts who could restore everything in it, whichever way they come to be or cease to be it. */
async function managersComeAndGo({ outputs, admin }: Scene): Promise<void> {
  const rights = ['integrations:manage', 'users:manage'];
  const { client_id } = await createIntegration(outputs, admin, rights);
  const path = { client_id };
  await succeed(outputs, 'setIntegrationRights', { token: admin, path, body: { rights: ['integrations:manage'] } });
  await succeed(outputs, 'setIntegrationRights', { token: admin, path, body: { rights } });
  const { body } = await succeed(outputs, 'listSecrets', { token: admin, path });
  await succeed(outputs, 'revokeSecret', { token: admin, path: { client_id, id: body.items[0].id } });
  await succeed(outputs, 'addSecret', { token: admin, path, body: {} });
  await succeed(outputs, 'deleteIntegration', { token: admin, path });
}

async function rolesOfAdministrators({ outputs, admin, project }: Scene): Promise<void> {
  const { body } = await succeed(outputs, 'createUser', { token: admin, body: newUser(['administrator']) });
  await succeed(outputs, 'deleteUser', { token: admin, path: { user_id: body.id } });
  await succeed(outputs, 'createUser', { token: admin, body: newUser([{ role: 'project_administrator', project }]) });
}

async function rightsInOneProject({ outputs, project, integration }: Scene): Promise<void> {
  const details = [{ type: 'project', identifier: project, actions: ['issues:read'] }];
  const token = await tokenOf(outputs, integration, { authorization_details: JSON.stringify(details) });
  await succeed(outputs, 'listProjects', { token });
}

async function tenantRenamed({ outputs, admin, tenants }: Scene): Promise<void> {
  const path = { tenant: tenants.read };
  await succeed(outputs, 'changeRegisteredTenant', { token: admin, path, body: { name: freshName('Tenant') } });
}
