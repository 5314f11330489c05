import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { clientReader } from '../../../src/adapters/dynamodb/client-reader.ts';
import { keptDeployment } from '../../../src/adapters/dynamodb/deployment.ts';
import { endpointReader } from '../../../src/adapters/dynamodb/endpoint.ts';
import { deviceCodeGrant } from '../../../src/entities/grant-type.ts';
import { grantedRights, type Integration } from '../../../src/entities/integration.ts';
import type { AuthorizerContext } from '../../../src/oauth/access-token/context.ts';
import { asking, callApp, registration } from './application-calls.ts';
import { auditedIn, call, deployAdmin, newTenant, type Scene, storedIntegration } from './scene.ts';

let scene: Scene;
beforeAll(async () => {
  scene = await deployAdmin();
});
afterAll(() => scene.close());

const all = ['integrations:read', 'integrations:manage', 'issues:read', 'issues:write', 'users:read'];

let developer: AuthorizerContext;
let customer: AuthorizerContext;
let other: AuthorizerContext;
beforeEach(async () => {
  developer = await newTenant(scene, 'applications:manage');
  customer = await newTenant(scene, ...all);
  other = await newTenant(scene, ...all);
});

const both = () => [customer.tenant, other.tenant];

async function register(more: object = {}): Promise<string> {
  const made = await callApp(developer, 'POST /applications', registration({ tenants: both(), ...more }));
  expect(made.status).toBe(201);
  return made.body.app_id;
}
const publish = async (id: string, body: object) => {
  const answer = await callApp(developer, `PATCH /applications/${id}`, body);
  expect(answer.status).toBe(200);
};
const decide = (by: AuthorizerContext, id: string, body: object) => callApp(by, `POST /apps/${id}/connection`, body);
const allow = (by: AuthorizerContext, id: string, more: object = {}) => decide(by, id, { decision: 'allow', ...more });
const decline = (by: AuthorizerContext, id: string) => decide(by, id, { decision: 'decline' });
const list = async (by: AuthorizerContext, search = '') => (await callApp(by, `GET /apps${search}`)).body.items;
const stateOf = async (by: AuthorizerContext, id: string) =>
  (await list(by)).find(({ app_id }: { app_id: string }) => app_id === id)?.state;
const seen = (by: AuthorizerContext, id: string) => callApp(by, `GET /apps/${id}`);
const connections = async (id: string) => (await callApp(developer, `GET /applications/${id}/connections`)).body.items;
const one = (by: AuthorizerContext, clientId: string, request: string, body?: unknown) => {
  const [method, rest = ''] = request.split(' ');
  return call(by, `${method} /integrations/${clientId}${rest}`, body);
};

/** The integration as it counts at the token endpoint. */
const counting = ({ tenant }: AuthorizerContext, clientId: string): Promise<Integration | undefined> =>
  clientReader(scene.embedded.table, keptDeployment(scene.embedded.table, { now: Date.now })).get(tenant, clientId);
const granted = async (by: AuthorizerContext, clientId: string) => {
  const integration = await counting(by, clientId);
  return integration?.status === 'active' ? grantedRights(integration) : [];
};
const actions = async (of: AuthorizerContext) => (await auditedIn(scene, of)).map(({ action }) => action);

