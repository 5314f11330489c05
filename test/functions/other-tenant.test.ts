import { randomUUID } from 'node:crypto';
import { DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rightNames } from '../../src/api/rights.ts';
import type { Route } from '../../src/api/route.ts';
import { type Operation, routes } from '../../src/api/routes.ts';
import { environment } from '../../src/environment.ts';
import { newSshPublicKey } from '../ssh-public-key.ts';
import { startUpstreamProvider, type UpstreamProvider } from '../upstream-provider.ts';
import { signIn } from './admin/own-access-scene.ts';
import { deployAdmin, type Scene } from './admin/scene.ts';
import { type Answered, type Call, callHandler } from './deployment.ts';
import { deploySecrets } from './key-management.ts';

/** What each operation with a body is sent; one that is missing here fails below. */
const bodies: Partial<Record<Operation, object | ((path: Path) => object)>> = {
  changeTenant: { name: 'Intruder' },
  createIdentityProvider: () => ({
    name: 'Example ID',
    issuer: upstream.issuer,
    client_id: upstream.client.id,
    client_secret: upstream.client.secret,
  }),
  changeIdentityProvider: { name: 'Taken over' },
  linkFederatedIdentity: ({ identity_provider }) => ({ identity_provider, subject: randomUUID() }),
  createIntegration: { name: 'Intruder', rights: ['issues:read'] },
  changeIntegration: { name: 'Taken over', rights: ['issues:write'] },
  setIntegrationRights: { rights: ['issues:write'] },
  requestProjectRights: { projects: ['OTHER'], rights: ['issues:write'] },
  decideAuthorization: { context: 'global', rights: ['issues:read'], decision: 'revoke' },
  decideAuthorizations: {
    decisions: [{ client_id: 'int_0', context: 'global', rights: ['issues:read'], decision: 'revoke' }],
  },
  addSecret: { expire_others_in: 0 },
  addSshKey: () => ({ name: 'Intruder', key: newSshPublicKey().line }),
  createUser: { username: 'intruder', email: 'intruder@example.com', name: 'Intruder', roles: ['administrator'] },
  changeUser: { name: 'Taken over' },
  createPersonalAccessToken: { name: 'Intruder', rights: ['issues:read'], expires_in: 60 },
  changeProject: { name: 'Taken over' },
  createProject: { key: 'OTHER', name: 'Other' },
  createIssue: { title: 'Intruder' },
  changeIssue: { title: 'Taken over' },
};

const rows = Object.entries<Route>(routes).filter(([, { right }]) => right !== 'none') as [Operation, Route][];
const ofOneObject = rows.filter(([, { path }]) => path.includes('{'));
const ofMany = rows.filter(([, { path }]) => !path.includes('{'));

let scene: Scene;
let secrets: Awaited<ReturnType<typeof deploySecrets>>;
let upstream: UpstreamProvider;
let victim: Tenant;
beforeAll(async () => {
  // The upstream provider of this test runs on this machine.
  process.env[environment.loopbackFetch] = 'on';
  scene = await deployAdmin();
  secrets = await deploySecrets();
  upstream = await startUpstreamProvider();
  victim = await inhabitedTenant();
});
afterAll(() => Promise.all([upstream.close(), secrets.close(), scene.close()]));

type Path = Readonly<
  Record<'client_id' | 'id' | 'user_id' | 'project' | 'number' | 'identity_provider' | 'fingerprint', string>
>;

interface Tenant {
  /** A user, signed in and calling through an app. */
  readonly caller: Call['caller'] & object;
  readonly path: Path;
  /** What the path of some operations names instead. */
  readonly pathOf: Readonly<Partial<Record<Operation, Partial<Path>>>>;
}

async function send(operation: Operation, { caller, path: usual, pathOf }: Tenant): Promise<Answered> {
  const path = { ...usual, ...pathOf[operation] };
  const row: Route = routes[operation];
  const body = bodies[operation];
  if (row.body !== undefined && body === undefined) throw new Error(`no body for ${operation}`);
  const { handler } = await import(
    /* @vite-ignore */ new URL(`../../functions/${row.entry}.ts`, import.meta.url).pathname
  );
  const named = Object.entries(path).filter(([name]) => row.path.includes(`{${name}}`));
  return callHandler(handler)(`${row.method} ${row.path}`, {
    // Were the authorizer to allow everything.
    caller: { ...caller, ...(row.projectParameter !== undefined && { project: path.project }) },
    path: Object.fromEntries(named),
    headers: { 'If-Match': '*' },
    ...(body !== undefined && { body: typeof body === 'function' ? body(path) : body }),
  });
}

