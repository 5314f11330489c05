import { readFileSync } from 'node:fs';
import { DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rightNames, rightOf } from '../../src/api/rights.ts';
import type { Route } from '../../src/api/route.ts';
import { type Operation, routes } from '../../src/api/routes.ts';
import { environment } from '../../src/environment.ts';
import { decide } from '../../src/oauth/access-token/decision.ts';
import { startUpstreamProvider } from '../upstream-provider.ts';
import { deployAdmin } from './admin/scene.ts';
import { emptyTenant, type InhabitedTenant, inhabitedTenant, sendTo, type TenantScene } from './inhabited-tenant.ts';
import { deploySecrets } from './key-management.ts';

/** Every protected route, of which there must be a case in inhabited-tenant.ts; a new one without it fails by its name. */
const rows = Object.entries<Route>(routes).filter(([, { right }]) => right !== 'none') as [Operation, Route][];
const isOfOperator = ({ right }: Route) => right !== 'any' && right !== 'none' && rightOf(right).operatorOnly === true;
const ofOperator = rows.filter(([, row]) => isOfOperator(row));
const ofTenants = rows.filter(([, row]) => !isOfOperator(row));
const ofOneObject = ofTenants.filter(([, { path }]) => path.includes('{'));
const ofMany = ofTenants.filter(([, { path }]) => !path.includes('{'));

let scene: TenantScene;
let secrets: Awaited<ReturnType<typeof deploySecrets>>;
let victim: InhabitedTenant;
beforeAll(async () => {
  // The upstream provider of this test runs on this machine.
  process.env[environment.loopbackFetch] = 'on';
  scene = { ...(await deployAdmin()), upstream: await startUpstreamProvider() };
  secrets = await deploySecrets();
  victim = await inhabitedTenant(scene);
});
afterAll(() => Promise.all([scene.upstream.close(), secrets.close(), scene.close()]));

/** The whole table but what lies under the tenant of whoever calls, item for item as it is stored. */
async function tableWithout({ tenant }: InhabitedTenant['caller']): Promise<readonly string[]> {
  const client = new DynamoDBClient({ endpoint: scene.embedded.endpoint });
  const items = [];
  for await (const { Items = [] } of paginateScan({ client }, { TableName: scene.embedded.tableName }))
    items.push(...Items);
  client.destroy();
  return items
    .filter(({ pk, sk }) => !`${pk?.S} ${sk?.S}`.includes(tenant.slice(4)))
    .map((item) => JSON.stringify(item))
    .sort();
}

describe('whoever holds every right in another tenant', () => {
  it.each(ofOneObject)('finds nothing under the ids of this one, and changes nothing: %s', async (operation) => {
    const caller = await emptyTenant(scene);
    const before = await tableWithout(caller);
    const answer = await sendTo(scene, operation, { ...victim, caller });
    expect(answer).toMatchObject({ status: 404, body: { title: 'Not Found' } });
    expect(await tableWithout(caller)).toEqual(before);
    expect(before.length).toBeGreaterThan(20);

    const own = await inhabitedTenant(scene);
    const { status } = await sendTo(scene, operation, own);
    expect(status === routes[operation].status || status === 200, String(status)).toBe(true);
  });

  it.each(ofMany)('reads nothing of this one, and changes nothing: %s', async (operation) => {
    const caller = await emptyTenant(scene);
    const before = await tableWithout(caller);
    const answer = await sendTo(scene, operation, { ...victim, caller });
    expect(answer.status).toBe(routes[operation].status);
    const { client_id, id, user_id, app_id } = victim.path;
    const { tenant, subject, sessionId, clientId } = victim.caller;
    const repeated = namedInBody.has(operation) ? client_id : undefined;
    for (const text of [client_id, id, user_id, app_id, tenant, subject, sessionId, clientId])
      if (text !== repeated) expect(JSON.stringify(answer.body)).not.toContain(text);
    expect(await tableWithout(caller)).toEqual(before);
  });

  it.each(ofOperator)('is let into nothing that is the operator’s, whatever was granted: %s', (_, row) => {
    const { method, path, right } = row;
    const asked = { method, resource: path, pathParameters: {} };
    const held = { global: rightNames, byProject: {} };
    const rightsRow = { method, resource: path, right: right as 'tenants:manage' };
    const { tenant, subject, clientId, credential, tokenId, kind } = victim.caller;
    const token = {
      active: true,
      bearer: { tenant, subject, clientId, credential, tokenId, kind },
      rights: held,
    } as const;
    expect(decide(rightsRow, asked, { ...token, ofOperator: false })).toEqual({ allowed: false, needed: right });
    expect(decide(rightsRow, asked, { ...token, ofOperator: true })).toMatchObject({ allowed: true });
  });

  it('is asked at every protected route', () => {
    expect(ofOneObject.length + ofMany.length + ofOperator.length).toBe(rows.length);
    expect(rows.length).toBeGreaterThan(90);
  });
});

