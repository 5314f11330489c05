import type { Operation } from '../../src/api/routes.ts';
import { stylesheetName } from '../../src/pages/assets.ts';
import { type Credentials, createIntegration, freshName, freshProjectKey, tokenOf } from '../conformance/client.ts';
import type { Outputs } from '../conformance/running-deployment.ts';
import { type Applications, applicationRequests, prepareApplications } from './applications.ts';
import { type Endpoints, endpointRequests, prepareEndpoints } from './endpoints.ts';
import { type Federation, federationRequests, prepareFederation } from './federation.ts';
import { type OwnAccess, ownAccessRequests, prepareOwnAccess } from './own-access.ts';
import { pageRequests } from './pages.ts';
import { newPerson, newUser } from './people.ts';
import { form, type Prepared, type Request, succeed } from './request.ts';
import { secondFactorRequests } from './second-factors.ts';
import { prepareSshKeys, type SshKeys, sshKeyRequests } from './ssh-keys.ts';
import { prepareTenants, type Tenants, tenantRequests } from './tenants.ts';
import { prepareWaitingRights, type WaitingRights, waitingRightsRequests } from './waiting-rights.ts';

/** Everything that one request of each operation needs to be there. */
export interface Scene {
  readonly outputs: Outputs;
  /** A token of the bootstrap administrator. */
  readonly admin: string;
  readonly project: string;
  /** Issues of the project have the numbers 1 and 2. */
  readonly issueTag: string;
  readonly user: string;
  readonly integration: Credentials;
  /** The id of its only secret. */
  readonly secret: string;
  readonly ownAccess: OwnAccess;
  readonly federation: Federation;
  readonly applications: Applications;
  readonly endpoints: Endpoints;
  readonly tenants: Tenants;
  readonly waitingRights: WaitingRights;
  readonly sshKeys: SshKeys;
  readonly pages: Awaited<ReturnType<typeof pageRequests>>;
  readonly secondFactors: Awaited<ReturnType<typeof secondFactorRequests>>;
  /** Objects that their operations use up. */
  readonly spare: {
    readonly project: string;
    readonly user: string;
    readonly changedUser: string;
    readonly toDelete: Credentials;
    readonly toDisable: Credentials;
    readonly disabled: Credentials;
    readonly toStrip: Credentials;
    readonly toStripSecret: string;
    readonly token: string;
  };
}

const rights = ['issues:read', 'issues:write', 'users:read'];

let colours = 0;

/** One that the tenant does not have yet. */
const freshColour = () => `#${(++colours).toString(16).padStart(6, '0')}`;

/** All that may be changed of a user. */
function newUserChange(project: string): Record<string, unknown> {
  const { email, roles } = newUser([{ role: 'project_administrator', project }]);
  return { name: 'Another One', email, roles, status: 'disabled' };
}

/** Makes the scene with the bootstrap administrator's token. */
export async function prepare(outputs: Outputs): Promise<Scene> {
  const admin = await tokenOf(outputs, outputs.admin);
  const project = async () =>
    (await succeed(outputs, 'createProject', { token: admin, body: { key: freshProjectKey(), name: 'Some' } })).body
      .key;
  const user = async () => (await succeed(outputs, 'createUser', { token: admin, body: newUser() })).body.id;
  const integration = () => createIntegration(outputs, admin, rights);
  const secretOf = async ({ client_id }: Credentials) =>
    (await succeed(outputs, 'listSecrets', { token: admin, path: { client_id } })).body.items[0].id;

  const first = await integration();
  const [toDisable, disabled, toDelete, toStrip] = [
    await integration(),
    await integration(),
    await integration(),
    await integration(),
  ];
  await succeed(outputs, 'disableIntegration', { token: admin, path: { client_id: disabled.client_id } });
  const key = await project();
  const issue = () =>
    succeed(outputs, 'createIssue', { token: admin, path: { project: key }, body: { title: 'Some', body: '' } });
  const issueTag = (await issue()).headers.get('etag') ?? '';
  await issue();
  return {
    outputs,
    admin,
    project: key,
    issueTag,
    user: await user(),
    ownAccess: await prepareOwnAccess(outputs, admin),
    federation: await prepareFederation(outputs, admin),
    applications: await prepareApplications(outputs, admin),
    endpoints: await prepareEndpoints(outputs, admin),
    tenants: await prepareTenants(outputs, admin),
    waitingRights: await prepareWaitingRights(outputs, admin, key),
    sshKeys: await prepareSshKeys(outputs, admin, { integration: first, toDelete }),
    pages: await pageRequests(outputs, admin, await newPerson(outputs, admin)),
    secondFactors: await secondFactorRequests(outputs, admin),
    integration: first,
    secret: await secretOf(first),
    spare: {
      project: await project(),
      user: await user(),
      changedUser: await user(),
      toDelete,
      toDisable,
      disabled,
      toStrip,
      toStripSecret: await secretOf(toStrip),
      token: await tokenOf(outputs, first),
    },
  };
}

