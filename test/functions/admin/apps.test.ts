import { describe, expect, it } from 'vitest';
import { allow, asking, callApp, decline, list, one, seen, stateOf } from './application-calls.ts';
import { all, offering } from './applications-scene.ts';
import { auditedIn, call, newTenant } from './scene.ts';

const { scene, developer, customer, other, register, publish, connections, granted, actions } = offering();

describe('an application that is offered', () => {
  it('is listed with what it asks for, and answered with the reasons, to those who are offered it alone', async () => {
    const id = await register({ tenants: [customer().tenant], home_page: 'https://mirror.example/' });
    const line = {
      app_id: id,
      name: 'Issue mirror',
      publisher: { tenant: developer().tenant, name: 'Tenant' },
      version: 1,
      rights: ['issues:read'],
      added_rights: [],
      state: 'offered',
    };
    expect(await list(customer())).toEqual([line]);
    expect(await seen(customer(), id)).toMatchObject({
      status: 200,
      body: {
        ...line,
        rights: [{ right: 'issues:read', reason: 'to copy them' }],
        home_page: 'https://mirror.example/',
      },
    });
    expect(await list(other())).toEqual([]);
    expect((await seen(other(), id)).status).toBe(404);
    expect((await allow(other(), id)).status).toBe(404);
    expect((await seen(customer(), 'app_none')).status).toBe(404);
    expect(await list({ ...developer(), rights: all })).toEqual([line]);
  });

  it('is listed page by page, each once, with those that were decided on', async () => {
    const ids = [];
    for (let made = 0; made < 5; made++) ids.push(await register({ name: `Mirror ${made}` }));
    await allow(customer(), ids[2] ?? '');
    await decline(customer(), ids[3] ?? '');
    const found: string[] = [];
    let cursor = '';
    do {
      const { body } = await callApp(customer(), `GET /apps?limit=2${cursor}`);
      found.push(...body.items.map(({ app_id }: { app_id: string }) => app_id));
      cursor = body.next_cursor ? `&cursor=${body.next_cursor}` : '';
    } while (cursor !== '');
    expect(found).toEqual([...ids].sort());
  });

  it('is listed in five round trips', async () => {
    await register();
    scene().embedded.calls();
    await list(customer());
    expect(scene().embedded.calls()).toEqual({ Query: 4, BatchGetItem: 1 });
  });

  it('to all waits for the operator, and until then only its own tenant sees it', async () => {
    const operator = { ...(await newTenant(scene(), 'tenants:manage')), ofOperator: true };
    const id = await register({ tenants: 'all' });
    expect(await stateOf(customer(), id)).toBeUndefined();
    expect((await allow(customer(), id)).status).toBe(404);
    expect(await stateOf({ ...developer(), rights: all }, id)).toBe('offered');
    const waiting = (await callApp(operator, 'GET /application-approvals?limit=100')).body.items;
    expect(waiting).toContainEqual(
      expect.objectContaining({ app_id: id, approval: 'waiting', rights: ['issues:read'] }),
    );
    expect((await callApp(operator, `GET /application-approvals/${id}`)).body.rights).toEqual([
      { right: 'issues:read', reason: 'to copy them' },
    ]);

    expect((await callApp(customer(), `POST /applications/${id}/approve`)).status).toBe(403);
    expect((await callApp(operator, `POST /applications/${id}/approve`)).body.approval).toBe('approved');
    expect(await stateOf(customer(), id)).toBe('offered');
    expect((await allow(customer(), id)).status).toBe(201);
    expect(await actions(operator)).toEqual(['application.approved']);
    const told = (await auditedIn(scene(), developer())).find(({ action }) => action === 'application.approved');
    expect(told).toMatchObject({ actor: 'operator', object: id });
    expect((await callApp(operator, 'GET /application-approvals?limit=100')).body.items).not.toContainEqual(
      expect.objectContaining({ app_id: id }),
    );
    await callApp(developer(), `DELETE /applications/${id}`);
  });
});

