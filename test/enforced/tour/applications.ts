import type { Operation } from '../../../src/api/routes.ts';
import { createIntegration, freshName, type Reply, tokenOf } from '../../conformance/client.ts';
import { registered } from '../applications.ts';
import type { Scene } from '../operations.ts';
import { type Request, send, succeed } from '../request.ts';

/** What developers, administrators and the operator come to do with applications. */
export async function applicationTour(scene: Scene): Promise<void> {
  await secondPages(scene);
  await offersComeAndGo(scene);
  await stoppedAndRestored(scene);
  await versionsAccepted(scene);
  await managerConnected(scene);
  await connectionsComeAndGo(scene);
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
  const app_id = await registered(outputs, admin, { tenants: ['ten_0000000000000000'] });
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

/** A connection may be what could restore everything else in its tenant. */
async function managerConnected(scene: Scene): Promise<void> {
  const { outputs, admin } = scene;
  const app_id = await registered(outputs, admin, { rights: asking('integrations:manage', 'users:manage') });
  await decided(scene, admin, app_id, { decision: 'allow' });
}

async function connectionsComeAndGo(scene: Scene): Promise<void> {
  const { outputs, admin } = scene;
  const app_id = await registered(outputs, admin);
  const { client_id } = (await decided(scene, admin, app_id, { decision: 'allow' })).body;
  for (const operation of ['disableIntegration', 'enableIntegration', 'deleteIntegration'] as const)
    await succeed(outputs, operation, { token: admin, path: { client_id } });
}
