import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { type Credentials, call, createIntegration, freshName, type Reply, requestToken, tokenOf } from './client.ts';

/** The revocation bound of a deployment with the default options, in milliseconds. */
const bound = 5000;

const outputs = inject('oneOrigin');

const admin = (token: string, request: string, body?: unknown): Promise<Reply> => {
  const [method = '', path = ''] = request.split(' ');
  return call(method, outputs.admin_url + path, { token, ...(body !== undefined && { body }) });
};
const asking = (...names: readonly string[]) => names.map((right) => ({ right, reason: `why ${right}` }));

interface Tenant {
  readonly id: string;
  /** A token of its administrator. */
  readonly token: string;
}

let operator: string;

async function newTenant(): Promise<Tenant> {
  const { body, status } = await admin(operator, 'POST /tenants', { name: freshName('Tenant') });
  expect(status).toBe(201);
  return { id: body.tenant, token: await tokenOf(outputs, body.admin) };
}

/** A token of somebody who registers applications in the tenant, and nothing else. */
async function developerIn({ token }: Tenant): Promise<string> {
  const body = { name: freshName('Developer'), rights: ['applications:manage'] };
  return tokenOf(outputs, (await admin(token, 'POST /integrations', body)).body);
}

beforeAll(async () => {
  operator = await tokenOf(outputs, outputs.admin);
});

describe('two tenants and one app', () => {
  let maker: Tenant;
  let developer: string;
  let one: Tenant;
  let other: Tenant;
  let appId: string;
  let ours: Credentials;
  let theirs: Credentials;

  const decide = (tenant: Tenant, body: object) => admin(tenant.token, `POST /apps/${appId}/connection`, body);
  const listed = async ({ token }: Tenant) =>
    (await admin(token, 'GET /apps')).body.items.find(({ app_id }: { app_id: string }) => app_id === appId);
  const opened = async (token: string, path = '/issues') =>
    (await call('GET', `${outputs.api_url}${path}`, { token })).status;
  const connection = async (tenant: Tenant) =>
    (await admin(developer, `GET /applications/${appId}/connections`)).body.items.find(
      (item: { tenant: string }) => item.tenant === tenant.id,
    );

  beforeAll(async () => {
    [maker, one, other] = [await newTenant(), await newTenant(), await newTenant()];
    developer = await developerIn(maker);
    const registered = await admin(developer, 'POST /applications', {
      name: freshName('Issue mirror'),
      description: 'Copies issues to another place',
      rights: asking('issues:read', 'users:read'),
      tenants: [one.id, other.id],
    });
    expect(registered.status).toBe(201);
    appId = registered.body.app_id;
  });

  test('each sees what it asks for and why; declining gives no credentials, and nobody else sees it', async () => {
    for (const tenant of [one, other]) {
      expect(await listed(tenant)).toMatchObject({
        state: 'offered',
        version: 1,
        rights: ['issues:read', 'users:read'],
      });
      const { body } = await admin(tenant.token, `GET /apps/${appId}`);
      expect(body.rights).toEqual(asking('issues:read', 'users:read'));
    }
    expect((await admin((await newTenant()).token, `GET /apps/${appId}`)).status).toBe(404);

    const declined = await decide(other, { decision: 'decline' });
    expect(declined.status).toBe(200);
    expect(declined.text).not.toMatch(/client_secret|int_|lks_/);
    expect((await admin(other.token, 'GET /integrations')).body.items).toHaveLength(1);
    expect(await connection(other)).toEqual({ tenant: other.id, state: 'declined' });
  });

  test('each that allows it gets credentials of its own, which open what was ticked there and nothing of the other', async () => {
    const [first, second] = [
      await decide(one, { decision: 'allow', rights: ['issues:read'], version: 1 }),
      await decide(other, { decision: 'allow' }),
    ];
    expect([first.status, second.status]).toEqual([201, 201]);
    [ours, theirs] = [first.body, second.body];
    expect(ours.client_id).not.toBe(theirs.client_id);

    const [token, otherToken] = [await tokenOf(outputs, ours), await tokenOf(outputs, theirs)];
    expect([await opened(token), await opened(token, '/users')]).toEqual([200, 403]);
    expect([await opened(otherToken), await opened(otherToken, '/users')]).toEqual([200, 200]);
    for (const crossed of [
      { client_id: ours.client_id, client_secret: theirs.client_secret },
      { client_id: theirs.client_id, client_secret: ours.client_secret },
    ])
      expect(await requestToken(outputs, crossed)).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
    expect((await admin(one.token, `GET /integrations/${theirs.client_id}`)).status).toBe(404);

    await admin(other.token, 'POST /users', {
      username: 'pat',
      email: 'pat@example.com',
      name: freshName('Pat'),
      roles: ['member'],
    });
    const all = { decision: 'allow' };
    expect((await decide(one, all)).status).toBe(409);
    const { items } = (await call('GET', `${outputs.api_url}/users`, { token: otherToken })).body;
    expect(items).toHaveLength(1);
    expect((await admin(developer, `GET /applications/${appId}/connections`)).text).not.toMatch(/int_|lks_|pat/);
  });

  test('paused in one tenant it goes on in the other', async () => {
    const [token, otherToken] = [await tokenOf(outputs, ours), await tokenOf(outputs, theirs)];
    expect([await opened(token), await opened(otherToken)]).toEqual([200, 200]);
    await admin(one.token, `POST /integrations/${ours.client_id}/disable`);
    await sleep(bound);
    expect([await opened(token), await opened(otherToken)]).toEqual([401, 200]);
    expect(await listed(one)).toMatchObject({ state: 'disabled' });
    expect(await connection(one)).toMatchObject({ state: 'disabled' });
    expect(await connection(other)).toMatchObject({ state: 'connected' });
    await admin(one.token, `POST /integrations/${ours.client_id}/enable`);
    await sleep(bound);
    expect([await opened(token), await opened(otherToken)]).toEqual([200, 200]);
  });

  test('a new version waits for acceptance in each; one with fewer rights takes effect at once', async () => {
    const rights = asking('issues:read', 'users:read', 'issues:write');
    expect((await admin(developer, `PATCH /applications/${appId}`, { rights })).body.version).toBe(2);
    for (const [tenant, credentials] of [
      [one, ours],
      [other, theirs],
    ] as const) {
      expect(await listed(tenant)).toMatchObject({
        state: 'awaiting_acceptance',
        accepted_version: 1,
        version: 2,
        added_rights: ['issues:write'],
      });
      expect((await requestToken(outputs, credentials)).body.scope).not.toContain('issues:write');
    }
    expect((await decide(one, { decision: 'allow', version: 1 })).status).toBe(409);
    const accepted = await decide(one, { decision: 'allow', version: 2, rights: ['issues:write'] });
    expect(accepted.status).toBe(200);
    expect(accepted.body).not.toHaveProperty('client_secret');
    expect((await requestToken(outputs, ours)).body.scope.split(' ').sort()).toEqual(['issues:read', 'issues:write']);
    expect((await requestToken(outputs, theirs)).body.scope.split(' ').sort()).toEqual(['issues:read', 'users:read']);
    expect(await listed(other)).toMatchObject({ state: 'awaiting_acceptance' });

    const token = await tokenOf(outputs, theirs);
    expect(await opened(token, '/users')).toBe(200);
    await admin(developer, `PATCH /applications/${appId}`, { rights: asking('issues:read', 'issues:write') });
    await sleep(bound);
    expect([await opened(token), await opened(token, '/users')]).toEqual([200, 403]);
  });

  test('what was accepted is changed in no other way', async () => {
    const path = `/integrations/${ours.client_id}`;
    // The latest version asks for users:read no more.
    for (const body of [{ name: 'Ours' }, { redirect_uris: ['https://ours.example/'] }, { access: { users: 'read' } }])
      expect((await admin(one.token, `PATCH ${path}`, body)).status).toBe(409);
    expect((await admin(one.token, `PATCH ${path}`, { access: { issues: 'read' } })).status).toBe(200);
    expect((await admin(one.token, `PUT ${path}/rights`, { rights: ['boards:read'] })).status).toBe(409);
    expect((await admin(one.token, `PATCH ${path}`, { description: 'Ours' })).status).toBe(200);
  });

  test('withdrawn, it stops in both within the bound', async () => {
    await admin(one.token, `PUT /integrations/${ours.client_id}/rights`, { rights: ['issues:read'] });
    const tokens = [await tokenOf(outputs, ours), await tokenOf(outputs, theirs)];
    for (const token of tokens) expect(await opened(token)).toBe(200);
    expect((await admin(developer, `DELETE /applications/${appId}`)).status).toBe(204);
    await sleep(bound);
    for (const token of tokens) expect(await opened(token)).toBe(401);
    for (const credentials of [ours, theirs])
      expect(await requestToken(outputs, credentials)).toMatchObject({
        status: 401,
        body: { error: 'invalid_client' },
      });
    expect(await listed(one)).toMatchObject({ state: 'disabled' });
  });
});

