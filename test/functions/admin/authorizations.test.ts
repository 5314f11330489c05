import { describe, expect, it } from 'vitest';
import { integrationStore } from '../../../src/adapters/dynamodb/integration-store.ts';
import { rightNames } from '../../../src/api/rights.ts';
import { ask, create, decide, inbox, rights, statesOf } from './authorizations-calls.ts';
import { administrator, projectAdministrator, registrar, scene, somebody, withPeople } from './authorizations-scene.ts';
import { auditedIn, call, newTenant, storedIntegration } from './scene.ts';

withPeople();

const globally = { context: 'global', rights: ['users:read'] };
const inProject = { project: 'PRJ', rights: ['issues:read'] };

describe('a decision', () => {
  it('grants, declines and revokes; each right shows who decided, when, and the comment', async () => {
    const id = await create(['users:read', 'users:manage', 'boards:read']);
    const by = administrator();
    const decided = await decide(by, id, { ...globally, decision: 'grant', comment: 'Agreed.' });
    expect(decided).toMatchObject({ status: 200 });
    expect(decided.body.items).toEqual([
      {
        right: 'users:read',
        context: 'global',
        state: 'granted',
        requested_by: registrar().subject,
        requested_at: expect.any(String),
        decided_by: by.subject,
        decided_at: expect.any(String),
        comment: 'Agreed.',
      },
    ]);
    await decide(by, id, {
      context: 'global',
      rights: ['users:manage'],
      decision: 'decline',
      comment: 'Not this one.',
    });
    await decide(by, id, { context: 'global', rights: ['boards:read'], decision: 'revoke' });
    expect(statesOf(await rights(id))).toEqual([
      'boards:read everywhere: revoked',
      'users:manage everywhere: declined',
      'users:read everywhere: granted',
    ]);
    expect((await rights(id)).body.items).toContainEqual(decided.body.items[0]);
    expect(statesOf(await inbox(by))).toEqual([]);
  });

  it("in a project is its administrator's, and one of the tenant's", async () => {
    const id = await create();
    await ask(id, ['PRJ', 'OTHER'], ['issues:read']);
    expect((await decide(projectAdministrator('PRJ'), id, { ...inProject, decision: 'grant' })).status).toBe(200);
    const other = { context: { project: 'OTHER' }, rights: ['issues:read'], decision: 'grant' };
    expect((await decide(administrator(), id, other)).status).toBe(200);
    expect((await storedIntegration(scene(), registrar(), id))?.projectGrants).toEqual({
      count: 2,
      listed: { PRJ: ['issues:read'], OTHER: ['issues:read'] },
    });
  });

  it.each([
    [
      'authorizations:decide, held elsewhere',
      { PRJ: ['issues:read'], OTHER: ['authorizations:decide'] },
      ['authorizations:decide'],
    ],
    ['the right, held elsewhere', { PRJ: ['authorizations:decide'], OTHER: ['issues:read'] }, ['issues:read']],
    ['both', { OTHER: ['authorizations:decide', 'issues:read'] }, ['authorizations:decide', 'issues:read']],
  ])('403: without %s', async (_, projectRights, missing) => {
    const id = await create();
    await ask(id, ['PRJ'], ['issues:read']);
    for (const decision of ['grant', 'decline', 'revoke']) {
      const refused = await decide(somebody([], projectRights), id, { ...inProject, decision });
      expect(refused).toMatchObject({ status: 403, body: { missing_rights: missing } });
    }
    expect(statesOf(await rights(id))).toContain('issues:read in PRJ: pending');
    const refusals = (await auditedIn(scene(), registrar())).filter(({ action }) => action === 'authorization.refused');
    expect(refusals.map(({ object }) => object)).toEqual([id, id, id]);
  });

  it('403: a project that there is not is as one in which nothing is held', async () => {
    const id = await create();
    for (const project of ['PRJ', 'NONE'])
      expect(
        await decide(projectAdministrator('OTHER'), id, { project, rights: ['issues:read'], decision: 'grant' }),
      ).toMatchObject({ status: 403, body: { missing_rights: ['authorizations:decide', 'issues:read'] } });
  });

  it('404: a project that there is not, to who decides in every one', async () => {
    const id = await create();
    for (const decision of ['grant', 'decline', 'revoke']) {
      const body = { project: 'NONE', rights: ['issues:read'], decision };
      expect((await decide(administrator(), id, body)).status).toBe(404);
      expect((await decide(administrator(), id, { ...body, project: 'PRJ' })).status).toBe(409);
    }
  });

  it("403: on one's own rights, and on those of an integration that the calling one owns", async () => {
    const id = await create(['users:read']);
    const as = (clientId: string, subject = clientId) => ({ ...administrator(), clientId, subject });
    for (const by of [as(id), as(id, 'usr_of_it'), as(registrar().clientId), as(registrar().clientId, 'usr_of_it')])
      expect((await decide(by, id, { ...globally, decision: 'grant' })).status).toBe(403);
    expect(statesOf(await rights(id))).toEqual(['users:read everywhere: pending']);
    const owner = { ...administrator(), subject: registrar().subject };
    expect((await decide(owner, id, { ...globally, decision: 'grant' })).status).toBe(200);
  });

  it('on several rights is one: where one of them does not wait, none is decided', async () => {
    const id = await create(['users:read', 'users:manage', 'boards:read']);
    const both = { context: 'global', decision: 'grant' };
    const refused = await decide(administrator(), id, { ...both, rights: ['users:read', 'boards:read'] });
    expect(refused).toMatchObject({ status: 409, body: { decided_by: registrar().subject } });
    expect(refused.body.detail).toContain(registrar().subject);
    expect(statesOf(await rights(id))).toContain('users:read everywhere: pending');
    expect((await decide(administrator(), id, { ...both, rights: ['users:read', 'users:manage'] })).status).toBe(200);
  });

  it.each(['grant', 'decline'])('409: to %s what was decided, naming who did', async (decision) => {
    const id = await create(['users:read']);
    const first = administrator();
    await decide(first, id, { ...globally, decision: 'decline' });
    expect(await decide(administrator(), id, { ...globally, decision })).toMatchObject({
      status: 409,
      body: { decided_by: first.subject, detail: `users:read was declined by ${first.subject}.` },
    });
  });

  it('409: to revoke what is not granted, and to decide on what was not asked for', async () => {
    const id = await create(['users:read']);
    expect((await decide(administrator(), id, { ...globally, decision: 'revoke' })).status).toBe(409);
    for (const body of [{ context: 'global', rights: ['audit:read'] }, inProject])
      expect((await decide(administrator(), id, { ...body, decision: 'grant' })).status).toBe(409);
  });

  it.each([
    ['no context', { rights: ['users:read'], decision: 'grant' }, '/context'],
    ['two contexts', { ...inProject, context: 'global', decision: 'grant' }, '/context'],
    ['another context', { context: 'PRJ', rights: ['issues:read'], decision: 'grant' }, '/context'],
    ['no key of a project', { project: 'prj', rights: ['issues:read'], decision: 'grant' }, '/project'],
    ['no rights', { context: 'global', rights: [], decision: 'grant' }, '/rights'],
    ['an unknown right', { context: 'global', rights: ['moons:read'], decision: 'grant' }, '/rights/0'],
    ["the operator's own", { context: 'global', rights: ['tenants:manage'], decision: 'grant' }, '/rights/0'],
    ['another decision', { ...globally, decision: 'approve' }, '/decision'],
    ['a comment of several lines', { ...globally, decision: 'grant', comment: 'a\nb' }, '/comment'],
    ['an unknown member', { ...globally, decision: 'grant', state: 'granted' }, '/state'],
  ])('400: %s', async (_, body, pointer) => {
    const id = await create(['users:read']);
    const refused = await decide(administrator(), id, body);
    expect(refused.status).toBe(400);
    expect(refused.body.errors.map((error: { pointer: string }) => error.pointer)).toContain(pointer);
  });

  it("404: another tenant's integration, and none", async () => {
    const id = await create(['users:read']);
    const other = await newTenant(scene(), ...rightNames);
    for (const named of [id, `${id.slice(0, -1)}0`, 'self', 'x'])
      expect((await decide(other, named, { ...globally, decision: 'grant' })).status).toBe(404);
    expect(statesOf(await rights(id))).toEqual(['users:read everywhere: pending']);
  });

  it('409: that would take the last manager', async () => {
    const keys = ['integrations:manage', 'users:manage'];
    const { body } = await call(somebody(keys), 'POST /integrations', { name: 'Manager', rights: keys });
    const revoke = { context: 'global', rights: ['users:manage'], decision: 'revoke' };
    expect((await decide(administrator(), body.client_id, revoke)).status).toBe(200);
    const { tenant } = registrar();
    const second = (await call(somebody(keys), 'POST /integrations', { name: 'Second', rights: keys })).body.client_id;
    await scene().embedded.table.transact([
      { update: { pk: `TENANT#${tenant}#`, sk: 'TENANT' }, expression: 'SET managers = :one', values: { ':one': 1 } },
    ]);
    expect((await decide(administrator(), second, revoke)).status).toBe(409);
  });

  it('is told to the log: what, where, from which state to which, and who asked', async () => {
    const id = await create();
    await ask(id, ['PRJ'], ['issues:read']);
    const by = projectAdministrator('PRJ');
    await decide(by, id, { ...inProject, decision: 'grant', comment: 'Agreed.' });
    await decide(by, id, { ...inProject, decision: 'revoke' });
    const events = (await auditedIn(scene(), registrar())).filter(({ action }) => action.startsWith('right.'));
    const context = { project: 'PRJ' };
    const requested_by = registrar().subject;
    expect(events.map(({ action, actor, object, changes }) => ({ action, actor, object, changes }))).toEqual([
      {
        action: 'right.revoked',
        actor: by.subject,
        object: id,
        changes: { rights: [{ right: 'issues:read', context, from: 'granted', to: 'revoked', requested_by }] },
      },
      {
        action: 'right.granted',
        actor: by.subject,
        object: id,
        changes: {
          rights: [{ right: 'issues:read', context, from: 'pending', to: 'granted', requested_by }],
          comment: 'Agreed.',
        },
      },
      {
        action: 'right.requested',
        actor: registrar().subject,
        object: id,
        changes: { rights: [{ right: 'issues:read', context, to: 'pending', requested_by }] },
      },
    ]);
    expect(events[0]?.via).toMatchObject({ clientId: by.clientId });
  });
});