describe('allowing', () => {
  it('makes an integration of the tenant, with credentials and what was ticked', async () => {
    const id = await register({ rights: asking('issues:read', 'issues:write', 'users:read') });
    const answer = await allow(customer(), id, { rights: ['issues:read', 'users:read'], version: 1 });
    expect(answer.status).toBe(201);
    const { client_id } = answer.body;
    expect(answer.headers.Location).toBe(`/admin/v1/integrations/${client_id}`);
    expect(answer.body).toEqual({
      tenant: customer().tenant,
      client_id: expect.stringMatching(/^int_/),
      client_secret: expect.stringMatching(/^lks_/),
      rights: ['issues:read', 'users:read'].map((right) => ({ right, context: 'global', state: 'granted' })),
    });
    const integration = (await one(customer(), client_id, 'GET')).body;
    expect(integration).toMatchObject({ name: 'Issue mirror', owner: customer().subject, status: 'active' });
    expect(await granted(customer(), client_id)).toEqual(['issues:read', 'users:read']);
    expect(await list(customer())).toMatchObject([{ state: 'connected', accepted_version: 1, client_id }]);
    const sides = await connections(id);
    expect(sides).toHaveLength(2);
    expect(sides).toContainEqual({ tenant: customer().tenant, state: 'connected', accepted_version: 1 });
    expect(sides).toContainEqual({ tenant: other().tenant, state: 'offered' });
    expect(JSON.stringify(sides)).not.toContain(client_id);
  });

  it("is told in both logs, in the developer's without who it was", async () => {
    const id = await register();
    const { client_id } = (await allow(customer(), id)).body;
    expect(await auditedIn(scene(), customer())).toMatchObject([{ action: 'app.connected', object: client_id }]);
    const [told] = await auditedIn(scene(), developer());
    expect(told).toMatchObject({ action: 'connection.accepted', object: id, actor: customer().tenant });
    expect(JSON.stringify(told)).not.toContain(client_id);
    expect(JSON.stringify(told)).not.toContain(customer().subject);
  });

  it('leaves what the caller does not hold to somebody who does', async () => {
    const id = await register({ rights: asking('issues:read', 'users:read') });
    const modest = { ...customer(), rights: ['integrations:manage', 'issues:read'] };
    const { client_id, rights } = (await allow(modest, id)).body;
    expect(rights).toMatchObject([{ state: 'granted' }, { right: 'users:read', state: 'pending' }]);
    expect(await granted(customer(), client_id)).toEqual(['issues:read']);
    const told = (await auditedIn(scene(), customer())).find(({ action }) => action === 'right.requested');
    const waiting = { right: 'users:read', context: 'global', to: 'pending', requested_by: customer().subject };
    expect(told).toMatchObject({ object: client_id, changes: { rights: [waiting] } });
  });

  it('400: a right that it does not ask for; 409: a version that is not the latest, a name that is taken', async () => {
    const id = await register();
    expect(await allow(customer(), id, { rights: ['users:read'] })).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: '/rights/0' }] },
    });
    expect((await allow(customer(), id, { version: 2 })).status).toBe(409);
    const named = await call(customer(), 'POST /integrations', { name: 'issue MIRROR', rights: ['issues:read'] });
    expect((await allow(customer(), id)).status).toBe(409);
    expect(await stateOf(customer(), id)).toBe('offered');
    await one(customer(), named.body.client_id, 'DELETE');
    expect((await allow(customer(), id)).status).toBe(201);
  });

  it('of ten at once, exactly one connects', async () => {
    const id = await register();
    const answers = await Promise.all(Array.from({ length: 10 }, () => allow(customer(), id)));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(9);
    expect((await call(customer(), 'GET /integrations')).body.items).toHaveLength(1);
  });

  it('409: once connected and with nothing new, both to allow and to decline', async () => {
    const id = await register();
    await allow(customer(), id);
    expect((await allow(customer(), id)).status).toBe(409);
    expect((await decline(customer(), id)).status).toBe(409);
    expect(await stateOf(customer(), id)).toBe('connected');
  });
});

describe('declining', () => {
  it('makes no integration, is seen by the developer, and can be thought better of', async () => {
    const id = await register();
    expect(await decline(customer(), id)).toMatchObject({
      status: 200,
      body: { tenant: customer().tenant, state: 'declined' },
    });
    expect((await decline(customer(), id)).status).toBe(200);
    expect((await call(customer(), 'GET /integrations')).body.items).toEqual([]);
    expect(await list(customer())).toMatchObject([{ app_id: id, state: 'declined' }]);
    expect(await connections(id)).toContainEqual({ tenant: customer().tenant, state: 'declined' });
    expect(await actions(customer())).toEqual(['app.declined']);
    expect((await allow(customer(), id)).status).toBe(201);
    expect(await stateOf(customer(), id)).toBe('connected');
  });

  it('opens nothing by itself: once it is offered no longer, it is not found, until it is offered again', async () => {
    const id = await register();
    await decline(customer(), id);
    await publish(id, { tenants: [other().tenant] });
    expect(await list(customer())).toEqual([]);
    expect((await seen(customer(), id)).status).toBe(404);
    expect((await allow(customer(), id)).status).toBe(404);
    expect((await decline(customer(), id)).status).toBe(404);
    await publish(id, { tenants: [customer().tenant] });
    expect(await stateOf(customer(), id)).toBe('declined');
    expect((await allow(customer(), id)).status).toBe(201);
  });
});

describe('an application that is stopped', () => {
  it('by its developer stops in every tenant, for good', async () => {
    const id = await register();
    const ours = (await allow(customer(), id)).body.client_id;
    const theirs = (await allow(other(), id)).body.client_id;
    await callApp(developer(), `DELETE /applications/${id}`);
    expect(await granted(customer(), ours)).toEqual([]);
    expect(await granted(other(), theirs)).toEqual([]);
    expect(await stateOf(customer(), id)).toBe('disabled');
    expect((await one(customer(), ours, 'DELETE')).status).toBe(204);
    expect(await stateOf(customer(), id)).toBeUndefined();
    expect((await allow(customer(), id)).status).toBe(404);
    const operator = { ...(await newTenant(scene(), 'tenants:manage')), ofOperator: true };
    for (const how of ['ban', 'unban', 'approve'])
      expect((await callApp(operator, `POST /applications/${id}/${how}`)).status).toBe(409);
  });

  it('by the operator stops until it is let work again', async () => {
    const operator = { ...(await newTenant(scene(), 'tenants:manage')), ofOperator: true };
    const id = await register();
    const ours = (await allow(customer(), id)).body.client_id;
    expect((await callApp(customer(), `POST /applications/${id}/ban`)).status).toBe(403);
    expect((await callApp(operator, `POST /applications/${id}/ban`)).body.status).toBe('banned');
    expect(await granted(customer(), ours)).toEqual([]);
    expect(await stateOf(other(), id)).toBeUndefined();
    expect((await callApp(developer(), `PATCH /applications/${id}`, { name: 'Again' })).status).toBe(409);
    expect((await callApp(operator, `POST /applications/${id}/unban`)).body.status).toBe('published');
    expect(await granted(customer(), ours)).toEqual(['issues:read']);
    expect(await stateOf(other(), id)).toBe('offered');
    expect(await actions(operator)).toEqual(['application.unbanned', 'application.banned']);
  });
});
