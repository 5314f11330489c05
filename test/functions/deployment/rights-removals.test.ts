import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { handler as projectsHandler } from '../../../functions/admin/projects.ts';
import { handler } from '../../../functions/deployment/rights-removals.ts';
import { integrationKey } from '../../../src/adapters/dynamodb/integration.ts';
import { integrationStore } from '../../../src/adapters/dynamodb/integration-store.ts';
import {
  parseProjectRights,
  projectRightsKey,
  projectRightsOfTenantPartition,
} from '../../../src/adapters/dynamodb/project-rights.ts';
import { parseRightsRemoval, rightsRemovalItem } from '../../../src/adapters/dynamodb/rights-removal.ts';
import { partitionKey } from '../../../src/adapters/dynamodb/table.ts';
import { lengthOfDetails, projectGrantsLimit } from '../../../src/entities/project-rights.ts';
import { ask, create, inbox, rights, statesOf } from '../admin/authorizations-calls.ts';
import { administrator, registrar, scene, somebody, withPeople } from '../admin/authorizations-scene.ts';
import { auditedIn, call, newProjects, storedIntegration } from '../admin/scene.ts';
import { callHandler } from '../deployment.ts';

withPeople();

const send = callHandler(projectsHandler);
const run = () => handler({} as never, { awsRequestId: 'run-1' });
const deleter = () => somebody(['projects:manage']);
const deleteProject = async (project: string, caller = deleter()) => {
  const { status } = await send('DELETE /v1/projects/{project}', { caller, path: { project } });
  expect(status).toBe(204);
  return caller.subject;
};
const deleteIntegration = (id: string) => call(registrar(), `DELETE /integrations/${id}`);

const inPartition = async (partition: string) => (await scene().embedded.table.query({ partition })).items;
const left = () => inPartition(partitionKey('rights-removal', registrar().tenant));
const lines = () => inPartition(partitionKey('pending-authorization', registrar().tenant));
const rows = async () => {
  const partition = projectRightsOfTenantPartition(registrar().tenant);
  return (await scene().embedded.table.query({ partition, index: true })).items.map(parseProjectRights);
};
const grantsOf = async (id: string) => (await storedIntegration(scene(), registrar(), id))?.projectGrants;
const withdrawals = async () =>
  (await auditedIn(scene(), registrar())).filter(({ action }) => action === 'right.withdrawn');

/** Everything was deleted so long ago that the index knows of all that was there. */
async function later(): Promise<void> {
  for (const removal of (await left()).map(parseRightsRemoval)) {
    const startedAt = new Date(Date.parse(removal.startedAt) - 61_000).toISOString();
    await scene().embedded.table.put(rightsRemovalItem({ ...removal, startedAt }));
  }
}

beforeEach(() => {
  scene().embedded.refuses = () => false;
});
afterEach(() => void vi.restoreAllMocks());

