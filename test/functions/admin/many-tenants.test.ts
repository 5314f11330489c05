import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { idOfLine, offerKey, offerPartition } from '../../../src/adapters/dynamodb/application-store.ts';
import { newTenantId } from '../../../src/entities/identifiers.ts';
import type { AuthorizerContext } from '../../../src/oauth/access-token/context.ts';
import type { Answered } from '../deployment.ts';
import { callApp, list, registered, registration, seen } from './application-calls.ts';
import { auditedIn, deployAdmin, newTenant, type Scene } from './scene.ts';

let scene: Scene;
let developer: AuthorizerContext;
beforeAll(async () => {
  scene = await deployAdmin();
});
afterAll(() => scene.close());
beforeEach(async () => {
  scene.embedded.refuses = () => false;
  developer = await newTenant(scene, 'applications:manage');
});

const tenantIds = (count: number) => Array.from({ length: count }, () => newTenantId(randomBytes));
const register = (tenants: readonly string[] | 'all') => registered(developer, { tenants });
const publish = (id: string, body: object): Promise<Answered> => callApp(developer, `PATCH /applications/${id}`, body);
const read = async (id: string) => (await callApp(developer, `GET /applications/${id}`)).body;

/** Those among the tenants, and `all`, that the application is found by. */
async function offeredTo(id: string, tenants: readonly string[]): Promise<readonly string[]> {
  const found: string[] = [];
  const asked = ['all', ...new Set(tenants)];
  for (let from = 0; from < asked.length; from += 100) {
    const page = asked.slice(from, from + 100);
    const items = await scene.embedded.table.batchGet(page.map((tenant) => offerKey(tenant, id)));
    found.push(...page.filter((tenant) => items.some(({ pk }) => pk === offerKey(tenant, id).pk)));
  }
  return found.sort();
}

/** Who it says that it is offered to, and nobody else, is offered it. */
async function expectOfferedAsSaid(id: string, tenants: readonly string[]): Promise<void> {
  const { tenants: said } = await read(id);
  expect(await offeredTo(id, tenants)).toEqual(said === 'all' ? [] : [...said].sort());
}

/** After so many transactions from now on the table is down. */
function failAfter(transactions: number): void {
  let written = 0;
  scene.embedded.refuses = (operation) => operation === 'TransactWriteItems' && ++written > transactions;
}

/** Somebody does something while the transaction of this number, from now on, is under way. */
function comeBefore(transaction: number, act: () => Promise<unknown>): void {
  let written = 0;
  scene.embedded.refuses = async (operation) => {
    if (operation === 'TransactWriteItems' && ++written === transaction) await act();
    return false;
  };
}

