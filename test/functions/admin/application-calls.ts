import { handler as approvalsHandler } from '../../../functions/admin/application-approvals.ts';
import { handler as applicationsHandler } from '../../../functions/admin/applications.ts';
import { handler as appsHandler } from '../../../functions/admin/apps.ts';
import type { AuthorizerContext } from '../../../src/oauth/access-token/context.ts';
import { type Answered, callHandler } from '../deployment.ts';

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
