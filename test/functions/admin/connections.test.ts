import { describe, expect, it } from 'vitest';
import { endpointReader } from '../../../src/adapters/dynamodb/endpoint.ts';
import { deviceCodeGrant } from '../../../src/entities/grant-type.ts';
import { allow, asking, countingIn, decline, list, one, seen, stateOf } from './application-calls.ts';
import { offering } from './applications-scene.ts';
import { auditedIn, call, newProjects, storedIntegration } from './scene.ts';

const { scene, developer, customer, other, register, publish, connections, granted, actions } = offering();

describe('a new version', () => {
  it('with more rights waits in each tenant until its administrator accepts the difference', async () => {
    const id = await register();
    const ours = (await allow(customer(), id)).body.client_id;
    const theirs = (await allow(other(), id)).body.client_id;
    await publish(id, { rights: asking('issues:read', 'users:read') });
    for (const [by, clientId] of [
      [customer(), ours],
      [other(), theirs],
    ] as const) {
      expect(await granted(by, clientId)).toEqual(['issues:read']);
      expect(await list(by)).toMatchObject([
        { state: 'awaiting_acceptance', version: 2, accepted_version: 1, added_rights: ['users:read'] },
      ]);
    }
    expect((await seen(customer(), id)).body.changes).toEqual({
      since: 1,
      added_rights: ['users:read'],
      removed_rights: [],
      accepted: {},
    });
    const accepted = await allow(customer(), id, { version: 2 });
    expect(accepted).toMatchObject({ status: 200, body: { client_id: ours } });
    expect(accepted.body).not.toHaveProperty('client_secret');
    expect(await granted(customer(), ours)).toEqual(['issues:read', 'users:read']);
    expect(await granted(other(), theirs)).toEqual(['issues:read']);
    expect(await stateOf(customer(), id)).toBe('connected');
    expect(await stateOf(other(), id)).toBe('awaiting_acceptance');
  });

  it('with fewer rights takes effect at once; what is asked for again waits again', async () => {
    const id = await register({ rights: asking('issues:read', 'users:read') });
    const { client_id } = (await allow(customer(), id)).body;
    await publish(id, { rights: asking('issues:read') });
    expect(await granted(customer(), client_id)).toEqual(['issues:read']);
    expect(await stateOf(customer(), id)).toBe('connected');
    expect((await seen(customer(), id)).body.changes.removed_rights).toEqual(['users:read']);

    await publish(id, { rights: asking('issues:read', 'users:read') });
    expect(await granted(customer(), client_id)).toEqual(['issues:read']);
    expect(await stateOf(customer(), id)).toBe('awaiting_acceptance');
    await allow(customer(), id, { rights: [] });
    expect(await granted(customer(), client_id)).toEqual(['issues:read']);
    expect(await stateOf(customer(), id)).toBe('connected');
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
      const { client_id } = (await allow(customer(), id)).body;
      const before = await storedIntegration(scene(), customer(), client_id);
      await publish(id, change);
      expect(await stateOf(customer(), id)).toBe('awaiting_acceptance');
      expect(await storedIntegration(scene(), customer(), client_id)).toEqual(before);
      expect(Object.keys((await seen(customer(), id)).body.changes.accepted)).toEqual([member]);
      expect((await allow(customer(), id)).status).toBe(200);
      expect(await stateOf(customer(), id)).toBe('connected');
      const { body } = await one(customer(), client_id, 'GET');
      const isShown = ['name', 'redirect_uris', 'grant_types'].includes(member);
      if (isShown) expect(body).toMatchObject(change);
      const endpoint = await endpointReader(scene().embedded.table).get(customer().tenant, client_id);
      expect(endpoint?.uri).toBe(member === 'endpoint' ? 'https://mirror.example/hook' : undefined);
    },
  );

  it('with another description or reason alone waits for nobody', async () => {
    const id = await register();
    await allow(customer(), id);
    await publish(id, { description: 'Copies', rights: [{ right: 'issues:read', reason: 'because' }] });
    expect(await list(customer())).toMatchObject([{ state: 'connected', version: 2, accepted_version: 1 }]);
  });

  it('that is declined leaves the connection as it is, and is not asked again; the next one is', async () => {
    const id = await register();
    const { client_id } = (await allow(customer(), id)).body;
    await publish(id, { rights: asking('issues:read', 'users:read') });
    expect(await decline(customer(), id)).toMatchObject({ status: 200, body: { state: 'connected' } });
    expect(await stateOf(customer(), id)).toBe('connected');
    expect(await granted(customer(), client_id)).toEqual(['issues:read']);
    await publish(id, { description: 'Copies' });
    expect(await stateOf(customer(), id)).toBe('connected');
    await publish(id, { rights: asking('issues:read', 'users:read', 'boards:read') });
    expect(await stateOf(customer(), id)).toBe('awaiting_acceptance');
    expect(await list(customer())).toMatchObject([{ added_rights: ['users:read', 'boards:read'] }]);
    expect((await allow(customer(), id, { rights: ['users:read'] })).status).toBe(200);
    expect(await granted(customer(), client_id)).toEqual(['issues:read', 'users:read']);
  });

  it('brings no right back that was revoked or taken away here', async () => {
    const id = await register({ rights: asking('issues:read', 'users:read') });
    const { client_id } = (await allow(customer(), id)).body;
    await one(customer(), client_id, 'PUT /rights', { rights: ['issues:read'] });
    await publish(id, { rights: asking('issues:read', 'users:read', 'boards:read') });
    const modest = { ...customer(), rights: ['integrations:manage'] };
    await allow(modest, id);
    expect(await granted(customer(), client_id)).toEqual(['issues:read']);
  });

  it('403: that changes where tokens go is accepted by nobody who may not have them', async () => {
    const id = await register();
    const { client_id } = (await allow(customer(), id)).body;
    await publish(id, { redirect_uris: ['https://mirror.example/other'] });
    const modest = { ...customer(), subject: 'usr_modest', rights: ['integrations:manage'] };
    expect(await allow(modest, id)).toMatchObject({ status: 403, body: { missing_rights: ['issues:read'] } });
    expect((await actions(customer()))[0]).toBe('app.refused');
    expect((await allow({ ...modest, rights: ['integrations:manage', 'issues:read'] }, id)).status).toBe(200);
    expect((await storedIntegration(scene(), customer(), client_id))?.redirectUris).toEqual([
      'https://mirror.example/other',
    ]);
  });

  it('tells the log of what waits for somebody who holds it', async () => {
    const id = await register();
    const { client_id } = (await allow(customer(), id)).body;
    await publish(id, { rights: asking('issues:read', 'users:read') });
    await allow({ ...customer(), rights: ['integrations:manage'] }, id);
    const [told] = (await auditedIn(scene(), customer())).filter(({ action }) => action === 'right.requested');
    expect(told).toMatchObject({ object: client_id, changes: { rights: [{ right: 'users:read', to: 'pending' }] } });
  });

  it('of ten acceptances at once, exactly one accepts', async () => {
    const id = await register();
    await allow(customer(), id);
    await publish(id, { rights: asking('issues:read', 'users:read') });
    const answers = await Promise.all(Array.from({ length: 10 }, () => allow(customer(), id)));
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
    const { client_id } = (await allow(customer(), id)).body;
    const before = await storedIntegration(scene(), customer(), client_id);
    const answer = await one(customer(), client_id, request, body);
    expect(answer.status).toBe(409);
    expect(await storedIntegration(scene(), customer(), client_id)).toEqual(before);
    const own = await call(customer(), 'POST /integrations', { name: 'Of our own', rights: ['issues:read'] });
    expect((await one(customer(), own.body.client_id, request, body)).status).toBe(200);
  });

  it('409: is not given a right in a project beyond the accepted version; one of it may be asked for there', async () => {
    const id = await register({ rights: asking('issues:read', 'users:read') });
    const { client_id } = (await allow(customer(), id, { rights: ['users:read'] })).body;
    await newProjects(scene(), customer(), 'PRJ');
    const ask = (...rights: readonly string[]) =>
      one(customer(), client_id, 'POST /projects', { projects: ['PRJ'], rights });
    expect((await ask('boards:read')).status).toBe(409);
    expect((await ask('issues:read')).status).toBe(200);
    const inProject = async () => (await countingIn(scene(), customer(), client_id))?.projectGrants?.listed;
    expect(await inProject()).toEqual({ PRJ: ['issues:read'] });
    await publish(id, { rights: asking('users:read') });
    expect(await inProject()).toEqual({});
  });

  it('is described, gets secrets and rights of the accepted version, and has its tokens revoked', async () => {
    const id = await register({ rights: asking('issues:read', 'users:read') });
    const { client_id } = (await allow(customer(), id, { rights: ['issues:read'] })).body;
    expect((await one(customer(), client_id, 'PATCH', { description: 'Ours' })).status).toBe(200);
    expect((await one(customer(), client_id, 'POST /secrets', {})).status).toBe(201);
    expect((await one(customer(), client_id, 'PUT /rights', { rights: ['users:read'] })).status).toBe(200);
    expect((await one(customer(), client_id, 'POST /revoke-tokens')).status).toBe(204);
    expect(await granted(customer(), client_id)).toEqual(['users:read']);
  });

  it('is paused and restored, which both sides see, and which no other tenant feels', async () => {
    const id = await register();
    const { client_id } = (await allow(customer(), id)).body;
    const theirs = (await allow(other(), id)).body.client_id;
    await one(customer(), client_id, 'POST /disable');
    expect(await stateOf(customer(), id)).toBe('disabled');
    expect(await connections(id)).toContainEqual({ tenant: customer().tenant, state: 'disabled', accepted_version: 1 });
    expect(await granted(customer(), client_id)).toEqual([]);
    expect(await granted(other(), theirs)).toEqual(['issues:read']);
    await one(customer(), client_id, 'POST /enable');
    expect(await stateOf(customer(), id)).toBe('connected');
    expect((await actions(developer())).slice(0, 2)).toEqual(['connection.enabled', 'connection.disabled']);
  });

  it('is deleted to disconnect, and the application is offered again', async () => {
    const id = await register();
    const { client_id } = (await allow(customer(), id)).body;
    expect((await one(customer(), client_id, 'DELETE')).status).toBe(204);
    expect(await list(customer())).toMatchObject([{ state: 'offered' }]);
    expect(await connections(id)).toContainEqual({ tenant: customer().tenant, state: 'offered' });
    expect((await actions(developer()))[0]).toBe('connection.deleted');
    expect((await allow(customer(), id)).status).toBe(201);
  });

  it('stays when the application is no longer offered to its tenant', async () => {
    const id = await register();
    const { client_id } = (await allow(customer(), id)).body;
    await publish(id, { tenants: [] });
    expect(await stateOf(other(), id)).toBeUndefined();
    expect(await stateOf(customer(), id)).toBe('connected');
    expect(await granted(customer(), client_id)).toEqual(['issues:read']);
  });
});
