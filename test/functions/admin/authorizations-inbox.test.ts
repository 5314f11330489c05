import { describe, expect, it } from 'vitest';
import { projectItemKey } from '../../../src/adapters/dynamodb/project.ts';
import { ask, create, decide, inbox, statesOf } from './authorizations-calls.ts';
import { administrator, projectAdministrator, registrar, scene, somebody, withPeople } from './authorizations-scene.ts';
import { newProjects } from './scene.ts';

withPeople();

const inProject = { project: 'PRJ', rights: ['issues:read'] };

describe('the inbox', () => {
  it('shows an administrator what waits everywhere, and whose it is', async () => {
    const id = await create(['users:read', 'boards:read']);
    await ask(id, ['PRJ'], ['issues:read']);
    const { body } = await inbox(administrator());
    expect(body.items).toEqual([
      {
        client_id: id,
        name: expect.stringContaining('Sync'),
        owner: registrar().subject,
        right: 'users:read',
        context: 'global',
        state: 'pending',
        requested_by: registrar().subject,
        requested_at: expect.any(String),
      },
      expect.objectContaining({ client_id: id, right: 'issues:read', context: { project: 'PRJ' } }),
    ]);
  });

  it("shows a project's administrator that project's, and only what they hold there", async () => {
    const id = await create(['users:read']);
    await newProjects(scene(), registrar(), 'AA', 'PRJ2');
    await ask(id, ['AA', 'OTHER', 'PRJ', 'PRJ2'], ['issues:read', 'projects:read']);
    expect(statesOf(await inbox(projectAdministrator('PRJ')))).toEqual(['issues:read in PRJ: pending']);
    expect(statesOf(await inbox(projectAdministrator('PRJ2', 'AA')))).toEqual([
      'issues:read in AA: pending',
      'issues:read in PRJ2: pending',
    ]);
    expect(statesOf(await inbox(somebody(['issues:read'], { PRJ: ['boards:read'] })))).toEqual([]);
  });

  it('shows one who decides everywhere what they hold, and where', async () => {
    const id = await create(['users:read', 'issues:write']);
    await ask(id, ['PRJ', 'OTHER'], ['issues:read', 'boards:write']);
    const decider = somebody(['authorizations:decide', 'issues:read'], { PRJ: ['boards:write'] });
    expect(statesOf(await inbox(decider))).toEqual([
      'issues:read in OTHER: pending',
      'boards:write in PRJ: pending',
      'issues:read in PRJ: pending',
    ]);
  });

  it("leaves out one's own, and what the calling integration owns", async () => {
    const id = await create(['users:read']);
    const other = await create(['users:read']);
    const as = (clientId: string) => ({ ...administrator(), clientId, subject: clientId });
    expect((await inbox(as(id))).body.items.map((item: { client_id: string }) => item.client_id)).toEqual([other]);
    expect((await inbox(as(registrar().clientId))).body.items).toEqual([]);
    const user = { ...administrator(), subject: registrar().subject };
    expect((await inbox(user)).body.items).toHaveLength(2);
  });

  it('forgets what belongs to a project that is deleted', async () => {
    const id = await create(['users:read']);
    await ask(id, ['PRJ'], ['issues:read']);
    await scene().embedded.table.transact([{ delete: projectItemKey(registrar().tenant, 'PRJ') }]);
    expect(statesOf(await inbox(administrator()))).toEqual(['users:read everywhere: pending']);
    expect((await decide(administrator(), id, { ...inProject, decision: 'grant' })).status).toBe(404);
  });

  it('costs one query and one read of exact keys', async () => {
    const id = await create(['users:read']);
    await ask(id, ['PRJ'], ['issues:read']);
    scene().embedded.calls();
    await inbox(administrator());
    expect(scene().embedded.calls()).toEqual({ Query: 1, BatchGetItem: 1 });
    await inbox(projectAdministrator('PRJ', 'OTHER'));
    expect(scene().embedded.calls()).toEqual({ Query: 1, BatchGetItem: 1 });
  });

  it('comes in pages of at most its limit, each right once', async () => {
    const keys = Array.from({ length: 30 }, (_, index) => `P${index + 100}`);
    await newProjects(scene(), registrar(), ...keys);
    for (const _ of [1, 2])
      await ask(await create(['users:read', 'users:manage']), keys, ['issues:read', 'issues:write']);
    for (const by of [administrator(), projectAdministrator(...keys)]) {
      for (const limit of [1, 7, 100]) {
        const seen: string[] = [];
        for (let cursor: string | undefined = ''; cursor !== undefined; ) {
          const page = await inbox(by, `?state=pending&limit=${limit}${cursor && `&cursor=${cursor}`}`);
          expect(page.body.items.length).toBeLessThanOrEqual(limit);
          seen.push(...page.body.items.map(JSON.stringify));
          cursor = page.body.next_cursor;
        }
        expect(seen).toHaveLength(by.rights.length > 0 ? 124 : 120);
        expect(new Set(seen).size).toBe(seen.length);
      }
    }
  }, 60_000);

  it('goes on with nothing where its reader decides in fewer projects than when the page before was read', async () => {
    await ask(await create(), ['OTHER', 'PRJ'], ['issues:read', 'issues:write']);
    const both = projectAdministrator('OTHER', 'PRJ');
    const first = await inbox(both, '?state=pending&limit=3');
    const query = `?state=pending&limit=3&cursor=${first.body.next_cursor}`;
    expect(statesOf(await inbox(both, query))).toEqual(['issues:write in PRJ: pending']);
    expect(await inbox(projectAdministrator('OTHER'), query)).toMatchObject({ status: 200, body: { items: [] } });
  });

  it.each(['?state=granted', '?state=', '?limit=0', '?x=1', '?cursor=x'])('400: %s', async (query) => {
    expect((await inbox(administrator(), query)).status).toBe(400);
  });
});