describe("the app's endpoint", () => {
  const outgoing = async (id: string) => {
    const partition = `OUTGOING_EVENT#${registrar().tenant}#${id}#`;
    const { items } = await scene().embedded.table.query({ partition });
    return items.map(({ type, sequence, data }) => ({ type, sequence, data }));
  };

  it('is told of what was granted, declined and revoked, in the order of the changes', async () => {
    const id = await create(['users:read', 'users:manage']);
    const before = await storedIntegration(scene(), registrar(), id);
    if (before === undefined) throw new Error('not created');
    await integrationStore(scene().embedded.table).update(before, { ...before, endpoint: {} }, { events: [] });
    const by = administrator();
    await decide(by, id, { ...globally, decision: 'grant' });
    await decide(by, id, { context: 'global', rights: ['users:manage'], decision: 'decline' });
    await ask(id, ['PRJ'], ['issues:read', 'boards:read']);
    await decide(by, id, { ...globally, decision: 'revoke' });
    const about = (right: string, context: unknown = 'global') => ({ rights: [{ right, context }] });
    expect(await outgoing(id)).toEqual([
      { type: 'right.authorized', sequence: 3, data: about('users:read') },
      { type: 'right.declined', sequence: 4, data: about('users:manage') },
      { type: 'right.authorized', sequence: 5, data: about('boards:read', { project: 'PRJ' }) },
      { type: 'right.revoked', sequence: 6, data: about('users:read') },
    ]);
  });

  it('that there is none of is told nothing', async () => {
    const id = await create(['users:read']);
    await decide(administrator(), id, { ...globally, decision: 'grant' });
    expect(await outgoing(id)).toEqual([]);
  });
});
