import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { handler as projectsHandler } from '../../../functions/admin/projects.ts';
import { handler } from '../../../functions/admin/users.ts';
import { auditEventStore } from '../../../src/adapters/dynamodb/audit-event.ts';
import { tenantItem } from '../../../src/adapters/dynamodb/tenant.ts';
import { rightNames } from '../../../src/api/rights.ts';
import type { AuthorizerContext } from '../../../src/oauth/access-token/context.ts';
import type { EmbeddedTable } from '../../src/adapters/dynamodb/embedded-table.ts';
import { callHandler, deployTable, newCaller } from '../deployment.ts';

const send = callHandler(handler);
const sendToProjects = callHandler(projectsHandler);

let embedded: EmbeddedTable;
beforeAll(async () => {
  embedded = await deployTable();
});
afterAll(() => embedded.close());

const ofTenant = rightNames.filter((right) => right !== 'tenants:manage');

let caller: AuthorizerContext;
beforeEach(async () => {
  caller = newCaller(...ofTenant);
  await embedded.table.put(tenantItem({ tenant: caller.tenant, name: 'Tenant', operator: false, managers: 1 }));
  await sendToProjects('POST /v1/projects', { caller, body: { key: 'PRJ', name: 'A project' } });
});

const ada = { username: 'ada', email: 'ada@example.com', name: 'Ada Lovelace', roles: ['member'] };
const projectAdministrator = { role: 'project_administrator', project: 'PRJ' };
const create = (more: object = {}, by = caller) => send('POST /v1/users', { caller: by, body: { ...ada, ...more } });
const list = (query?: Record<string, string>) => send('GET /v1/users', { caller, ...(query && { query }) });
const read = (id: string) => send('GET /v1/users/{user_id}', { caller, path: { user_id: id } });
const remove = (id: string, by = caller) => send('DELETE /v1/users/{user_id}', { caller: by, path: { user_id: id } });
const holding = (...rights: readonly string[]): AuthorizerContext => ({ ...caller, rights });

describe('200, 201 and 204', () => {
  it('a user is created, read, listed and deleted, its username and email free again', async () => {
    const created = await create();
    expect(created.status).toBe(201);
    const { password_link, ...user } = created.body;
    expect(user).toEqual({ id: expect.stringMatching(/^usr_\w{22}$/), ...ada, status: 'active' });
    expect(password_link).toMatch(/^https:\/\/one\.example\/auth\/t\/ten_\w{16}\/set-password\?link=lkl_\w{71}$/);
    expect(created.headers.Location).toBe(`/admin/v1/users/${created.body.id}`);
    expect(await read(created.body.id)).toMatchObject({ status: 200, body: user });
    expect((await list()).body).toEqual({ items: [user] });
    expect(await remove(created.body.id)).toMatchObject({ status: 204, body: undefined });
    expect((await list()).body).toEqual({ items: [] });
    expect((await create()).status).toBe(201);
  });

  it('creation and deletion are told of in the audit log', async () => {
    const { id } = (await create()).body;
    await remove(id);
    const { items } = await auditEventStore(embedded.table).list(caller.tenant, { object: id }, { limit: 10 });
    expect(items).toMatchObject([
      { action: 'user.deleted', actor: caller.subject },
      { action: 'user.created', actor: caller.subject, changes: { username: 'ada', roles: ['member'] } },
    ]);
  });

  it('a list is in the order of usernames and costs one query a page', async () => {
    for (const username of ['Cleo', 'ada', 'Bob']) await create({ username, email: `${username}@example.com` });
    embedded.calls();
    const first = await list({ limit: '2' });
    expect(embedded.calls().Query).toBe(1);
    const names = (answer: typeof first) => answer.body.items.map((user: { username: string }) => user.username);
    expect(names(first)).toEqual(['ada', 'Bob']);
    expect(names(await list({ limit: '2', cursor: first.body.next_cursor }))).toEqual(['Cleo']);
  });
});

describe('400', () => {
  it.each([
    [{ username: '' }, '/username'],
    [{ username: 'a b' }, '/username'],
    [{ username: '.ada' }, '/username'],
    [{ username: 'a\u200Dda' }, '/username'],
    [{ username: 'x'.repeat(65) }, '/username'],
    [{ username: 7 }, '/username'],
    [{ email: 'ada' }, '/email'],
    [{ email: `${'x'.repeat(250)}@example.com` }, '/email'],
    [{ name: ' ' }, '/name'],
    [{ name: '\u200B\u2060' }, '/name'],
    [{ name: 'Ada \u202Emoc.elpmaxe' }, '/name'],
    [{ name: 'Ada\u2066' }, '/name'],
    [{ roles: [] }, '/roles'],
    [{ roles: ['owner'] }, '/roles/0'],
    [{ roles: ['member', 'member'] }, '/roles'],
    [{ roles: [projectAdministrator, { project: 'PRJ', role: 'project_administrator' }] }, '/roles'],
    [{ roles: [{ role: 'administrator', project: 'PRJ' }] }, '/roles/0'],
    [{ roles: [{ role: 'project_administrator', project: 'NONE' }] }, '/roles/0/project'],
    [{ status: 'active' }, '/status'],
    [{ id: 'usr_1' }, '/id'],
    [{ password: 'Correct horse battery' }, '/password'],
  ])('%j names %s, and nothing is written', async (fault, pointer) => {
    expect(await create(fault)).toMatchObject({ status: 400, body: { errors: [{ pointer }] } });
    expect((await list()).body.items).toEqual([]);
  });

  it.each([{ username: 'Žofie-1_2.3' }, { username: '和子' }, { roles: ['developer', projectAdministrator] }])(
    'is not the answer to %j',
    async (more) => {
      expect((await create(more)).status).toBe(201);
    },
  );
});

