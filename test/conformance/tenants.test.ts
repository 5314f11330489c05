import { setTimeout as sleep } from 'node:timers/promises';
import { decodeJwt } from 'jose';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { call, createIntegration, freshName, freshProjectKey, type Reply, requestToken, tokenOf } from './client.ts';
import type { Outputs } from './running-deployment.ts';
import { authorize, Browser, createApp, newUser } from './sign-in.ts';

/** The revocation bound, and a moment for the clock. */
const bound = 5_200;

const outputs = inject('separateOrigins');

let operator: string;
beforeAll(async () => {
  operator = await tokenOf(outputs, outputs.admin);
});

const manage = (method: string, path: string, body?: unknown) =>
  call(method, `${outputs.admin_url}/tenants${path}`, { token: operator, ...(body !== undefined && { body }) });

/** A new tenant, as what its own people are told of the deployment. */
async function newTenant(): Promise<Outputs> {
  const { status, body, text } = await manage('POST', '', { name: freshName('Tenant') });
  if (status !== 201) throw new Error(`${status} ${text}`);
  return { ...outputs, tenant: body.tenant, admin: body.admin };
}

describe('in a second tenant', () => {
  test('its first administrator begins with everything but the right to manage tenants', async ({ expect }) => {
    const second = await newTenant();
    const token = await tokenOf(second, second.admin);
    expect(decodeJwt(token)).toMatchObject({ tenant: second.tenant, sub: second.admin.client_id });
    const scope = String(decodeJwt(token).scope).split(' ');
    expect(scope).toContain('integrations:manage');
    expect(scope).not.toContain('tenants:manage');
    const get = async (path: string) => (await call('GET', `${second.admin_url}${path}`, { token })).body;
    expect((await get('/tenant')).tenant).toBe(second.tenant);
    expect((await get('/rights?limit=100')).items.map(({ name }: { name: string }) => name)).not.toContain(
      'tenants:manage',
    );
    for (const [method, path, body] of [
      ['POST', '/tenants', { name: 'Another' }],
      ['GET', '/tenants'],
      ['GET', `/tenants/${outputs.tenant}`],
      ['PATCH', `/tenants/${outputs.tenant}`, { status: 'suspended' }],
      ['DELETE', `/tenants/${second.tenant}`],
      ['POST', `/tenants/${outputs.tenant}/admin`],
    ] as const) {
      const refused = await call(method, `${second.admin_url}${path}`, { token, ...(body && { body }) });
      expect(refused, `${method} ${path}`).toMatchObject({ status: 403, body: { scope: 'tenants:manage' } });
    }
    const asked = await call('PUT', `${second.admin_url}/integrations/self/rights`, {
      token,
      body: { rights: ['tenants:manage'] },
    });
    expect(asked.status).toBe(400);
  });

  test('a user sets a password, signs in, allows an app, and is let through the gate, in that tenant alone', async ({
    expect,
  }) => {
    const second = await newTenant();
    const admin = await tokenOf(second, second.admin);
    const project = freshProjectKey();
    const at = (path: string) => `${second.admin_url}${path}`;
    await call('POST', at('/projects'), { token: admin, body: { key: project, name: 'Theirs' } });
    const issues = `${second.api_url}/projects/${project}/issues`;
    await call('POST', issues, { token: admin, body: { title: 'Of the second tenant', body: '' } });
    const user = await newUser(second, admin, ['member']);
    const { configuration } = await createApp(second, admin, ['issues:read', 'users:read']);
    const { access_token: token } = await authorize(configuration, user, 'openid issues:read users:read');
    expect(decodeJwt(token)).toMatchObject({ tenant: second.tenant, sub: user.id });
    const seen = await call('GET', issues, { token });
    expect(seen.body.items).toMatchObject([{ title: 'Of the second tenant' }]);
    const users = await call('GET', `${second.api_url}/users`, { token });
    expect(users.body.items.map(({ id }: { id: string }) => id)).toEqual([user.id]);

    // Whoever signs in to an app of the operator's tenant is nobody there.
    const app = await createApp(outputs, operator, ['issues:read']);
    await expect(authorize(app.configuration, user, 'openid', { browser: new Browser() })).rejects.toThrow();
  });
});

