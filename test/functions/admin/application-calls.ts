import { handler as approvalsHandler } from '../../../functions/admin/application-approvals.ts';
import { handler as applicationsHandler } from '../../../functions/admin/applications.ts';
import { handler as appsHandler } from '../../../functions/admin/apps.ts';
import { clientReader } from '../../../src/adapters/dynamodb/client-reader.ts';
import { keptDeployment } from '../../../src/adapters/dynamodb/deployment.ts';
import { grantedRights } from '../../../src/entities/integration.ts';
import type { AuthorizerContext } from '../../../src/oauth/access-token/context.ts';
import { type Answered, callHandler } from '../deployment.ts';
import { auditedIn, call, type Scene } from './scene.ts';

const handlers = {
  applications: callHandler(applicationsHandler),
  apps: callHandler(appsHandler),
  approvals: callHandler(approvalsHandler),
};

const operators = ['approve', 'ban', 'unban'];

/** Calls a route on applications below `/v1`: `callApp(caller, 'POST /apps/app_1/connection', {})`. */
export function callApp(caller: AuthorizerContext, request: string, body?: unknown): Promise<Answered> {
  const [method = '', target = ''] = request.split(' ');
  const [path = '', search = ''] = target.split('?');
  const [, resource = '', app_id, child] = path.split('/');
  const isOperators = resource === 'application-approvals' || operators.includes(child ?? '');
  const send = handlers[resource === 'apps' ? 'apps' : isOperators ? 'approvals' : 'applications'];
  const route = ['/v1', resource, ...(app_id === undefined ? [] : ['{app_id}']), ...(child ? [child] : [])].join('/');
  return send(`${method} ${route}`, {
    caller,
    path: { ...(app_id !== undefined && { app_id }) },
    query: Object.fromEntries(new URLSearchParams(search)),
    ...(body !== undefined && { body }),
  });
}

/** What a developer registers; `more` replaces members. */
export const registration = (more: object = {}) => ({
  name: 'Issue mirror',
  description: 'Copies issues to another place',
  rights: [{ right: 'issues:read', reason: 'to copy them' }],
  ...more,
});

/** The rights with a reason for each. */
export const asking = (...names: readonly string[]) => names.map((right) => ({ right, reason: `why ${right}` }));

/** Registers an application, or throws. @returns its id */
export async function registered(by: AuthorizerContext, more: object = {}): Promise<string> {
  const { status, body } = await callApp(by, 'POST /applications', registration(more));
  if (status !== 201) throw new Error(`not registered: ${status} ${JSON.stringify(body)}`);
  return body.app_id;
}

/** Publishes a version, or throws. */
export async function published(by: AuthorizerContext, id: string, change: object): Promise<void> {
  const { status, body } = await callApp(by, `PATCH /applications/${id}`, change);
  if (status !== 200) throw new Error(`not published: ${status} ${JSON.stringify(body)}`);
}

const decide = (by: AuthorizerContext, id: string, body: object) => callApp(by, `POST /apps/${id}/connection`, body);

export const allow = (by: AuthorizerContext, id: string, more: object = {}) =>
  decide(by, id, { decision: 'allow', ...more });
export const decline = (by: AuthorizerContext, id: string) => decide(by, id, { decision: 'decline' });

export const list = async (by: AuthorizerContext) => (await callApp(by, 'GET /apps')).body.items;
export const seen = (by: AuthorizerContext, id: string) => callApp(by, `GET /apps/${id}`);
export const stateOf = async (by: AuthorizerContext, id: string) =>
  (await list(by)).find(({ app_id }: { app_id: string }) => app_id === id)?.state;

/** What its developer sees of those that decide on it. */
export const connectionsOf = async (by: AuthorizerContext, id: string) =>
  (await callApp(by, `GET /applications/${id}/connections`)).body.items;

/** Calls a route of one integration: `one(caller, clientId, 'PUT /rights', {})`. */
export function one(by: AuthorizerContext, clientId: string, request: string, body?: unknown): Promise<Answered> {
  const [method, rest = ''] = request.split(' ');
  return call(by, `${method} /integrations/${clientId}${rest}`, body);
}

/** The integration as it counts at the token endpoint. */
export const countingIn = ({ embedded: { table } }: Scene, { tenant }: AuthorizerContext, clientId: string) =>
  clientReader(table, keptDeployment(table, { now: Date.now })).get(tenant, clientId);

/** What the integration would get into a token now. */
export async function grantedIn(scene: Scene, caller: AuthorizerContext, clientId: string): Promise<readonly string[]> {
  const integration = await countingIn(scene, caller, clientId);
  return integration?.status === 'active' ? grantedRights(integration) : [];
}

/** What the tenant's log tells of, newest first. */
export const actionsIn = async (scene: Scene, of: AuthorizerContext) =>
  (await auditedIn(scene, of)).map(({ action }) => action);