describe('a deleted project', () => {
  it('is taken from every integration: what it was granted, what waits, and what is counted', async () => {
    const [one, other] = [await create(), await create()];
    await ask(one, ['PRJ', 'OTHER'], ['boards:read', 'issues:read']);
    await ask(other, ['PRJ'], ['issues:read']);
    const by = await deleteProject('PRJ');
    await run();
    expect(await grantsOf(one)).toEqual({ count: 1, listed: { OTHER: ['boards:read'] } });
    expect(await grantsOf(other)).toEqual({ count: 0, listed: {} });
    expect((await rows()).map(({ clientId, project }) => [clientId, project])).toEqual([[one, 'OTHER']]);
    expect((await lines()).map(({ project }) => project)).toEqual(['OTHER']);
    expect(statesOf(await rights(other))).toEqual(['boards:read everywhere: granted']);
    const told = await withdrawals();
    expect(told.map(({ object, actor, requestId }) => [object, actor, requestId]).sort()).toEqual(
      [one, other].map((id) => [id, by, 'run-1']).sort(),
    );
    const context = { project: 'PRJ' };
    const requested_by = registrar().subject;
    expect(told.find(({ object }) => object === one)?.changes).toEqual({
      rights: [
        { right: 'boards:read', context, from: 'granted', requested_by },
        { right: 'issues:read', context, from: 'pending', requested_by },
      ],
    });
  });

  it('is told of to the endpoint of whoever was granted something there', async () => {
    const id = await create();
    await ask(id, ['PRJ'], ['boards:read', 'issues:read']);
    const before = await storedIntegration(scene(), registrar(), id);
    if (before === undefined) throw new Error('not created');
    await integrationStore(scene().embedded.table).update(before, { ...before, endpoint: {} }, { events: [] });
    await deleteProject('PRJ');
    await run();
    expect(await inPartition(partitionKey('outgoing-event', registrar().tenant, id))).toMatchObject([
      {
        type: 'right.revoked',
        sequence: before.version + 2,
        data: { rights: [{ right: 'boards:read', context: { project: 'PRJ' } }] },
      },
    ]);
  });

  it('makes room in what a token may list', async () => {
    const keys = Array.from({ length: 76 }, (_, index) => `LONGKEY${index + 100}`);
    await newProjects(scene(), registrar(), ...keys);
    const id = await create();
    await ask(id, keys, ['boards:read']);
    expect(await grantsOf(id)).toEqual({ count: 76 });
    for (const key of keys.slice(0, 6)) await deleteProject(key);
    await run();
    const { count, listed = {} } = (await grantsOf(id)) ?? {};
    expect(count).toBe(70);
    expect(Object.keys(listed).sort()).toEqual(keys.slice(6));
    expect(lengthOfDetails(listed)).toBeLessThanOrEqual(projectGrantsLimit);
  });

  it('is looked for until the index must know of all that was there, and then no more', async () => {
    const id = await create();
    await ask(id, ['PRJ'], ['boards:read']);
    await deleteProject('PRJ');
    for (const _ of [1, 2]) {
      await run();
      expect(await left()).toHaveLength(1);
    }
    await later();
    await run();
    expect(await left()).toEqual([]);
    expect(await withdrawals()).toHaveLength(1);
  });

  it('is withdrawn from what stays where an integration in it is deleted too, whichever comes first', async () => {
    for (const [project, first] of [
      ['PRJ', 'project'],
      ['OTHER', 'integration'],
    ] as const) {
      const [gone, stays] = [await create(), await create()];
      await ask(gone, [project], ['boards:read', 'issues:read']);
      await ask(stays, [project], ['boards:read', 'issues:read']);
      if (first === 'project') await deleteProject(project);
      await deleteIntegration(gone);
      if (first === 'integration') await deleteProject(project);
      await run();
      expect(await grantsOf(stays)).toEqual({ count: 0, listed: {} });
    }
    await later();
    await run();
    expect([...(await rows()), ...(await lines()), ...(await left())]).toEqual([]);
    expect(await withdrawals()).toHaveLength(2);
  });

  it('that nobody asked for anything in leaves nothing either', async () => {
    await deleteProject('PRJ');
    await later();
    await run();
    expect(await left()).toEqual([]);
  });

  it('whose key begins like the key of one that stays takes nothing of that', async () => {
    await newProjects(scene(), registrar(), 'PRJ2', 'PR');
    const id = await create();
    await ask(id, ['PR', 'PRJ', 'PRJ2'], ['boards:read']);
    await deleteProject('PRJ');
    await run();
    expect((await grantsOf(id))?.listed).toEqual({ PR: ['boards:read'], PRJ2: ['boards:read'] });
  });
});

describe('a deleted integration', () => {
  const keys = Array.from({ length: 120 }, (_, index) => `P${index + 100}`);
  const inThem = async () => {
    await newProjects(scene(), registrar(), ...keys);
    const id = await create(['users:read']);
    await ask(id, keys.slice(0, 60), ['issues:read']);
    await ask(id, keys.slice(60), ['issues:read']);
    return id;
  };

  it('in many projects is gone at once, with one write, and shows in no inbox', async () => {
    const id = await inThem();
    const stays = await create(['users:read']);
    expect((await inbox(administrator(), '?limit=100')).body.items).toHaveLength(100);
    scene().embedded.calls();
    expect((await deleteIntegration(id)).status).toBe(204);
    expect(scene().embedded.calls()).toEqual({ GetItem: 1, TransactWriteItems: 1 });
    const seen: string[] = [];
    for (let cursor: string | undefined = ''; cursor !== undefined; ) {
      const { body } = await inbox(administrator(), `?limit=100${cursor && `&cursor=${cursor}`}`);
      seen.push(...body.items.map(({ client_id }: { client_id: string }) => client_id));
      cursor = body.next_cursor;
    }
    expect(seen).toEqual([stays]);
  });

  it('leaves nothing that waits, in no project, after a run', async () => {
    const id = await inThem();
    await deleteIntegration(id);
    await run();
    expect([...(await rows()), ...(await lines()), ...(await left())]).toEqual([]);
  });

  it('that asked for nothing in a project leaves nothing to be done', async () => {
    await deleteIntegration(await create(['users:read']));
    expect([...(await lines()), ...(await left())]).toEqual([]);
  });
});

