import * as client from 'openid-client';
import type { Operation } from '../../../src/api/routes.ts';
import { deviceCodeGrant } from '../../../src/entities/grant-type.ts';
import { type Credentials, createIntegration, freshName, type Reply, tokenOf } from '../../conformance/client.ts';
import { authorize, Browser, newChecks, redirectUri } from '../../conformance/sign-in.ts';
import { newSshPublicKey } from '../../ssh-public-key.ts';
import { registered } from '../applications.ts';
import type { Scene } from '../operations.ts';
import { newPerson } from '../people.ts';
import { form, type Request, send, succeed } from '../request.ts';
import { decide } from './devices.ts';

/** What developers, administrators and the operator come to do with applications. */
export async function applicationTour(scene: Scene): Promise<void> {
  await secondPages(scene);
  await offersComeAndGo(scene);
  await stoppedAndRestored(scene);
  await versionsAccepted(scene);
  await rightWaits(scene);
  await connectionsComeAndGo(scene);
  await tokensOfConnection(scene);
}

const lists = [
  'listApplications',
  'listApplicationVersions',
  'listConnections',
  'listApps',
  'listApprovals',
] as const satisfies readonly Operation[];

async function secondPages({ outputs, admin, applications }: Scene): Promise<void> {
  for (let made = 0; made < 2; made++) await registered(outputs, admin, { tenants: 'all' });
  const request: Request = { token: admin, path: { app_id: applications.kept } };
  for (const operation of lists) {
    const { body } = await succeed(outputs, operation, { ...request, query: 'limit=1' });
    const query = `limit=1&cursor=${encodeURIComponent(body.next_cursor)}`;
    await succeed(outputs, operation, { ...request, query });
  }
}

async function offersComeAndGo({ outputs, admin }: Scene): Promise<void> {
  // More than one transaction offers it to.
  const named = Array.from({ length: 81 }, (_, index) => `ten_${String(index).padStart(16, '0')}`);
  const app_id = await registered(outputs, admin, { tenants: named });
  for (const tenants of ['all', [], 'all'])
    await succeed(outputs, 'changeApplication', { token: admin, path: { app_id }, body: { tenants } });
  await succeed(outputs, 'withdrawApplication', { token: admin, path: { app_id } });
}

/** An application that waits, and one that is offered to all, are banned, let work again, and withdrawn. */
async function stoppedAndRestored({ outputs, admin }: Scene): Promise<void> {
  for (const before of [[], ['approveApplication']] as const) {
    const app_id = await registered(outputs, admin, { tenants: 'all' });
    for (const operation of [...before, 'banApplication', 'unbanApplication', 'withdrawApplication'] as const)
      await succeed(outputs, operation, { token: admin, path: { app_id } });
  }
}

async function decided({ outputs }: Scene, token: string, app_id: string, body: object): Promise<Reply> {
  const reply = await send(outputs, 'decideOnConnection', { token, path: { app_id }, body });
  if (reply.status >= 300) throw new Error(`decideOnConnection answered ${reply.status}: ${reply.text}`);
  return reply;
}

const asking = (...names: readonly string[]) => names.map((right) => ({ right, reason: 'to copy them' }));
const endpointAt = (path: string) => ({ uri: `https://app.example/${path}`, verification: 'public_key' });

/** Versions with other names, endpoints and rights, accepted by somebody who does not hold all of these. */
async function versionsAccepted(scene: Scene): Promise<void> {
  const { outputs, admin } = scene;
  const modest = await tokenOf(
    outputs,
    await createIntegration(outputs, admin, ['integrations:manage', 'issues:read']),
  );
  const app_id = await registered(outputs, admin, { rights: asking('issues:read', 'users:read') });
  await decided(scene, modest, app_id, { decision: 'decline' });
  await decided(scene, modest, app_id, { decision: 'allow' });
  const versions = [
    { endpoint: endpointAt('first'), rights: asking('issues:read') },
    { endpoint: endpointAt('second') },
    { name: freshName('App'), endpoint: null },
  ];
  for (const version of versions) {
    await succeed(outputs, 'changeApplication', { token: admin, path: { app_id }, body: version });
    await decided(scene, modest, app_id, { decision: 'allow' });
  }
  await succeed(outputs, 'changeApplication', { token: admin, path: { app_id }, body: { name: freshName('App') } });
  await decided(scene, modest, app_id, { decision: 'decline' });
}

