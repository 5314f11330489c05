import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { handler as projectsHandler } from '../../../functions/admin/projects.ts';
import { handler } from '../../../functions/api/issues.ts';
import type { AuthorizerContext } from '../../../src/oauth/access-token/context.ts';
import type { EmbeddedTable } from '../../src/adapters/dynamodb/embedded-table.ts';
import { type Call, callHandler, deployTable, newCaller } from '../deployment.ts';

const send = callHandler(handler);
const sendToProjects = callHandler(projectsHandler);

let embedded: EmbeddedTable;
beforeAll(async () => {
  embedded = await deployTable();
});
afterAll(() => embedded.close());

let caller: AuthorizerContext;
beforeEach(async () => {
  caller = newCaller('issues:write', 'projects:manage');
  await makeProject('PRJ');
});

const makeProject = (key: string) => sendToProjects('POST /v1/projects', { caller, body: { key, name: 'A project' } });
const inProject = (project: string, more: Call = {}): Call => ({
  caller: { ...caller, project },
  ...more,
  path: { project, ...more.path },
});
const list = (more?: Call, project = 'PRJ') => send('GET /v1/projects/{project}/issues', inProject(project, more));
const create = (body: unknown = { title: 'Door', body: 'It sticks.' }, project = 'PRJ') =>
  send('POST /v1/projects/{project}/issues', inProject(project, { body }));
const read = (number: string, project = 'PRJ') =>
  send('GET /v1/projects/{project}/issues/{number}', inProject(project, { path: { number } }));
const change = (number: string, ifMatch: string | undefined, body: unknown = { status: 'closed' }) =>
  send(
    'PATCH /v1/projects/{project}/issues/{number}',
    inProject('PRJ', { path: { number }, headers: ifMatch === undefined ? {} : { 'If-Match': ifMatch }, body }),
  );

describe('200 and 201', () => {
  it('an issue is created with a number, an author, an entity tag and the place it is read at', async () => {
    const { status, headers, body } = await create();
    expect(status).toBe(201);
    expect(headers).toMatchObject({
      ETag: '"1"',
      Location: '/api/v1/projects/PRJ/issues/1',
      'Cache-Control': 'no-store',
    });
    expect(body).toEqual({
      number: 1,
      title: 'Door',
      body: 'It sticks.',
      status: 'open',
      author: 'usr_caller',
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      updated_at: body.created_at,
      version: 1,
    });
    expect(await read('1')).toMatchObject({ status: 200, headers: { ETag: '"1"' }, body });
  });

  it('a change sets what it names, leaves the rest, and counts the version up', async () => {
    const { body: before } = await create();
    const changed = await change('1', '"1"', { title: 'Window', status: 'closed' });
    expect(changed).toMatchObject({ status: 200, headers: { ETag: '"2"' } });
    expect(changed.body).toEqual({
      ...before,
      title: 'Window',
      status: 'closed',
      version: 2,
      updated_at: changed.body.updated_at,
    });
    expect((await read('1')).body).toEqual(changed.body);
  });

  it('a list pages, and one over all projects tells the project besides', async () => {
    await makeProject('OTHER');
    await create();
    await create();
    await create(undefined, 'OTHER');
    const first = await list({ query: { limit: '1' } });
    expect(first.body.items.map((issue: { number: number }) => issue.number)).toEqual([1]);
    const second = await list({ query: { limit: '1', cursor: first.body.next_cursor } });
    expect(second.body.items.map((issue: { number: number }) => issue.number)).toEqual([2]);
    expect(second.body).not.toHaveProperty('next_cursor');
    const all = await send('GET /v1/issues', { caller });
    expect(all.status).toBe(200);
    expect(all.body.items.map((issue: { project: string }) => issue.project).sort()).toEqual(['OTHER', 'PRJ', 'PRJ']);
  });
});

describe('If-Match', () => {
  it('absent is 428, nothing changed', async () => {
    await create();
    expect((await change('1', undefined)).status).toBe(428);
    expect((await read('1')).body.version).toBe(1);
  });

  it.each(['"0"', '"2"', 'W/"1"', '"x", "y"'])('%s does not name version 1: 412, nothing changed', async (ifMatch) => {
    await create();
    expect((await change('1', ifMatch)).status).toBe(412);
    expect((await read('1')).body.version).toBe(1);
  });

  it.each(['"1"', '"x", "1"', ' "1" ', '*'])('%s names version 1: 200', async (ifMatch) => {
    await create();
    expect((await change('1', ifMatch)).status).toBe(200);
  });

  it.each(['1', '"1', '"1" "2"', ''])('%j is no list of tags: 400', async (ifMatch) => {
    await create();
    expect(await change('1', ifMatch)).toMatchObject({ status: 400, body: { errors: [{ pointer: 'If-Match' }] } });
  });

  it('of ten changes of one version at once, one is made and nine are 412', async () => {
    await create();
    const answers = await Promise.all(Array.from({ length: 10 }, () => change('1', '"1"')));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(9).fill(412)]);
    expect((await read('1')).body.version).toBe(2);
  });
});