describe('403', () => {
  it('names each right of the role that the caller does not hold, and nothing is written', async () => {
    const answer = await create({}, holding('users:manage', ...ofTenant.filter((right) => right !== 'boards:read')));
    expect(answer.status).toBe(201);
    await remove(answer.body.id);
    const short = holding(...ofTenant.filter((right) => right !== 'users:read' && !right.startsWith('boards:')));
    expect(await create({}, short)).toMatchObject({
      status: 403,
      body: { missing_rights: ['boards:read', 'users:read'] },
    });
    expect((await list()).body.items).toEqual([]);
  });

  it('is the answer to naming an administrator without every right of the tenant', async () => {
    expect((await create({ roles: ['administrator'] })).status).toBe(201);
    const short = holding(...ofTenant.filter((right) => right !== 'audit:read'));
    const second = { roles: ['administrator'], username: 'bob', email: 'bob@example.com' };
    expect(await create(second, short)).toMatchObject({ status: 403, body: { missing_rights: ['audit:read'] } });
  });

  it("names tenants:manage for an administrator of the operator's tenant", async () => {
    const administrator = { roles: ['administrator'] };
    const refused = { status: 403, body: { missing_rights: ['tenants:manage'] } };
    expect(await create(administrator, { ...caller, ofOperator: true })).toMatchObject(refused);
    expect((await create(administrator, { ...holding(...rightNames), ofOperator: true })).status).toBe(201);
  });

  it("is the answer to naming a project's administrator without that role's rights there", async () => {
    const globally = ofTenant.filter((right) => right !== 'authorizations:decide');
    const body = { roles: [projectAdministrator] };
    const refused = { status: 403, body: { missing_rights: ['authorizations:decide'] } };
    expect(await create(body, holding(...globally))).toMatchObject(refused);
    const elsewhere = { ...holding(...globally), projectRights: { OTHER: ['authorizations:decide'] } };
    expect(await create(body, elsewhere)).toMatchObject(refused);
    const there = { ...holding(...globally), projectRights: { PRJ: ['authorizations:decide'] } };
    expect((await create(body, there)).status).toBe(201);
  });

  it('is the answer to deleting who holds more, who stays', async () => {
    const { id } = (await create({ roles: ['developer'] })).body;
    const short = holding(...ofTenant.filter((right) => right !== 'applications:manage'));
    expect(await remove(id, short)).toMatchObject({ status: 403, body: { missing_rights: ['applications:manage'] } });
    expect((await read(id)).status).toBe(200);
    expect((await remove(id)).status).toBe(204);
  });

  it('is the answer to deleting oneself', async () => {
    const { id } = (await create()).body;
    expect((await remove(id, { ...caller, subject: id })).status).toBe(403);
    expect((await read(id)).status).toBe(200);
  });
});

describe('404', () => {
  it.each(['usr_1', 'ada', 'usr_0000000000000000000000', 'USR_0000000000000000000000', '#'])(
    'is the answer to %s',
    async (id) => {
      expect((await read(id)).status).toBe(404);
      expect((await remove(id)).status).toBe(404);
    },
  );

  it("is the answer to another tenant's user, who stays", async () => {
    const { id } = (await create()).body;
    const owner = caller;
    caller = newCaller(...ofTenant);
    expect((await read(id)).status).toBe(404);
    expect((await remove(id)).status).toBe(404);
    caller = owner;
    expect((await read(id)).status).toBe(200);
  });
});

describe('409', () => {
  it.each([
    [{ username: 'ADA', email: 'other@example.com' }, 'username'],
    [{ username: 'ａｄａ', email: 'other@example.com' }, 'username'],
    [{ username: 'other', email: 'Ada@Example.com' }, 'email'],
  ])('%j says which is taken, and nothing is written', async (more, which) => {
    await create();
    const answer = await create(more);
    expect(answer.status).toBe(409);
    expect(answer.body.detail).toContain(which);
    expect((await list()).body.items).toHaveLength(1);
  });

  it('is not the answer to what another tenant has', async () => {
    await create();
    caller = newCaller(...ofTenant);
    expect((await create()).status).toBe(201);
  });

  it('is the answer to all but one of ten at once', async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, () => create()));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array(9).fill(409)]);
    expect((await list()).body.items).toHaveLength(1);
  });
});
