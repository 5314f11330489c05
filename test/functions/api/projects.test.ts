import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { handler as adminHandler } from '../../../functions/admin/projects.ts';
import { handler } from '../../../functions/api/projects.ts';
import type { AuthorizerContext } from '../../../src/oauth/access-token/context.ts';
import type { EmbeddedTable } from '../../src/adapters/dynamodb/embedded-table.ts';
import { callHandler, deployTable, newCaller } from '../deployment.ts';

const send = callHandler(handler);
const sendToAdmin = callHandler(adminHandler);

let embedded: EmbeddedTable;
beforeAll(async () => {
  embedded = await deployTable();
});
afterAll(() => embedded.close());

let administrator: AuthorizerContext;
beforeEach(async () => {
  administrator = newCaller('projects:manage');
  for (const key of ['AA', 'BB', 'CC'])
    await sendToAdmin('POST /v1/projects', { caller: administrator, body: { key, name: `Project ${key}` } });
});

const holder = (more: Partial<AuthorizerContext>) => ({ ...administrator, rights: [], ...more });
const list = (caller: AuthorizerContext, query?: Record<string, string>) =>
  send('GET /v1/projects', { caller, ...(query && { query }) });
const keysOf = (answer: { readonly body: { readonly items: readonly { readonly key: string }[] } }) =>
  answer.body.items.map(({ key }) => key);

describe('GET /projects shows', () => {
  it('every project to who holds a project-level right globally', async () => {
    const answer = await list(holder({ rights: ['issues:read'] }));
    expect(answer.body).toEqual({ items: ['AA', 'BB', 'CC'].map((key) => ({ key, name: `Project ${key}` })) });
  });

  it('else those in which a project-level right is held', async () => {
    const caller = holder({ rights: ['users:read'], projectRights: { CC: ['boards:read'], AA: ['issues:read'] } });
    expect(keysOf(await list(caller))).toEqual(['AA', 'CC']);
  });

  it('else none: a global right opens no project, nor does an empty list of rights', async () => {
    expect((await list(holder({ rights: ['users:read'], projectRights: { AA: [] } }))).body).toEqual({ items: [] });
  });

  it('none that is deleted, was never there, or is of another tenant', async () => {
    await sendToAdmin('DELETE /v1/projects/{project}', { caller: administrator, path: { project: 'AA' } });
    const projectRights = { AA: ['issues:read'], BB: ['issues:read'], ZZ: ['issues:read'] };
    expect(keysOf(await list(holder({ projectRights })))).toEqual(['BB']);
    expect(keysOf(await list(holder({ rights: ['issues:read'] })))).toEqual(['BB', 'CC']);
    expect(keysOf(await list({ ...newCaller(), projectRights }))).toEqual([]);
  });

  it.each([
    ['held globally', { rights: ['issues:read'] }],
    ['held in each', { projectRights: { AA: ['issues:read'], BB: ['issues:read'], CC: ['issues:read'] } }],
  ])('page after page, every project once, where rights are %s', async (_, more) => {
    const caller = holder(more);
    const first = await list(caller, { limit: '2' });
    expect(keysOf(first)).toEqual(['AA', 'BB']);
    const second = await list(caller, { limit: '2', cursor: first.body.next_cursor });
    expect(keysOf(second)).toEqual(['CC']);
    expect(second.body).not.toHaveProperty('next_cursor');
  });
});