describe('an application that is offered', () => {
  it('is listed with what it asks for, and answered with the reasons, to those who are offered it alone', async () => {
    const id = await register({ tenants: [customer.tenant], home_page: 'https://mirror.example/' });
    const line = {
      app_id: id,
      name: 'Issue mirror',
      publisher: { tenant: developer.tenant, name: 'Tenant' },
      version: 1,
      rights: ['issues:read'],
      added_rights: [],
      state: 'offered',
    };
    expect(await list(customer)).toEqual([line]);
    expect(await seen(customer, id)).toMatchObject({
      status: 200,
      body: {
        ...line,
        rights: [{ right: 'issues:read', reason: 'to copy them' }],
        home_page: 'https://mirror.example/',
      },
    });
    expect(await list(other)).toEqual([]);
    expect((await seen(other, id)).status).toBe(404);
    expect((await allow(other, id)).status).toBe(404);
    expect((await seen(customer, 'app_none')).status).toBe(404);
    expect(await list({ ...developer, rights: all })).toEqual([line]);
  });

  it('is listed page by page, each once, with those that were decided on', async () => {
    const ids = [];
    for (let made = 0; made < 5; made++) ids.push(await register({ name: `Mirror ${made}` }));
    await allow(customer, ids[2] ?? '');
    await decline(customer, ids[3] ?? '');
    const found: string[] = [];
    let cursor = '';
    do {
      const { body } = await callApp(customer, `GET /apps?limit=2${cursor}`);
      found.push(...body.items.map(({ app_id }: { app_id: string }) => app_id));
      cursor = body.next_cursor ? `&cursor=${body.next_cursor}` : '';
    } while (cursor !== '');
    expect(found).toEqual([...ids].sort());
  });

  it('is listed in five round trips', async () => {
    await register();
    scene.embedded.calls();
    await list(customer);
    expect(scene.embedded.calls()).toEqual({ Query: 4, BatchGetItem: 1 });
  });

  it('to all waits for the operator, and until then only its own tenant sees it', async () => {
    const operator = { ...(await newTenant(scene, 'tenants:manage')), ofOperator: true };
    const id = await register({ tenants: 'all' });
    expect(await stateOf(customer, id)).toBeUndefined();
    expect((await allow(customer, id)).status).toBe(404);
    expect(await stateOf({ ...developer, rights: all }, id)).toBe('offered');
    const waiting = (await callApp(operator, 'GET /application-approvals?limit=100')).body.items;
    expect(waiting).toContainEqual(
      expect.objectContaining({ app_id: id, approval: 'waiting', rights: ['issues:read'] }),
    );
    expect((await callApp(operator, `GET /application-approvals/${id}`)).body.rights).toEqual([
      { right: 'issues:read', reason: 'to copy them' },
    ]);

    expect((await callApp(customer, `POST /applications/${id}/approve`)).status).toBe(403);
    expect((await callApp(operator, `POST /applications/${id}/approve`)).body.approval).toBe('approved');
    expect(await stateOf(customer, id)).toBe('offered');
    expect((await allow(customer, id)).status).toBe(201);
    expect(await actions(operator)).toEqual(['application.approved']);
    const told = (await auditedIn(scene, developer)).find(({ action }) => action === 'application.approved');
    expect(told).toMatchObject({ actor: 'operator', object: id });
    expect((await callApp(operator, 'GET /application-approvals?limit=100')).body.items).not.toContainEqual(
      expect.objectContaining({ app_id: id }),
    );
    await callApp(developer, `DELETE /applications/${id}`);
  });
});