describe('many tenants', () => {
  it('are named at once, when it is registered and later: as many as one application names', async () => {
    const [first, second] = [tenantIds(500), tenantIds(500)];
    const created = await callApp(developer, 'POST /applications', registration({ tenants: first }));
    expect(created).toMatchObject({ status: 201, body: { tenants: first, version: 1 } });
    const id = created.body.app_id;
    expect(await offeredTo(id, first)).toEqual([...first].sort());
    const changed = await publish(id, { name: 'Other', tenants: second });
    expect(changed).toMatchObject({ status: 200, body: { tenants: second, version: 2 } });
    expect(await offeredTo(id, [...first, ...second])).toEqual([...second].sort());
    const { items } = (await callApp(developer, `GET /applications/${id}/versions`)).body;
    expect(items).toHaveLength(2);
  });

  it('make way for all, who wait for the operator, and come back in their place', async () => {
    const operator = { ...(await newTenant(scene, 'tenants:manage')), ofOperator: true };
    const named = tenantIds(100);
    const id = await register(named);
    expect(await publish(id, { tenants: 'all' })).toMatchObject({
      status: 200,
      body: { tenants: 'all', approval: 'waiting' },
    });
    expect(await offeredTo(id, named)).toEqual([]);
    await callApp(operator, `POST /applications/${id}/approve`);
    expect(await offeredTo(id, named)).toEqual(['all']);
    expect(await publish(id, { tenants: named })).toMatchObject({
      status: 200,
      body: { tenants: named, approval: 'none' },
    });
    expect(await offeredTo(id, named)).toEqual([...named].sort());
  });

  it('are told in the log, each as being offered it or no more', async () => {
    const [first, second] = [tenantIds(100), tenantIds(100)];
    const id = await register(first);
    await publish(id, { tenants: second });
    const told = (await auditedIn(scene, developer)).filter(({ object }) => object === id);
    const all = (member: 'added' | 'removed') =>
      told.flatMap(({ changes }) => (changes?.[member] as string[] | undefined) ?? []);
    const registeredWith = told.find(({ action }) => action === 'application.registered')?.changes?.tenants;
    expect(new Set([...(registeredWith as string[]), ...all('added')])).toEqual(new Set([...first, ...second]));
    expect(new Set(all('removed'))).toEqual(new Set(first));
  });

  it.each([1, 2, 3, 4])(
    'after a failure behind %i transactions: nobody is offered what it is said not to be, and the same request goes on',
    async (transactions) => {
      const [first, second] = [tenantIds(200), tenantIds(200)];
      const id = await register(first);
      const everybody = [...first, ...second];
      failAfter(transactions);
      expect((await publish(id, { name: 'Other', tenants: second })).status).toBe(503);
      scene.embedded.refuses = () => false;
      await expectOfferedAsSaid(id, everybody);
      const { tenants, version } = await read(id);
      expect(version).toBe(2);
      expect(tenants).not.toEqual(second);
      // Nobody new comes before the last one has gone.
      if (tenants.some((tenant: string) => second.includes(tenant)))
        expect(tenants.filter((tenant: string) => first.includes(tenant))).toEqual([]);
      expect(await publish(id, { name: 'Other', tenants: second })).toMatchObject({
        status: 200,
        body: { tenants: second, version: 2 },
      });
      expect(await offeredTo(id, everybody)).toEqual([...second].sort());
    },
  );

  it.each([0, 1, 2, 3])(
    'of a registration that fails behind %i transactions see nothing of it, and the same request makes one application',
    async (transactions) => {
      const [first, last] = [await newTenant(scene), await newTenant(scene)];
      const body = registration({ tenants: [first.tenant, ...tenantIds(298), last.tenant] });
      failAfter(transactions);
      expect((await callApp(developer, 'POST /applications', body)).status).toBe(503);
      scene.embedded.refuses = () => false;
      expect((await callApp(developer, 'GET /applications')).body.items).toEqual([]);
      expect(await auditedIn(scene, developer)).toEqual([]);
      for (const offered of [first, last]) {
        expect(await list(offered)).toEqual([]);
        const { items } = await scene.embedded.table.query({ partition: offerPartition(offered.tenant) });
        for (const line of items) expect((await seen(offered, idOfLine(line))).status).toBe(404);
      }
      const { status, body: made } = await callApp(developer, 'POST /applications', body);
      expect(status).toBe(201);
      const { items } = (await callApp(developer, 'GET /applications')).body;
      expect(items.map(({ app_id }: { app_id: string }) => app_id)).toEqual([made.app_id]);
      for (const offered of [first, last])
        expect((await list(offered)).map(({ app_id }: { app_id: string }) => app_id)).toEqual([made.app_id]);
    },
  );

  it.each([
    ['publishes', { name: 'One' }, 2],
    ['says what is so already', { name: 'Issue mirror' }, 1],
  ])(
    'of a change that %s: what it says is not said again after somebody else said otherwise',
    async (_, said, version) => {
      const tenants = tenantIds(200);
      const id = await register([]);
      comeBefore(2, () => publish(id, { name: 'Two' }));
      expect(await publish(id, { ...said, tenants })).toMatchObject({
        status: 200,
        body: { name: 'Two', version: version + 1, tenants },
      });
      expect(await read(id)).toMatchObject({ name: 'Two', version: version + 1, tenants });
    },
  );

  it('of a change that has written nothing yet when somebody else writes: it is made upon that', async () => {
    const tenants = tenantIds(200);
    const id = await register([]);
    comeBefore(1, () => publish(id, { name: 'Two' }));
    expect(await publish(id, { name: 'One', tenants })).toMatchObject({
      status: 200,
      body: { name: 'One', version: 3, tenants },
    });
  });

  it('that several change at once are in the end those of one of them, and nobody else is offered it', async () => {
    const lists = Array.from({ length: 4 }, () => tenantIds(120));
    const id = await register([]);
    const answers = await Promise.all([...lists, 'all' as const].map((tenants) => publish(id, { tenants })));
    expect(answers.filter(({ status }) => status !== 200 && status !== 409)).toEqual([]);
    await expectOfferedAsSaid(id, lists.flat());
    const { tenants } = await read(id);
    const isWhole = [...lists, 'all'].some((list) => JSON.stringify(list) === JSON.stringify(tenants));
    expect(isWhole || answers.some(({ status }) => status === 409)).toBe(true);
  });
});
