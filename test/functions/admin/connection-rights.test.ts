import { describe, expect, it } from 'vitest';
import { allow, asking, countingIn, one, seen, stateOf } from './application-calls.ts';
import { all, offering } from './applications-scene.ts';
import { call, newProjects } from './scene.ts';

const { scene, customer, register, publish, granted } = offering();

const connected = async (id: string, more?: object): Promise<string> =>
  (await allow(customer(), id, more)).body.client_id;
const inProjects = async (clientId: string) => (await countingIn(scene(), customer(), clientId))?.projectGrants?.listed;
const askedIn = (clientId: string, project: string, ...rights: readonly string[]) =>
  one(customer(), clientId, 'POST /projects', { projects: [project], rights });

describe('a right that a version drops', () => {
  it('revives in no project where a later version asks for it again, unless it is asked for there again', async () => {
    const id = await register({ rights: asking('issues:read', 'users:read') });
    const clientId = await connected(id);
    await newProjects(scene(), customer(), 'PRJ');
    expect((await askedIn(clientId, 'PRJ', 'issues:read')).status).toBe(200);
    await publish(id, { rights: asking('users:read') });
    await publish(id, { rights: asking('users:read', 'issues:read', 'boards:read') });
    expect((await allow(customer(), id, { rights: [], version: 3 })).status).toBe(200);
    expect(await granted(customer(), clientId)).toEqual(['users:read']);
    expect(await inProjects(clientId)).toEqual({});
    const { items } = (await one(customer(), clientId, 'GET /rights')).body;
    expect(items).toMatchObject([{ right: 'users:read', context: 'global' }]);

    const again = await askedIn(clientId, 'PRJ', 'issues:read');
    expect(again.body.items).toMatchObject([{ right: 'issues:read', context: { project: 'PRJ' }, state: 'granted' }]);
    expect(await inProjects(clientId)).toEqual({ PRJ: ['issues:read'] });
  });

  it('is shown no more, neither as granted nor as waiting, and nobody decides on it', async () => {
    const id = await register({ rights: asking('issues:read', 'users:manage') });
    const clientId = await connected(id);
    const decider = {
      ...customer(),
      clientId: 'int_decider',
      rights: [...all, 'authorizations:decide', 'users:manage'],
    };
    const inbox = async () => (await call(decider, 'GET /authorizations?state=pending')).body.items;
    const decide = (right: string, decision: string) =>
      call(decider, `POST /integrations/${clientId}/authorizations`, { context: 'global', rights: [right], decision });
    expect(await inbox()).toMatchObject([{ client_id: clientId, right: 'users:manage', state: 'pending' }]);

    await publish(id, { rights: asking('boards:read') });
    expect(await inbox()).toEqual([]);
    expect((await one(customer(), clientId, 'GET /rights')).body.items).toEqual([]);
    expect((await one(customer(), clientId, 'GET')).body).toMatchObject({ rights: [], access: {} });
    expect(await decide('users:manage', 'grant')).toMatchObject({ status: 409 });
    expect(await decide('issues:read', 'revoke')).toMatchObject({ status: 409 });

    await publish(id, { rights: asking('issues:read', 'users:manage') });
    await allow(customer(), id);
    expect(await inbox()).toMatchObject([{ right: 'users:manage' }]);
    expect((await decide('users:manage', 'grant')).status).toBe(200);
    expect((await decide('issues:read', 'revoke')).status).toBe(200);
    expect(await granted(customer(), clientId)).toEqual(['users:manage']);
  });

  it('leaves what it included where a version asks for that alone', async () => {
    const id = await register({ rights: asking('issues:write') });
    const clientId = await connected(id);
    await newProjects(scene(), customer(), 'PRJ');
    expect((await askedIn(clientId, 'PRJ', 'issues:write')).status).toBe(200);
    await publish(id, { rights: asking('issues:read') });
    expect(await granted(customer(), clientId)).toEqual(['issues:read']);
    expect(await inProjects(clientId)).toEqual({ PRJ: ['issues:read'] });
    expect((await seen(customer(), id)).body).toMatchObject({ state: 'connected', added_rights: [] });
    expect((await one(customer(), clientId, 'GET')).body.rights).toEqual([
      { right: 'issues:read', context: 'global', state: 'granted' },
      { right: 'issues:read', context: { project: 'PRJ' }, state: 'granted' },
    ]);
  });

  it('leaves what it included as it stands, whoever names that again', async () => {
    const id = await register({ rights: asking('issues:write') });
    const clientId = await connected(id);
    await publish(id, { rights: asking('issues:read') });
    const modest = { ...customer(), clientId: 'int_modest', rights: ['integrations:manage'] };
    expect((await one(modest, clientId, 'PUT /rights', { rights: ['issues:read'] })).body.items).toMatchObject([
      { right: 'issues:read', state: 'granted' },
    ]);
    expect(await granted(customer(), clientId)).toEqual(['issues:read']);
  });

  it('409: is not asked for through the integration, in any context', async () => {
    const id = await register({ rights: asking('issues:read', 'boards:read') });
    const clientId = await connected(id, { rights: ['issues:read'] });
    const administrator = { ...customer(), rights: [...all, 'boards:read'] };
    await newProjects(scene(), customer(), 'PRJ');
    const asked = async () => [
      (await one(administrator, clientId, 'PUT /rights', { rights: ['issues:read', 'boards:read'] })).status,
      (await one(administrator, clientId, 'PATCH', { rights: ['issues:read', 'boards:read'] })).status,
      (await one(administrator, clientId, 'POST /projects', { projects: ['PRJ'], rights: ['boards:read'] })).status,
    ];
    expect(await asked()).toEqual([200, 200, 200]);
    await publish(id, { rights: asking('issues:read') });
    expect(await asked()).toEqual([409, 409, 409]);
    await publish(id, { name: 'Another mirror' });
    await allow(customer(), id);
    expect(await asked()).toEqual([409, 409, 409]);
    expect(await inProjects(clientId)).toEqual({});
  });

  it.each([
    ['grant', 'granted'],
    ['decline', 'declined'],
  ])('lets what it included and what waits by itself be decided on: %s', async (decision, state) => {
    const id = await register({ rights: asking('issues:write', 'issues:read') });
    const modest = { ...customer(), rights: ['integrations:manage'] };
    const clientId = (await allow(modest, id)).body.client_id;
    const decider = { ...customer(), clientId: 'int_decider', rights: [...all, 'authorizations:decide'] };
    const decide = (right: string, how: string) =>
      call(decider, `POST /integrations/${clientId}/authorizations`, {
        ...{ context: 'global', rights: [right], decision: how },
      });
    expect((await decide('issues:write', 'grant')).status).toBe(200);
    await publish(id, { rights: asking('issues:read') });
    const waiting = async () => (await call(decider, 'GET /authorizations?state=pending')).body.items;
    expect(await waiting()).toMatchObject([{ right: 'issues:read' }]);
    expect((await decide('issues:read', decision)).body.items).toMatchObject([{ right: 'issues:read', state }]);
    expect(await waiting()).toEqual([]);
    expect(await granted(customer(), clientId)).toEqual(decision === 'grant' ? ['issues:read'] : []);
  });
});

describe('a version that asks for more of the same', () => {
  it('leaves the connection at what was accepted until it is accepted', async () => {
    const id = await register({ rights: asking('issues:read') });
    const clientId = await connected(id);
    await publish(id, { rights: asking('issues:write') });
    expect(await granted(customer(), clientId)).toEqual(['issues:read']);
    expect((await seen(customer(), id)).body).toMatchObject({
      ...{ state: 'awaiting_acceptance', rights: [{ right: 'issues:write' }], added_rights: ['issues:write'] },
    });
    expect((await allow(customer(), id)).status).toBe(200);
    expect((await granted(customer(), clientId)).toSorted()).toEqual(['issues:read', 'issues:write']);
    expect(await stateOf(customer(), id)).toBe('connected');
  });
});

describe('a connection', () => {
  it('may be given less than was accepted, where that is included', async () => {
    const id = await register({ rights: asking('issues:write') });
    const clientId = await connected(id);
    expect((await one(customer(), clientId, 'PUT /rights', { rights: ['issues:read'] })).status).toBe(200);
    expect(await granted(customer(), clientId)).toEqual(['issues:read']);
    expect((await one(customer(), clientId, 'PUT /rights', { rights: ['users:read'] })).status).toBe(409);
  });
});
