import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { handler } from '../../../functions/admin/projects.ts';
import { auditEventStore } from '../../../src/adapters/dynamodb/audit-event.ts';
import type { AuthorizerContext } from '../../../src/oauth/access-token/context.ts';
import type { EmbeddedTable } from '../../src/adapters/dynamodb/embedded-table.ts';
import { callHandler, deployTable, newCaller } from '../deployment.ts';

const send = callHandler(handler);

let embedded: EmbeddedTable;
beforeAll(async () => {
  embedded = await deployTable();
});
afterAll(() => embedded.close());

let caller: AuthorizerContext;
beforeEach(() => {
  caller = newCaller('projects:manage');
});

const create = (body: unknown = { key: 'PRJ', name: 'A project' }) => send('POST /v1/projects', { caller, body });
const list = (query?: Record<string, string>) => send('GET /v1/projects', { caller, ...(query && { query }) });
const read = (project: string) => send('GET /v1/projects/{project}', { caller, path: { project } });
const rename = (project: string, body: unknown) =>
  send('PATCH /v1/projects/{project}', { caller, path: { project }, body });
const remove = (project: string) => send('DELETE /v1/projects/{project}', { caller, path: { project } });

describe('200, 201 and 204', () => {
  it('a project is created, read, listed and deleted', async () => {
    const created = await create();
    expect(created).toMatchObject({ status: 201, headers: { Location: '/admin/v1/projects/PRJ' } });
    expect(created.body).toEqual({ key: 'PRJ', name: 'A project' });
    expect(await read('PRJ')).toMatchObject({ status: 200, body: created.body });
    expect((await list()).body).toEqual({ items: [created.body] });
    expect(await remove('PRJ')).toMatchObject({ status: 204, body: undefined });
    expect((await list()).body).toEqual({ items: [] });
  });

  it('creation and deletion are told of in the audit log', async () => {
    await create();
    await remove('PRJ');
    const { items } = await auditEventStore(embedded.table).list(caller.tenant, {}, { limit: 10 });
    expect(items).toMatchObject([
      { action: 'project.deleted', object: 'PRJ', actor: caller.subject, requestId: 'request-1' },
      { action: 'project.created', object: 'PRJ', actor: caller.subject, changes: { name: 'A project' } },
    ]);
  });

  it('a project is given another name, and the log is told; the same name again is no change', async () => {
    await create();
    const renamed = { key: 'PRJ', name: 'Another name' };
    expect(await rename('PRJ', { name: 'Another name' })).toMatchObject({ status: 200, body: renamed });
    expect((await read('PRJ')).body).toEqual(renamed);
    expect((await rename('PRJ', { name: 'Another name' })).status).toBe(200);
    expect((await rename('PRJ', {})).body).toEqual(renamed);
    const { items } = await auditEventStore(embedded.table).list(caller.tenant, {}, { limit: 10 });
    expect(items).toMatchObject([
      { action: 'project.changed', changes: { name: { from: 'A project', to: 'Another name' } } },
      { action: 'project.created' },
    ]);
  });

  it('a project that is renamed while it is deleted stays deleted', async () => {
    await create();
    await Promise.all([rename('PRJ', { name: 'Another name' }), remove('PRJ')]);
    await remove('PRJ');
    expect((await read('PRJ')).status).toBe(404);
  });

  it('pages follow one another', async () => {
    for (const key of ['AA', 'BB', 'CC']) await create({ key, name: key });
    const first = await list({ limit: '2' });
    expect(first.body.items).toHaveLength(2);
    expect((await list({ limit: '2', cursor: first.body.next_cursor })).body).toEqual({
      items: [{ key: 'CC', name: 'CC' }],
    });
  });
});

describe('400', () => {
  it.each([
    [{ name: 'A project' }, '/key'],
    [{ key: 'PRJ' }, '/name'],
    [{ key: 'prj', name: 'A project' }, '/key'],
    [{ key: 'P', name: 'A project' }, '/key'],
    [{ key: '1PR', name: 'A project' }, '/key'],
    [{ key: 'ELEVENCHARS', name: 'A project' }, '/key'],
    [{ key: 'PRJ\n', name: 'A project' }, '/key'],
    [{ key: 'PRJ', name: '' }, '/name'],
    [{ key: 'PRJ', name: 'a\u0007b' }, '/name'],
    [{ key: 'PRJ', name: 'x'.repeat(101) }, '/name'],
    [{ key: 'PRJ', name: 'A project', status: 'active' }, '/status'],
  ])('%j names %s, and nothing is written', async (body, pointer) => {
    expect(await create(body)).toMatchObject({ status: 400, body: { errors: [{ pointer }] } });
    expect((await list()).body.items).toEqual([]);
  });

  it.each([{ name: '' }, { name: null }, { key: 'OTHER' }, []])('%j changes nothing', async (body) => {
    await create();
    expect((await rename('PRJ', body)).status).toBe(400);
    expect((await read('PRJ')).body).toEqual({ key: 'PRJ', name: 'A project' });
  });

  it.each(['AA', 'P123456789'])('is not the answer to key %s', async (key) => {
    expect((await create({ key, name: 'A project' })).status).toBe(201);
  });

  it('is the answer to a cursor of another tenant', async () => {
    for (const key of ['AA', 'BB']) await create({ key, name: key });
    const { next_cursor: cursor } = (await list({ limit: '1' })).body;
    expect((await list({ cursor })).status).toBe(200);
    caller = newCaller('projects:manage');
    expect((await list({ cursor })).status).toBe(400);
  });
});

describe('404', () => {
  it.each(['NONE', 'prj', 'P#', '%50RJ', 'ELEVENCHARS'])('is the answer to %s', async (key) => {
    await create();
    expect((await read(key)).status).toBe(404);
    expect((await rename(key, { name: 'Another name' })).status).toBe(404);
    expect((await remove(key)).status).toBe(404);
    expect((await read('PRJ')).status).toBe(200);
  });

  it("is the answer to another tenant's project, which stays", async () => {
    await create();
    const owner = caller;
    caller = newCaller('projects:manage');
    expect((await read('PRJ')).status).toBe(404);
    expect((await rename('PRJ', { name: 'Taken over' })).status).toBe(404);
    expect((await remove('PRJ')).status).toBe(404);
    caller = owner;
    expect((await read('PRJ')).body).toEqual({ key: 'PRJ', name: 'A project' });
  });
});

describe('409', () => {
  it('is the answer to a key in use, and to one of a project that was deleted', async () => {
    await create();
    expect((await create()).status).toBe(409);
    await remove('PRJ');
    expect(await create()).toMatchObject({ status: 409, headers: { 'Content-Type': 'application/problem+json' } });
  });
});
