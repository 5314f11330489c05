import { randomBytes, randomUUID } from 'node:crypto';
import { pause } from '../../functions/shared/pause.ts';
import { deliveryStore } from '../../src/adapters/dynamodb/delivery.ts';
import { rightNames, rightOf } from '../../src/api/rights.ts';
import type { Route } from '../../src/api/route.ts';
import { type Operation, routes } from '../../src/api/routes.ts';
import { newDelivery } from '../../src/entities/delivery.ts';
import { outgoingEvent } from '../../src/entities/outgoing-event.ts';
import { newSshPublicKey } from '../ssh-public-key.ts';
import type { UpstreamProvider } from '../upstream-provider.ts';
import { signIn } from './admin/own-access-scene.ts';
import type { Scene } from './admin/scene.ts';
import { type Answered, type Call, callHandler } from './deployment.ts';

/** What may stand in a path of the admin and the resource API. */
export type Path = Readonly<
  Record<'client_id' | 'id' | 'user_id' | 'project' | 'number' | 'identity_provider' | 'fingerprint' | 'app_id', string>
>;

export interface InhabitedTenant {
  /** A user, signed in and calling through an app. */
  readonly caller: Call['caller'] & object;
  readonly path: Path;
  /** What the path of some operations names instead. */
  readonly pathOf: Readonly<Partial<Record<Operation, Partial<Path>>>>;
}

export interface TenantScene extends Scene {
  readonly upstream: UpstreamProvider;
}

type Body = object | ((path: Path, scene: TenantScene) => object);

/** What each operation with a body is sent. */
const bodies: Partial<Record<Operation, Body>> = {
  changeTenant: { name: 'Intruder' },
  createIdentityProvider: (_, { upstream }) => ({
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
  decideAuthorizations: ({ client_id }) => ({
    decisions: [{ client_id, context: 'global', rights: ['issues:read'], decision: 'revoke' }],
  }),
  addSecret: { expire_others_in: 0 },
  addSshKey: () => ({ name: 'Intruder', key: newSshPublicKey().line }),
  setEndpoint: { uri: 'https://app.example/events', verification: 'signing_key' },
  addEndpointKey: {},
  createApplication: { name: 'Intruder', rights: [{ right: 'issues:read', reason: 'To read them.' }] },
  changeApplication: { name: 'Taken over' },
  decideOnConnection: { decision: 'decline' },
  createUser: { username: 'intruder', email: 'intruder@example.com', name: 'Intruder', roles: ['administrator'] },
  changeUser: { name: 'Taken over' },
  createPersonalAccessToken: { name: 'Intruder', rights: ['issues:read'], expires_in: 60 },
  changeProject: { name: 'Taken over' },
  createProject: { key: 'OTHER', name: 'Other' },
  createIssue: { title: 'Intruder' },
  changeIssue: { title: 'Taken over' },
};

const parametersOf = ({ path }: Route) => [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);

/** Calls the operation's endpoint as if the authorizer allowed everything. @throws Error where there is no case of it */
export async function sendTo(
  scene: TenantScene,
  operation: Operation,
  { caller, path: usual, pathOf }: InhabitedTenant,
): Promise<Answered> {
  const path: Readonly<Record<string, string>> = { ...usual, ...pathOf[operation] };
  const row: Route = routes[operation];
  const body = bodies[operation];
  if (row.body !== undefined && body === undefined) throw new Error(`there is no body for ${operation}`);
  const named = Object.fromEntries(
    parametersOf(row).map((name) => {
      if (path[name] === undefined) throw new Error(`there is no {${name}} for ${operation}`);
      return [name, path[name]];
    }),
  );
  const { handler } = await import(
    /* @vite-ignore */ new URL(`../../functions/${row.entry}.ts`, import.meta.url).pathname
  );
  return callHandler(handler)(`${row.method} ${row.path}`, {
    caller: { ...caller, ...(row.projectParameter !== undefined && { project: path.project ?? '' }) },
    path: named,
    headers: { 'If-Match': '*' },
    ...(body !== undefined && { body: typeof body === 'function' ? body(path as Path, scene) : body }),
  });
}

/** Everything that is in any tenant's catalogue. */
export const rightsOfTenant = rightNames.filter((name) => !rightOf(name).operatorOnly);

/** A tenant whose caller holds every right everywhere; nothing else is in it. */
export async function emptyTenant(scene: TenantScene): Promise<InhabitedTenant['caller']> {
  const { caller } = await signIn(scene.embedded, rightsOfTenant);
  return { ...caller, projectRights: { OTHER: rightsOfTenant } };
}

const nothing: Path = {
  ...{ client_id: '', id: '', user_id: '', identity_provider: '' },
  ...{ project: 'OTHER', number: '1', fingerprint: '', app_id: '' },
};

/** A tenant with one object of each kind. */
export async function inhabitedTenant(scene: TenantScene): Promise<InhabitedTenant> {
  const caller = await emptyTenant(scene);
  const made = async (operation: Operation, path = nothing) => {
    const { status, body } = await sendTo(scene, operation, { caller, path, pathOf: {} });
    if (status !== routes[operation].status) throw new Error(`${operation}: ${status} ${JSON.stringify(body)}`);
    return body;
  };
  const { client_id } = await made('createIntegration');
  const ofIntegration = { ...nothing, client_id };
  const { id } = await made('addSecret', ofIntegration);
  const sshKey = await made('addSshKey', ofIntegration);
  await made('setEndpoint', ofIntegration);
  const { id: user_id } = await made('createUser');
  await made('createProject');
  await made('requestProjectRights', ofIntegration);
  await made('createIssue');
  const identity_provider = (await made('createIdentityProvider')).id;
  const identity = await made('linkFederatedIdentity', { ...nothing, user_id, identity_provider });
  const { app_id } = await made('createApplication');
  const link = { id: identity.id };
  const token = { id: (await made('createPersonalAccessToken')).id };
  const session = { id: caller.sessionId ?? '' };
  const consent = { client_id: caller.clientId };
  const ofCaller = { user_id: caller.subject };
  return {
    caller,
    path: { ...nothing, client_id, id, user_id, identity_provider, fingerprint: sshKey.fingerprint, app_id },
    pathOf: {
      getSshKey: { id: sshKey.id },
      removeSshKey: { id: sshKey.id },
      redeliver: { id: await delivered(scene, caller.tenant, client_id) },
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

/** Something that the integration's endpoint was told of. */
async function delivered({ embedded }: TenantScene, tenant: string, clientId: string): Promise<string> {
  const told = { tenant, type: 'integration.disabled', object: clientId, sequence: 1, data: {} } as const;
  const event = outgoingEvent(told, Date.now(), randomBytes);
  const delivery = { ...newDelivery(event, clientId), state: 'delivered' } as const;
  await deliveryStore(embedded.table, pause).enqueue(delivery);
  return delivery.id;
}