describe('400', () => {
  it.each([
    [{}, '/title', 'is required'],
    [{ title: '' }, '/title', undefined],
    [{ title: ' ' }, '/title', undefined],
    [{ title: 'a\nb' }, '/title', undefined],
    [{ title: 'x'.repeat(201) }, '/title', undefined],
    [{ title: 7 }, '/title', 'must be a string'],
    [{ title: 'Door', body: 'x'.repeat(30_001) }, '/body', undefined],
    [{ title: 'Door', body: 'a\u0000b' }, '/body', undefined],
    [{ title: 'Door', status: 'open' }, '/status', 'is unknown'],
    [{ title: 'Door', number: 9 }, '/number', 'is unknown'],
    [[], '', 'must be an object'],
  ])('creating with %j names %s', async (body, pointer, detail) => {
    const answer = await create(body);
    expect(answer.status).toBe(400);
    expect(answer.headers['Content-Type']).toBe('application/problem+json');
    expect(answer.body.errors).toMatchObject([{ pointer, ...(detail && { detail }) }]);
    expect((await list()).body.items).toEqual([]);
  });

  it.each([
    { title: '🚪'.repeat(200) },
    { title: 'Door', body: 'line\n\tline\r\n' },
    { title: 'Door', body: 'x'.repeat(30_000) },
  ])('is not the answer to what is just within bounds', async (body) => {
    expect((await create(body)).status).toBe(201);
  });

  it.each([{}, { status: 'done' }, { title: '' }, { author: 'usr_2' }, { version: 2 }])(
    'changing with %j',
    async (body) => {
      await create();
      expect((await change('1', '"1"', body)).status).toBe(400);
      expect((await read('1')).body.version).toBe(1);
    },
  );

  it('is the answer to a cursor of another project, of another tenant, or of another list', async () => {
    await makeProject('OTHER');
    for (const project of ['PRJ', 'OTHER']) for (let count = 0; count < 2; count++) await create(undefined, project);
    const { next_cursor: cursor } = (await list({ query: { limit: '1' } })).body;
    const query = { limit: '1', cursor };
    expect((await list({ query })).status).toBe(200);
    expect((await list({ query }, 'OTHER')).status).toBe(400);
    expect((await send('GET /v1/issues', { caller, query })).status).toBe(400);
    caller = { ...newCaller('issues:read', 'projects:manage') };
    await makeProject('PRJ');
    expect((await list({ query })).status).toBe(400);
  });

  it.each(['0', '101', '1.5', '-1', 'ten', ''])('is the answer to limit %j', async (limit) => {
    expect((await list({ query: { limit } })).status).toBe(400);
  });
});

describe('404', () => {
  it.each(['0', '01', '-1', '1.0', '1e0', 'one', '9'.repeat(11), '2'])('is the answer to issue %s', async (number) => {
    await create();
    expect((await read('1')).status).toBe(200);
    expect((await read(number)).status).toBe(404);
    expect((await change(number, '"1"')).status).toBe(404);
  });

  it.each(['prj', 'P', 'P#J', 'PRJ ', 'ELEVENCHARS', '1PRJ'])(
    'is the answer to project %j, and the table is not asked',
    async (project) => {
      embedded.calls();
      expect((await list({}, project)).status).toBe(404);
      expect((await create(undefined, project)).status).toBe(404);
      expect((await read('1', project)).status).toBe(404);
      expect(embedded.calls()).toEqual({});
    },
  );

  it('is the answer to everything of a project that is not there, or is deleted', async () => {
    await create();
    const deleted = await sendToProjects('DELETE /v1/projects/{project}', { caller, path: { project: 'PRJ' } });
    expect(deleted.status).toBe(204);
    for (const project of ['PRJ', 'NONE']) {
      expect((await list({}, project)).status).toBe(404);
      expect((await create(undefined, project)).status).toBe(404);
      expect((await read('1', project)).status).toBe(404);
    }
    expect((await change('1', '"1"')).status).toBe(404);
    expect((await send('GET /v1/issues', { caller })).body.items).toEqual([]);
  });

  it("is the answer to another tenant's issue", async () => {
    await create();
    caller = newCaller('issues:write');
    expect((await read('1')).status).toBe(404);
    expect((await change('1', '*')).status).toBe(404);
  });
});