describe('allowing', () => {
  it('makes an integration of the tenant, with credentials and what was ticked', async () => {
    const id = await register({ rights: asking('issues:read', 'issues:write', 'users:read') });
    const answer = await allow(customer, id, { rights: ['issues:read', 'users:read'], version: 1 });
    expect(answer.status).toBe(201);
    const { client_id } = answer.body;
    expect(answer.headers.Location).toBe(`/admin/v1/integrations/${client_id}`);
    expect(answer.body).toEqual({
      tenant: customer.tenant,
      client_id: expect.stringMatching(/^int_/),
      client_secret: expect.stringMatching(/^lks_/),
      rights: ['issues:read', 'users:read'].map((right) => ({ right, context: 'global', state: 'granted' })),
    });
    const integration = (await one(customer, client_id, 'GET')).body;
    expect(integration).toMatchObject({ name: 'Issue mirror', owner: customer.subject, status: 'active' });
    expect(await granted(customer, client_id)).toEqual(['issues:read', 'users:read']);
    expect(await list(customer)).toMatchObject([{ state: 'connected', accepted_version: 1, client_id }]);
    const sides = await connections(id);
    expect(sides).toHaveLength(2);
    expect(sides).toContainEqual({ tenant: customer.tenant, state: 'connected', accepted_version: 1 });
    expect(sides).toContainEqual({ tenant: other.tenant, state: 'offered' });
    expect(JSON.stringify(sides)).not.toContain(client_id);
  });

  it("is told in both logs, in the developer's without who it was", async () => {
    const id = await register();
    const { client_id } = (await allow(customer, id)).body;
    expect(await auditedIn(scene, customer)).toMatchObject([{ action: 'app.connected', object: client_id }]);
    const [told] = await auditedIn(scene, developer);
    expect(told).toMatchObject({ action: 'connection.accepted', object: id, actor: customer.tenant });
    expect(JSON.stringify(told)).not.toContain(client_id);
    expect(JSON.stringify(told)).not.toContain(customer.subject);
  });

  it('leaves what the caller does not hold to somebody who does', async () => {
    const id = await register({ rights: asking('issues:read', 'users:read') });
    const modest = { ...customer, rights: ['integrations:manage', 'issues:read'] };
    const { client_id, rights } = (await allow(modest, id)).body;
    expect(rights).toMatchObject([{ state: 'granted' }, { right: 'users:read', state: 'pending' }]);
    expect(await granted(customer, client_id)).toEqual(['issues:read']);
  });

  it('400: a right that it does not ask for; 409: a version that is not the latest, a name that is taken', async () => {
    const id = await register();
    expect(await allow(customer, id, { rights: ['users:read'] })).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: '/rights/0' }] },
    });
    expect((await allow(customer, id, { version: 2 })).status).toBe(409);
    const named = await call(customer, 'POST /integrations', { name: 'issue MIRROR', rights: ['issues:read'] });
    expect((await allow(customer, id)).status).toBe(409);
    expect(await stateOf(customer, id)).toBe('offered');
    await one(customer, named.body.client_id, 'DELETE');
    expect((await allow(customer, id)).status).toBe(201);
  });

  it('of ten at once, exactly one connects', async () => {
    const id = await register();
    const answers = await Promise.all(Array.from({ length: 10 }, () => allow(customer, id)));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(9);
    expect((await call(customer, 'GET /integrations')).body.items).toHaveLength(1);
  });

  it('409: once connected and with nothing new, both to allow and to decline', async () => {
    const id = await register();
    await allow(customer, id);
    expect((await allow(customer, id)).status).toBe(409);
    expect((await decline(customer, id)).status).toBe(409);
    expect(await stateOf(customer, id)).toBe('connected');
  });
});

describe('declining', () => {
  it('makes no integration, is seen by the developer, and can be thought better of', async () => {
    const id = await register();
    expect(await decline(customer, id)).toMatchObject({
      status: 200,
      body: { tenant: customer.tenant, state: 'declined' },
    });
    expect((await decline(customer, id)).status).toBe(200);
    expect((await call(customer, 'GET /integrations')).body.items).toEqual([]);
    expect(await list(customer)).toMatchObject([{ app_id: id, state: 'declined' }]);
    expect(await connections(id)).toContainEqual({ tenant: customer.tenant, state: 'declined' });
    expect(await actions(customer)).toEqual(['app.declined']);
    expect((await allow(customer, id)).status).toBe(201);
    expect(await stateOf(customer, id)).toBe('connected');
  });
});