/** A tenant whose caller holds every right everywhere; nothing else is in it. */
async function emptyTenant(): Promise<Tenant['caller']> {
  const { caller } = await signIn(scene.embedded, rightNames);
  return { ...caller, projectRights: { OTHER: rightNames } };
}

/** A tenant with one object of each kind. */
async function inhabitedTenant(): Promise<Tenant> {
  const caller = await emptyTenant();
  const ids = { client_id: '', id: '', user_id: '', identity_provider: '' };
  const nothing = { ...ids, project: 'OTHER', number: '1', fingerprint: '' };
  const made = async (operation: Operation, path = nothing) =>
    (await send(operation, { caller, path, pathOf: {} })).body;
  const { client_id } = await made('createIntegration');
  const { id } = await made('addSecret', { ...nothing, client_id });
  const sshKey = await made('addSshKey', { ...nothing, client_id });
  const { id: user_id } = await made('createUser');
  await made('createProject');
  await made('requestProjectRights', { ...nothing, client_id });
  await made('createIssue');
  const identity_provider = (await made('createIdentityProvider')).id;
  const identity = await made('linkFederatedIdentity', { ...nothing, user_id, identity_provider });
  const link = { id: identity.id };
  const token = { id: (await made('createPersonalAccessToken')).id };
  const session = { id: caller.sessionId ?? '' };
  const consent = { client_id: caller.clientId };
  const ofCaller = { user_id: caller.subject };
  return {
    caller,
    path: { ...nothing, client_id, id, user_id, identity_provider, fingerprint: sshKey.fingerprint },
    pathOf: {
      getSshKey: { id: sshKey.id },
      removeSshKey: { id: sshKey.id },
      getFederatedIdentity: link,
      unlinkFederatedIdentity: link,
      endSession: session,
      listSessionsOfUser: ofCaller,
      endSessionOfUser: { ...ofCaller, ...session },
      withdrawConsent: consent,
      listConsentsOfUser: ofCaller,
      withdrawConsentOfUser: { ...ofCaller, ...consent },
      getPersonalAccessToken: token,
      revokePersonalAccessToken: token,
      listPersonalAccessTokensOfUser: ofCaller,
      revokePersonalAccessTokenOfUser: { ...ofCaller, ...token },
    },
  };
}

/** Every item of the victim's. */
async function itemsOf({ caller }: Tenant): Promise<unknown[]> {
  const client = new DynamoDBClient({ endpoint: scene.embedded.endpoint });
  const items = [];
  for await (const { Items = [] } of paginateScan({ client }, { TableName: scene.embedded.tableName }))
    items.push(...Items);
  client.destroy();
  const ofTenant = items.filter(({ pk }) => pk?.S?.includes(caller.tenant));
  return ofTenant.map((item) => JSON.stringify(item)).sort();
}

describe('whoever holds every right in another tenant', () => {
  it.each(ofOneObject)('finds nothing under the ids of this one, and changes nothing: %s', async (operation) => {
    const before = await itemsOf(victim);
    const answer = await send(operation, { ...victim, caller: await emptyTenant() });
    expect(answer).toMatchObject({ status: 404, body: { title: 'Not Found' } });
    expect(await itemsOf(victim)).toEqual(before);
    expect(before.length).toBeGreaterThan(20);

    const own = await inhabitedTenant();
    expect((await send(operation, own)).status).toBe(routes[operation].status);
  });

  it.each(ofMany)('reads nothing of this one, and changes nothing: %s', async (operation) => {
    const before = await itemsOf(victim);
    const answer = await send(operation, { ...victim, caller: await emptyTenant() });
    expect(answer.status).toBe(routes[operation].status);
    const { client_id, id, user_id } = victim.path;
    const { tenant, subject, sessionId, clientId } = victim.caller;
    for (const text of [client_id, id, user_id, tenant, subject, sessionId, clientId])
      expect(JSON.stringify(answer.body)).not.toContain(text);
    expect(await itemsOf(victim)).toEqual(before);
  });
});