/** Operations whose answer repeats what it was asked about, found or not. */
const namedInBody = new Set<Operation>(['decideAuthorizations']);

type OwnOperation = {
  readonly [O in Operation]: (typeof routes)[O]['right'] extends 'none' ? O : never;
}[Operation];

const alike = 'answers everybody alike';
const browser = 'test/functions/other-tenant-browser.test.ts';
const device = 'test/functions/auth/device.test.ts';
const logout = 'test/functions/auth/logout.test.ts';
const setPassword = 'test/functions/auth/set-password.test.ts';
const upstream = 'test/functions/auth/upstream.test.ts';

/**
 * Routes that authenticate by themselves: the tests that bring them what is another tenant's, in path, form, cookie or
 * token. A route that is missing here does not compile.
 */
const ownRoutes: Readonly<Record<OwnOperation, string>> = {
  openidConfiguration: alike,
  authorizationServerMetadata: alike,
  authorizationServerMetadataAtRoot: alike,
  jwks: alike,
  webhookJwks: alike,
  assets: alike,
  openapi: alike,
  adminProtectedResource: alike,
  apiProtectedResource: alike,
  authorize: browser,
  authorizePost: browser,
  token: browser,
  introspect: browser,
  revoke: browser,
  pushAuthorizationRequest: browser,
  signInPage: browser,
  signIn: browser,
  accounts: browser,
  chooseAccount: browser,
  consentPage: browser,
  consent: browser,
  secondFactorPage: browser,
  secondFactor: browser,
  enrolSecondFactorPage: browser,
  enrolPasskey: browser,
  authenticatorPage: browser,
  enrolAuthenticator: browser,
  account: browser,
  endOwnSessionPage: browser,
  withdrawOwnConsentPage: browser,
  changePasswordPage: browser,
  changePassword: browser,
  accountSecondFactorPage: browser,
  changeSecondFactor: browser,
  linkedAccounts: browser,
  linkAccount: browser,
  unlinkAccount: browser,
  signOut: 'test/functions/auth/account.test.ts',
  signedOut: alike,
  setPasswordPage: setPassword,
  setPassword,
  deviceAuthorization: device,
  devicePage: device,
  device,
  logout,
  logoutPost: logout,
  confirmLogout: logout,
  startUpstream: upstream,
  upstreamCallback: 'test/functions/auth/upstream-callback.test.ts',
  userinfo: 'answers of the token that it is shown, and names nothing else',
  userinfoByPost: 'answers of the token that it is shown, and names nothing else',
};

it.each(Object.entries(ownRoutes).filter(([, where]) => where.startsWith('test/')))(
  'what is another tenant’s is brought to %s in %s',
  (_, file) => {
    expect(readFileSync(file, 'utf8')).toMatch(
      /[Aa]nother tenant|other tenant|other\.tenant|another provider|of one tenant/,
    );
  },
);
