import { describe, expect, it } from 'vitest';
import { projectItemKey } from '../../../src/adapters/dynamodb/project.ts';
import { ask, create, decide, inbox, rights, statesOf, withdraw } from './authorizations-calls.ts';
import { administrator, projectAdministrator, registrar, scene, somebody, withPeople } from './authorizations-scene.ts';
import { auditedIn, call, newProjects, newTenant, storedIntegration } from './scene.ts';

withPeople();

describe('asking for rights in projects', () => {
  it('grants at once what the caller holds there, and lets wait what it does not', async () => {
    const id = await create(['boards:read']);
    const by = { ...registrar(), projectRights: { PRJ: ['issues:write'] } };
    const answer = await ask(id, ['PRJ', 'OTHER'], ['issues:read', 'boards:read'], by);
    expect(answer.status).toBe(200);
    expect(statesOf(answer)).toEqual([
      'issues:read in PRJ: granted',
      'boards:read in PRJ: granted',
      'issues:read in OTHER: pending',
      'boards:read in OTHER: granted',
    ]);
    expect((await storedIntegration(scene(), registrar(), id))?.projectGrants).toEqual({
      count: 2,
      listed: { PRJ: ['issues:read', 'boards:read'], OTHER: ['boards:read'] },
    });
  });

  it('says who asked and when', async () => {
    const { items } = (await ask(await create(), ['PRJ'], ['issues:read'])).body;
    expect(items).toEqual([
      {
        right: 'issues:read',
        context: { project: 'PRJ' },
        state: 'pending',
        requested_by: registrar().subject,
        requested_at: expect.any(String),
      },
    ]);
  });

  it('again keeps every state, and leaves the rights that it does not name', async () => {
    const id = await create();
    const first = await ask(id, ['PRJ'], ['issues:read', 'boards:read']);
    const before = (await auditedIn(scene(), registrar())).length;
    expect((await ask(id, ['PRJ'], ['boards:read', 'issues:read'])).body).toEqual(first.body);
    expect((await ask(id, ['PRJ'], ['boards:read'])).body).toEqual(first.body);
    expect((await auditedIn(scene(), registrar())).length).toBe(before);
  });

  it('for what was declined or revoked there makes it wait anew', async () => {
    const id = await create();
    await ask(id, ['PRJ'], ['issues:read', 'issues:write']);
    await decide(administrator(), id, { project: 'PRJ', rights: ['issues:read'], decision: 'decline' });
    expect(statesOf(await ask(id, ['PRJ'], ['issues:read']))).toEqual([
      'issues:read in PRJ: pending',
      'issues:write in PRJ: pending',
    ]);
  });

  it('in a hundred projects is one request, whatever one transaction holds', async () => {
    const keys = Array.from({ length: 100 }, (_, index) => `P${index + 100}`);
    await newProjects(scene(), registrar(), ...keys);
    const id = await create();
    const answer = await ask(id, keys, ['issues:read', 'boards:read']);
    expect(answer.body.items).toHaveLength(200);
    const first = (await rights(id, '?limit=100')).body;
    expect(first.items).toHaveLength(100);
    const second = (await rights(id, `?limit=100&cursor=${first.next_cursor}`)).body;
    const third = (await rights(id, `?limit=100&cursor=${second.next_cursor}`)).body;
    expect(third).not.toHaveProperty('next_cursor');
    const listed = statesOf({ body: { items: [...first.items, ...second.items, ...third.items] } } as never);
    expect(new Set(listed).size).toBe(201);
    // A hundred projects with one right each are more than a token takes.
    expect((await storedIntegration(scene(), registrar(), id))?.projectGrants).toEqual({ count: 100 });
    for (const key of keys.slice(0, 60)) expect((await withdraw(id, key)).status).toBe(204);
    const { projectGrants } = (await storedIntegration(scene(), registrar(), id)) ?? {};
    expect(projectGrants?.count).toBe(40);
    expect(Object.keys(projectGrants?.listed ?? {}).sort()).toEqual(keys.slice(60));
  }, 60_000);

  it('that is more than is listed reads rows only where it may be listed again, and no more than it takes', async () => {
    const keys = Array.from({ length: 110 }, (_, index) => `LONGKEY${index + 100}`);
    await newProjects(scene(), registrar(), ...keys);
    const id = await create();
    // Ten rows more than are read at a time, of which 75 are granted, and 74 are still more than a token takes.
    await ask(id, keys.slice(0, 75), ['boards:read']);
    await ask(id, keys.slice(75), ['issues:read']);
    expect((await storedIntegration(scene(), registrar(), id))?.projectGrants).toEqual({ count: 75 });
    const queriesOf = async (change: Promise<{ readonly status: number }>) => {
      scene().embedded.calls();
      expect((await change).status).toBeLessThan(300);
      return scene().embedded.calls().Query ?? 0;
    };
    const pending = { project: keys[109], rights: ['issues:read'] };
    expect(await queriesOf(decide(administrator(), id, { ...pending, decision: 'decline' }))).toBe(0);
    expect(await queriesOf(withdraw(id, keys[109] ?? ''))).toBe(0);
    expect(await queriesOf(withdraw(id, keys[0] ?? ''))).toBe(1);
    expect((await storedIntegration(scene(), registrar(), id))?.projectGrants).toEqual({ count: 74 });
    for (const key of keys.slice(1, 5)) await withdraw(id, key);
    const { projectGrants } = (await storedIntegration(scene(), registrar(), id)) ?? {};
    expect(Object.keys(projectGrants?.listed ?? {}).sort()).toEqual(keys.slice(5, 75));
  }, 60_000);

  it("is open to a token for its own integration's part, and waits for somebody else", async () => {
    const id = await create(['boards:read']);
    const own = { ...registrar(), clientId: id, subject: id, rights: ['boards:read'] };
    expect(statesOf(await ask('self', ['PRJ'], ['boards:read', 'issues:read'], own))).toEqual([
      'boards:read in PRJ: pending',
      'issues:read in PRJ: pending',
    ]);
    expect((await rights('self', '', own)).body.items[1]).toMatchObject({ requested_by: id });
  });

  it.each([
    ['a right that holds for the whole tenant', ['PRJ'], ['issues:read', 'users:read'], '/rights/1'],
    ['no such right', ['PRJ'], ['issues:delete'], '/rights/0'],
    ['no rights', ['PRJ'], [], '/rights'],
    ['a right twice', ['PRJ'], ['issues:read', 'issues:read'], '/rights'],
    ['no projects', [], ['issues:read'], '/projects'],
    ['a project that there is not', ['PRJ', 'NONE'], ['issues:read'], '/projects/1'],
    ['no key of a project', ['prj'], ['issues:read'], '/projects/0'],
    ['a project twice', ['PRJ', 'PRJ'], ['issues:read'], '/projects'],
    ['too many projects', Array.from({ length: 101 }, (_, n) => `P${n}`), ['issues:read'], '/projects'],
  ])('400: %s, and nothing is asked for', async (_, projects, names, pointer) => {
    const id = await create();
    const refused = await ask(id, projects, names);
    expect(refused).toMatchObject({ status: 400, body: { errors: [{ pointer }] } });
    expect((await rights(id)).body.items).toHaveLength(1);
  });

  it("404: another tenant's integration; 400: another tenant's project", async () => {
    const other = await newTenant(scene(), 'integrations:manage', 'integrations:read');
    const id = await create();
    expect((await ask(id, ['PRJ'], ['issues:read'], other)).status).toBe(404);
    const theirs = (await call(other, 'POST /integrations', { name: 'Theirs', rights: ['issues:read'] })).body
      .client_id;
    expect((await ask(theirs, ['PRJ'], ['issues:read'], other)).status).toBe(400);
  });
});