test('an app for all is seen once the operator approves, and stops everywhere when the operator bans it', async () => {
  const [maker, customer] = [await newTenant(), await newTenant()];
  const developer = await developerIn(maker);
  const body = { name: freshName('For all'), rights: asking('issues:read'), tenants: 'all' };
  const { app_id } = (await admin(developer, 'POST /applications', body)).body;
  const seenBy = async ({ token }: Tenant) => (await admin(token, `GET /apps/${app_id}`)).status;
  expect([await seenBy(maker), await seenBy(customer)]).toEqual([200, 404]);
  const tenants = await createIntegration(outputs, operator, ['tenants:manage']);
  const approver = await tokenOf(outputs, tenants);
  for (const by of [maker.token, developer])
    expect((await admin(by, `POST /applications/${app_id}/approve`)).status).toBe(403);
  expect((await admin(approver, `POST /applications/${app_id}/approve`)).status).toBe(200);
  expect(await seenBy(customer)).toBe(200);

  const connected = (await admin(customer.token, `POST /apps/${app_id}/connection`, { decision: 'allow' })).body;
  const token = await tokenOf(outputs, connected);
  const issues = async () => (await call('GET', `${outputs.api_url}/issues`, { token })).status;
  expect(await issues()).toBe(200);
  expect((await admin(approver, `POST /applications/${app_id}/ban`)).status).toBe(200);
  await sleep(bound);
  expect(await issues()).toBe(401);
  expect((await admin(approver, `POST /applications/${app_id}/unban`)).status).toBe(200);
  await sleep(bound);
  expect(await issues()).toBe(200);
});