describe('a new version', () => {
  it('with more rights waits in each tenant until its administrator accepts the difference', async () => {
    const id = await register();
    const ours = (await allow(customer, id)).body.client_id;
    const theirs = (await allow(other, id)).body.client_id;
    await publish(id, { rights: asking('issues:read', 'users:read') });
    for (const [by, clientId] of [
      [customer, ours],
      [other, theirs],
    ] as const) {
      expect(await granted(by, clientId)).toEqual(['issues:read']);
      expect(await list(by)).toMatchObject([
        { state: 'awaiting_acceptance', version: 2, accepted_version: 1, added_rights: ['users:read'] },
      ]);
    }
    expect((await seen(customer, id)).body.changes).toEqual({
      since: 1,
      added_rights: ['users:read'],
      removed_rights: [],
      accepted: {},
    });
    const accepted = await allow(customer, id, { version: 2 });
    expect(accepted).toMatchObject({ status: 200, body: { client_id: ours } });
    expect(accepted.body).not.toHaveProperty('client_secret');
    expect(await granted(customer, ours)).toEqual(['issues:read', 'users:read']);
    expect(await granted(other, theirs)).toEqual(['issues:read']);
    expect(await stateOf(customer, id)).toBe('connected');
    expect(await stateOf(other, id)).toBe('awaiting_acceptance');
  });

  it('with fewer rights takes effect at once; what is asked for again waits again', async () => {
    const id = await register({ rights: asking('issues:read', 'users:read') });
    const { client_id } = (await allow(customer, id)).body;
    await publish(id, { rights: asking('issues:read') });
    expect(await granted(customer, client_id)).toEqual(['issues:read']);
    expect(await stateOf(customer, id)).toBe('connected');
    expect((await seen(customer, id)).body.changes.removed_rights).toEqual(['users:read']);

    await publish(id, { rights: asking('issues:read', 'users:read') });
    expect(await granted(customer, client_id)).toEqual(['issues:read']);
    expect(await stateOf(customer, id)).toBe('awaiting_acceptance');
    await allow(customer, id, { rights: [] });
    expect(await granted(customer, client_id)).toEqual(['issues:read']);
    expect(await stateOf(customer, id)).toBe('connected');
  });

  const shown = {
    name: { name: 'Mirror of issues' },
    logo: { logo: 'data:image/png;base64,iVBORw0KGgo=' },
    home_page: { home_page: 'https://mirror.example/' },
    redirect_uris: { redirect_uris: ['https://mirror.example/other'] },
    grant_types: { grant_types: ['client_credentials', 'refresh_token'] },
    endpoint: { endpoint: { uri: 'https://mirror.example/hook', verification: 'public_key' } },
  };
  it.each(Object.entries(shown))(
    'with another %s waits, and changes the integration once accepted',
    async (member, change) => {
      const id = await register();
      const { client_id } = (await allow(customer, id)).body;
      const before = await storedIntegration(scene, customer, client_id);
      await publish(id, change);
      expect(await stateOf(customer, id)).toBe('awaiting_acceptance');
      expect(await storedIntegration(scene, customer, client_id)).toEqual(before);
      expect(Object.keys((await seen(customer, id)).body.changes.accepted)).toEqual([member]);
      expect((await allow(customer, id)).status).toBe(200);
      expect(await stateOf(customer, id)).toBe('connected');
      const { body } = await one(customer, client_id, 'GET');
      const isShown = ['name', 'redirect_uris', 'grant_types'].includes(member);
      if (isShown) expect(body).toMatchObject(change);
      const endpoint = await endpointReader(scene.embedded.table).get(customer.tenant, client_id);
      expect(endpoint?.uri).toBe(member === 'endpoint' ? 'https://mirror.example/hook' : undefined);
    },
  );

  it('with another description or reason alone waits for nobody', async () => {
    const id = await register();
    await allow(customer, id);
    await publish(id, { description: 'Copies', rights: [{ right: 'issues:read', reason: 'because' }] });
    expect(await list(customer)).toMatchObject([{ state: 'connected', version: 2, accepted_version: 1 }]);
  });

  it('that is declined leaves the connection as it is, and is not asked again; the next one is', async () => {
    const id = await register();
    const { client_id } = (await allow(customer, id)).body;
    await publish(id, { rights: asking('issues:read', 'users:read') });
    expect(await decline(customer, id)).toMatchObject({ status: 200, body: { state: 'connected' } });
    expect(await stateOf(customer, id)).toBe('connected');
    expect(await granted(customer, client_id)).toEqual(['issues:read']);
    await publish(id, { description: 'Copies' });
    expect(await stateOf(customer, id)).toBe('connected');
    await publish(id, { rights: asking('issues:read', 'users:read', 'boards:read') });
    expect(await stateOf(customer, id)).toBe('awaiting_acceptance');
    expect(await list(customer)).toMatchObject([{ added_rights: ['users:read', 'boards:read'] }]);
    expect((await allow(customer, id, { rights: ['users:read'] })).status).toBe(200);
    expect(await granted(customer, client_id)).toEqual(['issues:read', 'users:read']);
  });

  it('brings no right back that was revoked or taken away here', async () => {
    const id = await register({ rights: asking('issues:read', 'users:read') });
    const { client_id } = (await allow(customer, id)).body;
    await one(customer, client_id, 'PUT /rights', { rights: ['issues:read'] });
    await publish(id, { rights: asking('issues:read', 'users:read', 'boards:read') });
    const modest = { ...customer, rights: ['integrations:manage'] };
    await allow(modest, id);
    expect(await granted(customer, client_id)).toEqual(['issues:read']);
  });

  it('403: that changes where tokens go is accepted by nobody who may not have them', async () => {
    const id = await register();
    const { client_id } = (await allow(customer, id)).body;
    await publish(id, { redirect_uris: ['https://mirror.example/other'] });
    const modest = { ...customer, subject: 'usr_modest', rights: ['integrations:manage'] };
    expect(await allow(modest, id)).toMatchObject({ status: 403, body: { missing_rights: ['issues:read'] } });
    expect((await allow({ ...modest, rights: ['integrations:manage', 'issues:read'] }, id)).status).toBe(200);
    expect((await storedIntegration(scene, customer, client_id))?.redirectUris).toEqual([
      'https://mirror.example/other',
    ]);
  });

  it('of ten acceptances at once, exactly one accepts', async () => {
    const id = await register();
    await allow(customer, id);
    await publish(id, { rights: asking('issues:read', 'users:read') });
    const answers = await Promise.all(Array.from({ length: 10 }, () => allow(customer, id)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(9);
  });
});

describe("a connection's integration", () => {
  const refused = {
    'another name': ['PATCH', { name: 'Mine' }],
    'another flow': ['PATCH', { grant_types: ['client_credentials', 'refresh_token'] }],
    'another way of authentication': ['PATCH', { token_endpoint_auth_method: 'none', grant_types: [deviceCodeGrant] }],
    'a redirect URI': ['PATCH', { redirect_uris: ['https://elsewhere.example/'] }],
    'a right beyond the accepted version': ['PUT /rights', { rights: ['issues:read', 'boards:read'] }],
    'access beyond it': ['PATCH', { access: { issues: 'full' } }],
  } as const;
  it.each(Object.entries(refused))('409: is not given %s', async (_, [request, body]) => {
    const id = await register();
    const { client_id } = (await allow(customer, id)).body;
    const before = await storedIntegration(scene, customer, client_id);
    const answer = await one(customer, client_id, request, body);
    expect(answer.status).toBe(409);
    expect(await storedIntegration(scene, customer, client_id)).toEqual(before);
    const own = await call(customer, 'POST /integrations', { name: 'Of our own', rights: ['issues:read'] });
    expect((await one(customer, own.body.client_id, request, body)).status).toBe(200);
  });

  it('is described, gets secrets and rights of the accepted version, and has its tokens revoked', async () => {
    const id = await register({ rights: asking('issues:read', 'users:read') });
    const { client_id } = (await allow(customer, id, { rights: ['issues:read'] })).body;
    expect((await one(customer, client_id, 'PATCH', { description: 'Ours' })).status).toBe(200);
    expect((await one(customer, client_id, 'POST /secrets', {})).status).toBe(201);
    expect((await one(customer, client_id, 'PUT /rights', { rights: ['users:read'] })).status).toBe(200);
    expect((await one(customer, client_id, 'POST /revoke-tokens')).status).toBe(204);
    expect(await granted(customer, client_id)).toEqual(['users:read']);
  });

  it('is paused and restored, which both sides see, and which no other tenant feels', async () => {
    const id = await register();
    const { client_id } = (await allow(customer, id)).body;
    const theirs = (await allow(other, id)).body.client_id;
    await one(customer, client_id, 'POST /disable');
    expect(await stateOf(customer, id)).toBe('disabled');
    expect(await connections(id)).toContainEqual({ tenant: customer.tenant, state: 'disabled', accepted_version: 1 });
    expect(await granted(customer, client_id)).toEqual([]);
    expect(await granted(other, theirs)).toEqual(['issues:read']);
    await one(customer, client_id, 'POST /enable');
    expect(await stateOf(customer, id)).toBe('connected');
    expect((await actions(developer)).slice(0, 2)).toEqual(['connection.enabled', 'connection.disabled']);
  });

  it('is deleted to disconnect, and the application is offered again', async () => {
    const id = await register();
    const { client_id } = (await allow(customer, id)).body;
    expect((await one(customer, client_id, 'DELETE')).status).toBe(204);
    expect(await list(customer)).toMatchObject([{ state: 'offered' }]);
    expect(await connections(id)).toContainEqual({ tenant: customer.tenant, state: 'offered' });
    expect((await actions(developer))[0]).toBe('connection.deleted');
    expect((await allow(customer, id)).status).toBe(201);
  });

  it('stays when the application is no longer offered to its tenant', async () => {
    const id = await register();
    const { client_id } = (await allow(customer, id)).body;
    await publish(id, { tenants: [] });
    expect(await stateOf(other, id)).toBeUndefined();
    expect(await stateOf(customer, id)).toBe('connected');
    expect(await granted(customer, client_id)).toEqual(['issues:read']);
  });
});

describe('an application that is stopped', () => {
  it('by its developer stops in every tenant, for good', async () => {
    const id = await register();
    const ours = (await allow(customer, id)).body.client_id;
    const theirs = (await allow(other, id)).body.client_id;
    await callApp(developer, `DELETE /applications/${id}`);
    expect(await granted(customer, ours)).toEqual([]);
    expect(await granted(other, theirs)).toEqual([]);
    expect(await stateOf(customer, id)).toBe('disabled');
    expect((await one(customer, ours, 'DELETE')).status).toBe(204);
    expect(await stateOf(customer, id)).toBeUndefined();
    expect((await allow(customer, id)).status).toBe(404);
    const operator = { ...(await newTenant(scene, 'tenants:manage')), ofOperator: true };
    for (const how of ['ban', 'unban', 'approve'])
      expect((await callApp(operator, `POST /applications/${id}/${how}`)).status).toBe(409);
  });

  it('by the operator stops until it is let work again', async () => {
    const operator = { ...(await newTenant(scene, 'tenants:manage')), ofOperator: true };
    const id = await register();
    const ours = (await allow(customer, id)).body.client_id;
    expect((await callApp(customer, `POST /applications/${id}/ban`)).status).toBe(403);
    expect((await callApp(operator, `POST /applications/${id}/ban`)).body.status).toBe('banned');
    expect(await granted(customer, ours)).toEqual([]);
    expect(await stateOf(other, id)).toBeUndefined();
    expect((await callApp(developer, `PATCH /applications/${id}`, { name: 'Again' })).status).toBe(409);
    expect((await callApp(operator, `POST /applications/${id}/unban`)).body.status).toBe('published');
    expect(await granted(customer, ours)).toEqual(['issues:read']);
    expect(await stateOf(other, id)).toBe('offered');
    expect(await actions(operator)).toEqual(['application.unbanned', 'application.banned']);
  });
});