describe('withdrawing from a project', () => {
  it('takes what was asked for there, and what waited', async () => {
    const id = await create();
    await ask(id, ['PRJ', 'OTHER'], ['issues:read', 'boards:read']);
    expect((await withdraw(id, 'PRJ')).status).toBe(204);
    expect(statesOf(await rights(id))).toEqual([
      'boards:read everywhere: granted',
      'boards:read in OTHER: granted',
      'issues:read in OTHER: pending',
    ]);
    expect(statesOf(await inbox(administrator()))).toEqual(['issues:read in OTHER: pending']);
    const [event] = (await auditedIn(scene(), registrar())).filter(({ action }) => action === 'right.withdrawn');
    const context = { project: 'PRJ' };
    const requested_by = registrar().subject;
    expect(event?.changes?.rights).toEqual([
      { right: 'issues:read', context, from: 'pending', requested_by },
      { right: 'boards:read', context, from: 'granted', requested_by },
    ]);
  });

  it('404: where nothing was asked for, and the second time', async () => {
    const id = await create();
    expect((await withdraw(id, 'PRJ')).status).toBe(404);
    await ask(id, ['PRJ'], ['issues:read']);
    expect((await withdraw(id, 'PRJ')).status).toBe(204);
    expect((await withdraw(id, 'PRJ')).status).toBe(404);
    expect((await withdraw(id, 'prj/..')).status).toBe(404);
  });

  it('is possible from a project that is deleted', async () => {
    const id = await create();
    await ask(id, ['PRJ'], ['issues:read']);
    await scene().embedded.table.transact([{ delete: projectItemKey(registrar().tenant, 'PRJ') }]);
    expect((await withdraw(id, 'PRJ')).status).toBe(204);
  });
});