/** One request of every operation, each of which succeeds once on its scene, in any order. */
export function requestsOn({
  admin,
  project,
  issueTag,
  user,
  ownAccess,
  federation,
  applications,
  endpoints,
  tenants,
  waitingRights,
  sshKeys,
  pages,
  secondFactors,
  integration,
  secret,
  spare,
}: Scene): Record<Operation, Prepared> {
  const client_id = integration.client_id;
  const as = (request: Request = {}): Request => ({ token: admin, ...request });
  return {
    openidConfiguration: {},
    authorizationServerMetadata: {},
    authorizationServerMetadataAtRoot: {},
    jwks: {},
    assets: { path: { name: stylesheetName } },
    token: { body: form(integration, { grant_type: 'client_credentials' }) },
    ...pages,
    ...secondFactors,
    ...waitingRightsRequests(waitingRights, admin),
    userinfo: { token: ownAccess.user.token },
    userinfoByPost: { token: ownAccess.user.token },
    introspect: { body: form(integration, { token: spare.token }) },
    revoke: { body: form(integration, { token: spare.token }) },
    createIntegration: as({ body: { name: freshName(), rights } }),
    listIntegrations: as({ query: 'limit=1' }),
    getIntegration: as({ path: { client_id } }),
    changeIntegration: as({ path: { client_id }, body: { name: freshName() } }),
    deleteIntegration: as({ path: { client_id: spare.toDelete.client_id } }),
    disableIntegration: as({ path: { client_id: spare.toDisable.client_id } }),
    enableIntegration: as({ path: { client_id: spare.disabled.client_id } }),
    revokeTokens: as({ path: { client_id: spare.toDisable.client_id } }),
    listSecrets: as({ path: { client_id } }),
    addSecret: as({ path: { client_id }, body: {} }),
    readSecret: as({ path: { client_id, id: secret } }),
    revokeSecret: as({ path: { client_id: spare.toStrip.client_id, id: spare.toStripSecret } }),
    ...sshKeyRequests(sshKeys, integration, project, as),
    ...endpointRequests(endpoints, as),
    listRights: as({ query: 'limit=1' }),
    listIntegrationRights: as({ path: { client_id }, query: 'limit=1' }),
    setIntegrationRights: as({ path: { client_id: spare.toStrip.client_id }, body: { rights: ['issues:read'] } }),
    getTenant: as(),
    changeTenant: as({ body: { branding: { colour: freshColour() } } }),
    listAuditEvents: as({ query: 'limit=1' }),
    exportAuditEvents: as(),
    createUser: as({ body: newUser() }),
    listUsersOfTenant: as({ query: 'limit=1' }),
    getUserOfTenant: as({ path: { user_id: user } }),
    changeUser: as({ path: { user_id: spare.changedUser }, body: newUserChange(project) }),
    deleteUser: as({ path: { user_id: spare.user } }),
    issuePasswordLink: as({ path: { user_id: user } }),
    resetSecondFactor: as({ path: { user_id: user } }),
    createProject: as({ body: { key: freshProjectKey(), name: 'Some' } }),
    listProjectsOfTenant: as({ query: 'limit=1' }),
    getProjectOfTenant: as({ path: { project } }),
    changeProject: as({ path: { project }, body: { name: freshName() } }),
    deleteProject: as({ path: { project: spare.project } }),
    ...ownAccessRequests(ownAccess, admin),
    ...federationRequests(federation, admin),
    ...tenantRequests(tenants, admin),
    ...applicationRequests(applications, admin),
    openapi: {},
    adminProtectedResource: {},
    listUsers: as({ query: 'limit=1' }),
    getUser: as({ path: { user_id: user } }),
    listProjects: as({ query: 'limit=1' }),
    listIssues: as({ query: 'limit=1' }),
    listIssuesOfProject: as({ path: { project }, query: 'limit=1' }),
    getIssue: as({ path: { project, number: 1 } }),
    createIssue: as({ path: { project }, body: { title: 'Another', body: '' } }),
    changeIssue: as({ path: { project, number: 1 }, body: { title: 'Changed' }, headers: { 'if-match': issueTag } }),
    apiProtectedResource: {},
  };
}
