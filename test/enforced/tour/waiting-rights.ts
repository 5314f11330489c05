import { rightNames, rightOf } from '../../../src/api/rights.ts';
import { createIntegration } from '../../conformance/client.ts';
import type { Scene } from '../operations.ts';
import { succeed } from '../request.ts';

/** What people come to do with rights that wait, and with rights in projects. */
export async function waitingRightsTour(scene: Scene): Promise<void> {
  await moreInTheInbox(scene);
  await decidedOneByOne(scene);
  await askedForAgain(scene);
  await managersDecidedOn(scene);
  await moreThanATokenTakes(scene);
}

async function moreInTheInbox({ outputs, admin, waitingRights }: Scene): Promise<void> {
  const { registrar } = waitingRights;
  for (const _ of [1, 2]) await createIntegration(outputs, registrar, ['users:read', 'audit:read']);
  const { body } = await succeed(outputs, 'listAuthorizations', { token: admin, query: 'limit=1' });
  const query = `limit=100&cursor=${encodeURIComponent(body.next_cursor)}`;
  const rest = await succeed(outputs, 'listAuthorizations', { token: admin, query });
  if (!rest.text.includes('"project"')) throw new Error('nothing waits in a project');
}

/** What is left waiting after a decision stays in the inbox, and an endpoint is told of what was decided. */
async function decidedOneByOne({ outputs, admin, waitingRights: { registrar } }: Scene): Promise<void> {
  const { client_id } = await createIntegration(outputs, registrar, ['users:read', 'audit:read', 'members:add']);
  const path = { client_id };
  await succeed(outputs, 'setEndpoint', {
    token: admin,
    path,
    body: { uri: 'http://127.0.0.1:9/', verification: 'public_key' },
  });
  const decided = { context: 'global', decision: 'grant' };
  await succeed(outputs, 'decideAuthorization', { token: admin, path, body: { ...decided, rights: ['users:read'] } });
  const decisions = [{ client_id, ...decided, rights: ['audit:read'] }];
  await succeed(outputs, 'decideAuthorizations', { token: admin, body: { decisions } });
}

/** By whoever manages integrations: a change of rights, in every context, that an endpoint is told of. */
async function askedForAgain({ outputs, admin, project, waitingRights: { registrar } }: Scene): Promise<void> {
  const { client_id } = await createIntegration(outputs, registrar, ['users:read']);
  const path = { client_id };
  const endpoint = { uri: 'http://127.0.0.1:9/', verification: 'public_key' };
  await succeed(outputs, 'setEndpoint', { token: admin, path, body: endpoint });
  for (const rights of [['audit:read'], ['users:read'], []]) {
    await succeed(outputs, 'setIntegrationRights', { token: registrar, path, body: { rights } });
    await succeed(outputs, 'setIntegrationRights', { token: admin, path, body: { rights } });
  }
  await succeed(outputs, 'setIntegrationRights', { token: admin, path, body: { rights: ['users:read'] } });
  await succeed(outputs, 'changeIntegration', { token: registrar, path, body: { rights: ['audit:read'] } });
  await succeed(outputs, 'changeIntegration', { token: admin, path, body: { rights: ['users:read'] } });
  for (const token of [registrar, admin]) {
    const body = { projects: [project], rights: ['issues:read', 'boards:read'] };
    await succeed(outputs, 'requestProjectRights', { token, path, body });
    await succeed(outputs, 'withdrawFromProject', { token, path: { client_id, project } });
  }
  await succeed(outputs, 'requestProjectRights', {
    token: registrar,
    path,
    body: { projects: [project], rights: ['issues:read'] },
  });
  await succeed(outputs, 'deleteIntegration', { token: admin, path });
}

/** A decision too makes and unmakes who could restore everything in the tenant. */
async function managersDecidedOn({ outputs, admin, waitingRights: { registrar } }: Scene): Promise<void> {
  const { client_id } = await createIntegration(outputs, registrar, ['integrations:manage', 'users:manage']);
  const decided = { context: 'global', rights: ['users:manage'] };
  for (const decision of ['grant', 'revoke'])
    await succeed(outputs, 'decideAuthorization', {
      token: admin,
      path: { client_id },
      body: { ...decided, decision },
    });
}

const ofProject = rightNames.filter((name) => rightOf(name).level === 'project');

/** So much that it is not listed with the integration: what changes is then decided on all that there is. */
async function moreThanATokenTakes({ outputs, admin, waitingRights: { registrar } }: Scene): Promise<void> {
  const { client_id } = await createIntegration(outputs, registrar, ['users:read']);
  const projects = Array.from({ length: 30 }, (_, index) => `LONGKEY${index + 100}`);
  for (const key of projects) await succeed(outputs, 'createProject', { token: admin, body: { key, name: 'Some' } });
  const path = { client_id };
  await succeed(outputs, 'requestProjectRights', { token: admin, path, body: { projects, rights: ofProject } });
  // What is asked for in projects is only looked for where there is something.
  await succeed(outputs, 'listIntegrationRights', { token: admin, path });
  const revoke = { project: projects[0], rights: ['issues:read'], decision: 'revoke' };
  await succeed(outputs, 'decideAuthorization', { token: admin, path, body: revoke });
  await succeed(outputs, 'withdrawFromProject', { token: admin, path: { client_id, project: projects[1] ?? '' } });
}