/** What a connection asks for is shown, and decided on, as far as its application asks for it now. */
async function rightWaits(scene: Scene): Promise<void> {
  const { outputs, admin } = scene;
  const modest = await tokenOf(outputs, await createIntegration(outputs, admin, ['integrations:manage']));
  const app_id = await registered(outputs, admin, { rights: asking('users:read', 'issues:read') });
  const { client_id } = (await decided(scene, modest, app_id, { decision: 'allow' })).body;
  await succeed(outputs, 'listIntegrationRights', { token: admin, path: { client_id } });
  await succeed(outputs, 'listAuthorizations', { token: admin, query: 'state=pending&limit=100' });
  const body = { context: 'global', rights: ['users:read'], decision: 'grant' };
  await succeed(outputs, 'decideAuthorization', { token: admin, path: { client_id }, body });
  const projects = { projects: [scene.project], rights: ['issues:read'] };
  await succeed(outputs, 'requestProjectRights', { token: admin, path: { client_id }, body: projects });
}

async function connectionsComeAndGo(scene: Scene): Promise<void> {
  const { outputs, admin } = scene;
  const app_id = await registered(outputs, admin);
  const { client_id } = (await decided(scene, admin, app_id, { decision: 'allow' })).body;
  for (const operation of ['disableIntegration', 'enableIntegration', 'deleteIntegration'] as const)
    await succeed(outputs, operation, { token: admin, path: { client_id } });
}

/** Whoever decides on a connection's tokens reads its application. */
async function tokensOfConnection(scene: Scene): Promise<void> {
  const { outputs, admin } = scene;
  const app_id = await registered(outputs, admin, {
    rights: asking('users:read', 'integrations:read', 'issues:read'),
    grant_types: ['client_credentials', 'authorization_code', 'refresh_token', deviceCodeGrant],
    application_type: 'native',
    redirect_uris: [redirectUri],
    endpoint: endpointAt('issues'),
  });
  const connection: Credentials = (await decided(scene, admin, app_id, { decision: 'allow' })).body;
  const token = await tokenOf(outputs, connection);
  // Whether its endpoint may be told hangs on its application, too.
  const issue = { title: 'Some', body: '' };
  await succeed(outputs, 'createIssue', { token: admin, path: { project: scene.project }, body: issue });
  await succeed(outputs, 'listUsers', { token });
  await succeed(outputs, 'listIntegrations', { token });
  await succeed(outputs, 'introspect', { body: form(connection, { token }) });
  await succeed(outputs, 'revoke', { body: form(connection, { token }) });

  const person = await newPerson(outputs, admin);
  const configuration = await client.discovery(
    new URL(outputs.issuer),
    connection.client_id,
    undefined,
    client.ClientSecretBasic(connection.client_secret),
    { execute: [client.allowInsecureRequests] },
  );
  const details = [{ type: 'project', identifier: scene.project, actions: ['issues:read'] }];
  const { access_token } = await authorize(configuration, person, 'openid users:read', {
    more: { authorization_details: JSON.stringify(details) },
  });
  await succeed(outputs, 'userinfo', { token: access_token });
  const { parameters } = await newChecks();
  await client.buildAuthorizationUrlWithPAR(configuration, { ...parameters, scope: 'openid' });
  const device = await succeed(outputs, 'deviceAuthorization', { body: form(connection, { scope: 'users:read' }) });
  await decide(outputs.issuer, new Browser(), device.body.user_code, 'deny', person);

  const path = { client_id: connection.client_id };
  const key = { name: 'Laptop', key: newSshPublicKey().line };
  const { body } = await succeed(outputs, 'addSshKey', { token: admin, path, body: key });
  await succeed(outputs, 'lookUpSshKey', { token: admin, path: { fingerprint: body.fingerprint } });
}