describe('the list of what was asked for', () => {
  it('is of every context, in the order of contexts and names, page by page', async () => {
    const id = await create(['users:read', 'boards:read']);
    await ask(id, ['PRJ', 'OTHER'], ['issues:write', 'boards:read']);
    const whole = [
      'boards:read everywhere: granted',
      'users:read everywhere: pending',
      'boards:read in OTHER: granted',
      'issues:write in OTHER: pending',
      'boards:read in PRJ: granted',
      'issues:write in PRJ: pending',
    ];
    expect(statesOf(await rights(id))).toEqual(whole);
    for (const limit of [1, 2, 3, 4, 5, 6]) {
      const seen: string[] = [];
      for (let cursor: string | undefined = ''; cursor !== undefined; ) {
        const page = await rights(id, `?limit=${limit}${cursor && `&cursor=${cursor}`}`);
        expect(page.body.items.length).toBeLessThanOrEqual(limit);
        seen.push(...statesOf(page));
        cursor = page.body.next_cursor;
      }
      expect(seen).toEqual(whole);
    }
  });

  it('stands in the details too', async () => {
    const id = await create();
    await ask(id, ['PRJ'], ['issues:read']);
    const details = await call(registrar(), `GET /integrations/${id}`);
    expect(details.body.rights).toEqual([
      { right: 'boards:read', context: 'global', state: 'granted' },
      { right: 'issues:read', context: { project: 'PRJ' }, state: 'pending' },
    ]);
  });
});

describe("an integration's credentials", () => {
  const stranger = (...held: string[]) => somebody(['integrations:manage', 'integrations:read', ...held]);

  it('are closed to who does not hold what it was granted in projects', async () => {
    const id = await create();
    await ask(id, ['PRJ'], ['issues:read']);
    await decide(projectAdministrator('PRJ'), id, { project: 'PRJ', rights: ['issues:read'], decision: 'grant' });
    const add = (by = stranger('boards:read')) => call(by, `POST /integrations/${id}/secrets`, {});
    expect(await add()).toMatchObject({ status: 403, body: { missing_rights: ['issues:read'] } });
    const elsewhere = { ...stranger('boards:read'), projectRights: { OTHER: ['issues:read'] } };
    expect((await add(elsewhere)).status).toBe(403);
    const there = { ...stranger('boards:read'), projectRights: { PRJ: ['issues:read'] } };
    expect((await add(there)).status).toBe(201);
  });

  it('show who changed them last to whoever decides', async () => {
    const id = await create(['boards:read', 'users:read']);
    expect((await inbox(administrator())).body.items[0]).not.toHaveProperty('credentials_changed_by');
    const by = stranger('boards:read');
    await call(by, `PATCH /integrations/${id}`, { description: 'Not about credentials' });
    expect((await inbox(administrator())).body.items[0]).not.toHaveProperty('credentials_changed_by');
    await call(by, `PATCH /integrations/${id}`, {
      grant_types: ['authorization_code', 'client_credentials'],
      redirect_uris: ['https://elsewhere.example/'],
    });
    const changed = { credentials_changed_by: by.subject, credentials_changed_at: expect.any(String) };
    expect((await inbox(administrator())).body.items[0]).toMatchObject(changed);
    expect((await call(registrar(), `GET /integrations/${id}`)).body).toMatchObject(changed);
    await call(registrar(), `POST /integrations/${id}/secrets`, {});
    expect((await inbox(administrator())).body.items[0].credentials_changed_by).toBe(registrar().subject);
  });
});
