import type { Operation } from '../../src/api/routes.ts';
import { freshName } from '../conformance/client.ts';
import type { Outputs } from '../conformance/running-deployment.ts';
import { type Prepared, succeed } from './request.ts';

/** Applications by id; those that their operations use up, and one that stays. */
export interface Applications {
  /** In two versions, and offered to two tenants. */
  readonly kept: string;
  readonly toChange: string;
  readonly toWithdraw: string;
  readonly toApprove: string;
  readonly toBan: string;
  readonly banned: string;
  readonly toConnect: string;
}

/** The rights with a reason for each. */
const asking = (...names: readonly string[]) => names.map((right) => ({ right, reason: 'to copy them' }));

/** What is registered; `more` replaces members. */
export const newApplication = (more: object = {}) => ({
  name: freshName('App'),
  rights: asking('issues:read'),
  ...more,
});

export async function registered(outputs: Outputs, token: string, more: object = {}): Promise<string> {
  return (await succeed(outputs, 'createApplication', { token, body: newApplication(more) })).body.app_id;
}

/** Makes them in the operator's own tenant. */
export async function prepareApplications(outputs: Outputs, admin: string): Promise<Applications> {
  const [one, other] = ['ten_0000000000000000', 'ten_0000000000000001'];
  const kept = await registered(outputs, admin, { tenants: [one, other] });
  await succeed(outputs, 'changeApplication', {
    token: admin,
    path: { app_id: kept },
    body: { rights: asking('issues:read', 'users:read') },
  });
  const banned = await registered(outputs, admin);
  await succeed(outputs, 'banApplication', { token: admin, path: { app_id: banned } });
  return {
    ...{ kept, banned },
    toChange: await registered(outputs, admin),
    toWithdraw: await registered(outputs, admin),
    toApprove: await registered(outputs, admin, { tenants: 'all' }),
    toBan: await registered(outputs, admin),
    toConnect: await registered(outputs, admin),
  };
}

/** One request of every operation on applications. */
export function applicationRequests(apps: Applications, admin: string) {
  const on = (app_id: string) => ({ token: admin, path: { app_id } });
  const query = 'limit=1';
  return {
    createApplication: { token: admin, body: newApplication() },
    listApplications: { token: admin, query },
    getApplication: on(apps.kept),
    changeApplication: { ...on(apps.toChange), body: { name: freshName('App') } },
    withdrawApplication: on(apps.toWithdraw),
    listApplicationVersions: { ...on(apps.kept), query },
    listConnections: { ...on(apps.kept), query },
    listApps: { token: admin, query },
    getApp: on(apps.kept),
    decideOnConnection: { ...on(apps.toConnect), body: { decision: 'allow' } },
    listApprovals: { token: admin, query },
    getApproval: on(apps.kept),
    approveApplication: on(apps.toApprove),
    banApplication: on(apps.toBan),
    unbanApplication: on(apps.banned),
  } as const satisfies Partial<Record<Operation, Prepared>>;
}