describe('under fault', () => {
  /** Some that stay and some that go, of a project that was deleted. */
  async function deletedProject(): Promise<readonly string[]> {
    const stay = [await create(), await create(), await create()];
    const gone = await create();
    for (const id of [...stay, gone]) await ask(id, ['PRJ', 'OTHER'], ['boards:read', 'issues:read']);
    await deleteProject('PRJ');
    await deleteIntegration(gone);
    await later();
    return stay;
  }

  /** What is counted of an integration, and what waits, is what its rows say. */
  async function expectWhole(ids: readonly string[]): Promise<void> {
    const all = await rows();
    const waiting = (await lines()).map(({ clientId, project }) => `${clientId} ${project}`);
    for (const id of ids) {
      const projects = all.filter(({ clientId }) => clientId === id).map(({ project }) => project);
      const { count, listed = {} } = (await grantsOf(id)) ?? {};
      expect({ count, listed: Object.keys(listed).sort() }).toEqual({
        count: projects.length,
        listed: projects.sort(),
      });
      expect(waiting.filter((line) => line.startsWith(id)).sort()).toEqual(
        projects.map((key) => `${id} ${key}`).sort(),
      );
    }
  }

  async function expectDone(stay: readonly string[]): Promise<void> {
    await expectWhole(stay);
    expect((await rows()).map(({ clientId, project }) => `${clientId} ${project}`).sort()).toEqual(
      stay.map((id) => `${id} OTHER`).sort(),
    );
    expect(await left()).toEqual([]);
    expect((await withdrawals()).map(({ object }) => object).sort()).toEqual([...stay].sort());
  }

  it('what is there is whole wherever a run is cut off, and in the end it is done, once', async () => {
    const stay = await deletedProject();
    let runs = 0;
    for (let failed = true; failed; runs++) {
      let calls = 0;
      // Each run comes one call further than the one before.
      scene().embedded.refuses = () => ++calls > runs;
      failed = await run().then(
        () => false,
        () => true,
      );
      scene().embedded.refuses = () => false;
      await expectWhole(stay);
    }
    expect(runs).toBeGreaterThan(5);
    await run();
    await expectDone(stay);
  }, 120_000);

  it('it is done once by runs at the same time', async () => {
    const stay = await deletedProject();
    await Promise.all(Array.from({ length: 5 }, run));
    await run();
    await expectDone(stay);
  });

  it('it does not take what is asked for elsewhere at the same time', async () => {
    const stay = await deletedProject();
    await newProjects(scene(), registrar(), 'NEW');
    await Promise.all([run(), ...stay.map((id) => ask(id, ['NEW'], ['boards:read', 'issues:read']))]);
    await expectWhole(stay);
    for (const id of stay) expect(Object.keys((await grantsOf(id))?.listed ?? {}).sort()).toEqual(['NEW', 'OTHER']);
  });

  it('what cannot be read keeps nothing else waiting, and is tried again', async () => {
    const stay = await deletedProject();
    const { table } = scene().embedded;
    const key = integrationKey(registrar().tenant, stay[0] ?? '');
    const stored = await table.get(key);
    await table.put({ ...stored, ...key, rights: 'broken' });
    await expect(run()).rejects.toThrow();
    expect((await withdrawals()).map(({ object }) => object).sort()).toEqual(stay.slice(1).sort());
    expect(await table.get(projectRightsKey(registrar().tenant, stay[0] ?? '', 'PRJ'))).toBeDefined();
    await table.put({ ...stored, ...key });
    await run();
    await run();
    await expectDone(stay);
  });

  it('goes on in the next run where the time is over', async () => {
    const keys = Array.from({ length: 40 }, (_, index) => `P${index + 100}`);
    await newProjects(scene(), registrar(), ...keys);
    const id = await create();
    await ask(id, keys, ['boards:read']);
    for (const key of keys) await deleteProject(key);
    await later();
    const now = vi.spyOn(Date, 'now');
    let time = Date.now();
    // A request looks at the clock several times.
    now.mockImplementation(() => (time += 200));
    const counts: (number | undefined)[] = [];
    for (let runs = 0; runs < 60 && (await left()).length > 0; runs++) {
      await run();
      counts.push((await grantsOf(id))?.count);
    }
    now.mockRestore();
    expect(counts.length).toBeGreaterThan(3);
    expect(counts).toEqual([...counts].sort((one, other) => Number(other) - Number(one)));
    expect([...(await rows()), ...(await left())]).toEqual([]);
    expect(await grantsOf(id)).toEqual({ count: 0, listed: {} });
  }, 60_000);
});