describe('with real tokens of two tenants', () => {
  let first: Furnished;
  let second: Furnished;
  beforeAll(async () => {
    [first, second] = [await furnished(await newTenant()), await furnished(await newTenant())];
  });

  interface Furnished {
    readonly token: string;
    readonly ids: { readonly client: string; readonly user: string; readonly project: string };
  }

  async function furnished(tenant: Outputs): Promise<Furnished> {
    const token = await tokenOf(tenant, tenant.admin);
    const client = (await createIntegration(tenant, token, ['issues:read'])).client_id;
    const user = (await newUser(tenant, token)).id;
    const project = freshProjectKey();
    await call('POST', `${tenant.admin_url}/projects`, { token, body: { key: project, name: 'Some' } });
    return { token, ids: { client, user, project } };
  }

  /** Method, path and body; the api's rows begin with `api`. */
  const requests = ({ client, user, project }: Furnished['ids']) =>
    [
      ['GET', `/integrations/${client}`],
      ['PATCH', `/integrations/${client}`, { name: 'Taken over' }],
      ['POST', `/integrations/${client}/disable`],
      ['GET', `/integrations/${client}/secrets`],
      ['POST', `/integrations/${client}/secrets`, {}],
      ['PUT', `/integrations/${client}/rights`, { rights: ['issues:write'] }],
      ['GET', `/users/${user}`],
      ['PATCH', `/users/${user}`, { name: 'Taken over' }],
      ['POST', `/users/${user}/password-link`],
      ['GET', `/projects/${project}`],
      ['PATCH', `/projects/${project}`, { name: 'Taken over' }],
      ['DELETE', `/projects/${project}`],
      ['DELETE', `/users/${user}`],
      ['DELETE', `/integrations/${client}`],
    ] as const;

  const ask = (by: Furnished, [method, path, body]: readonly [string, string, object?]): Promise<Reply> =>
    call(method, `${outputs.admin_url}${path}`, { token: by.token, ...(body && { body }) });

  test('what is one’s is not found by the other, and is there for its own', async ({ expect }) => {
    for (const request of requests(first.ids)) expect((await ask(second, request)).status, request[1]).toBe(404);
    const read = requests(first.ids).filter(([method]) => method === 'GET');
    for (const request of read) expect((await ask(first, request)).status, request[1]).toBe(200);
    const { client, project } = first.ids;
    expect((await ask(first, ['GET', `/integrations/${client}`])).body).toMatchObject({ status: 'active' });
    expect((await ask(first, ['GET', `/projects/${project}`])).body.name).toBe('Some');
    for (const request of requests(first.ids)) expect((await ask(first, request)).status, request[1]).toBeLessThan(300);
  });

  test('a project of the other is answered like one that never was', async ({ expect }) => {
    const issuesOf = async (key: string) => {
      const { status, body } = await call('GET', `${outputs.api_url}/projects/${key}/issues`, { token: first.token });
      return { status, title: body.title, detail: body.detail };
    };
    expect(await issuesOf(second.ids.project)).toEqual(await issuesOf(freshProjectKey()));
  });
});

describe('a tenant that is suspended', () => {
  test('stops within the bound, and goes on where it was once it is restored', async ({ expect }) => {
    const second = await newTenant();
    const token = await tokenOf(second, second.admin);
    const reads = async () => (await call('GET', `${second.admin_url}/tenant`, { token })).status;
    expect(await reads()).toBe(200);
    expect((await manage('PATCH', `/${second.tenant}`, { status: 'suspended' })).status).toBe(200);
    expect(await requestToken(second, second.admin)).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
    await sleep(bound);
    expect(await reads()).toBe(401);
    expect((await manage('PATCH', `/${second.tenant}`, { status: 'active' })).status).toBe(200);
    await sleep(bound);
    expect(await reads()).toBe(200);
    expect((await requestToken(second, second.admin)).status).toBe(200);
  });

  test('is opened again by another administrator whom the operator makes', async ({ expect }) => {
    const second = await newTenant();
    const made = await manage('POST', `/${second.tenant}/admin`);
    expect(made.status).toBe(201);
    const token = await tokenOf(second, made.body);
    const disabled = await call('POST', `${second.admin_url}/integrations/${second.admin.client_id}/disable`, {
      token,
    });
    expect(disabled.status).toBe(200);
    expect((await requestToken(second, second.admin)).status).toBe(401);
  });
});

test('a tenant that is deleted lets nobody in from that moment, says how far it is, and is not restored', async () => {
  const second = await newTenant();
  const token = await tokenOf(second, second.admin);
  const begun = await manage('DELETE', `/${second.tenant}`);
  expect(begun).toMatchObject({ status: 202, body: { status: 'deleting', deletion: { step: 'waiting', removed: 0 } } });
  expect((await requestToken(second, second.admin)).status).toBe(401);
  expect((await manage('PATCH', `/${second.tenant}`, { status: 'active' })).status).toBe(409);
  expect((await manage('GET', `/${second.tenant}`)).body).toEqual(begun.body);
  await sleep(bound);
  expect((await call('GET', `${second.admin_url}/tenant`, { token })).status).toBe(401);
  expect((await manage('DELETE', `/${outputs.tenant}`)).status).toBe(409);
});
