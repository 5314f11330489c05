import { describe, expect, it, vi } from 'vitest';
import { auditEventStore } from '../../../src/adapters/dynamodb/audit-event.ts';
import { endpointKey } from '../../../src/adapters/dynamodb/endpoint.ts';
import { partitionKey } from '../../../src/adapters/dynamodb/table.ts';
import { tenantStandingKey } from '../../../src/adapters/dynamodb/tenant.ts';
import { departures } from '../../../src/adapters/dynamodb/tenant-contents.ts';
import type { Route } from '../../../src/api/route.ts';
import { backgroundTouches, routes } from '../../../src/api/routes.ts';
import { partitionKinds, type Touches } from '../../../src/entities/partition.ts';
import { anotherApp, call, outbox, stream } from './delivery-scene.ts';
import type { Furnished } from './furnished-tenant.ts';
import { kindOf, leavingTenants } from './tenant-deletion-scene.ts';

const { scene, secrets, operator, furnished, read, begin, run, quiet, rowsOf, expectNothingLeft, actions } =
  leavingTenants();

describe('a tenant with something of every kind in it', () => {
  it('is gone after a run, with its secrets outside the table, and nothing of another is', async () => {
    const leaving = await furnished();
    const staying = await furnished();
    const before = await rowsOf(leaving.tenant);
    const kinds = new Set(before.map(kindOf));
    const removed = partitionKinds.filter((kind) => 'step' in departures[kind] && kind !== 'tenant-deletion');
    expect(removed.filter((kind) => !kinds.has(kind))).toEqual([]);
    const others = (await rowsOf(staying.tenant)).map((row) => JSON.stringify(row)).sort();

    await begin(leaving.tenant);
    await quiet(leaving.tenant);
    await run();
    expectNothingLeft(await rowsOf(leaving.tenant), leaving);
    expect((await read(leaving.tenant)).status).toBe(404);
    expect((await begin(leaving.tenant)).status).toBe(404);
    expect((await rowsOf(staying.tenant)).map((row) => JSON.stringify(row)).sort()).toEqual(others);
    const secretOf = ({ tenant, provider }: Furnished) =>
      secrets().call('GetSecretValue', { SecretId: `Latchkey/identity-providers/${tenant}/${provider}` });
    await expect(secretOf(leaving)).rejects.toThrow();
    await expect(secretOf(staying)).resolves.toBeDefined();
    expect((await actions())[0]).toBe('tenant.deleted');
    const [told] = (await auditEventStore(scene().embedded.table).list(operator().tenant, {}, { limit: 1 })).items;
    const gone = before.length - (await rowsOf(leaving.tenant)).length;
    expect(told).toMatchObject({
      actor: 'deployment',
      object: leaving.tenant,
      changes: { removed: expect.any(Number) },
    });
    expect(told?.changes?.removed).toBeGreaterThanOrEqual(gone);
  });

  it('says how far it is, and nothing is removed while somebody may still be writing', async () => {
    const { tenant } = await furnished();
    await begin(tenant);
    const before = (await rowsOf(tenant)).length;
    await run();
    expect((await rowsOf(tenant)).length).toBe(before);
    expect((await read(tenant)).body.deletion).toMatchObject({ step: 'waiting', removed: 0 });

    await quiet(tenant);
    let transactions = 0;
    scene().embedded.refuses = (operation) => operation === 'TransactWriteItems' && ++transactions > 3;
    await expect(run()).rejects.toThrow();
    scene().embedded.refuses = () => false;
    const { status, deletion } = (await read(tenant)).body;
    expect(status).toBe('deleting');
    expect(deletion.step).not.toBe('waiting');
    expect(deletion.removed).toBeGreaterThan(0);
    expect(await scene().embedded.table.get(tenantStandingKey(tenant))).toMatchObject({ status: 'deleting' });
    await run();
    expect((await read(tenant)).status).toBe(404);
  });

  it('is removed to the end whichever call fails, and however often', async () => {
    const leaving = await furnished();
    await begin(leaving.tenant);
    await quiet(leaving.tenant);
    for (let fault = 1; ; fault += 2) {
      let calls = 0;
      // Three tries of the SDK fail each.
      scene().embedded.refuses = () => {
        calls += 1;
        return calls >= fault && calls < fault + 3;
      };
      const failed = await run().then(
        () => false,
        () => true,
      );
      scene().embedded.refuses = () => false;
      if (!failed) break;
      expect(fault).toBeLessThan(500);
    }
    expectNothingLeft(await rowsOf(leaving.tenant), leaving);
    expect((await actions()).filter((action) => action === 'tenant.deleted')).toHaveLength(1);
  }, 120_000);

  it('is removed once by runs at the same time, which count each row once', async () => {
    const leaving = await furnished();
    await begin(leaving.tenant);
    await quiet(leaving.tenant);
    await Promise.all(Array.from({ length: 5 }, run));
    await run();
    expectNothingLeft(await rowsOf(leaving.tenant), leaving);
    expect((await actions()).filter((action) => action === 'tenant.deleted')).toHaveLength(1);
  });

  it('does not keep another waiting whose rows cannot be read', async () => {
    const [broken, whole] = [await furnished(), await furnished()];
    for (const { tenant } of [broken, whole]) {
      await begin(tenant);
      await quiet(tenant);
    }
    const key = { pk: partitionKey('username', broken.tenant), sk: 'broken' };
    await scene().embedded.table.put(key);
    await expect(run()).rejects.toThrow();
    expect((await read(whole.tenant)).status).toBe(404);
    expect((await read(broken.tenant)).body.deletion).toMatchObject({ step: 'users' });
    await scene().embedded.table.transact([{ delete: key }]);
    await run();
    expect((await read(broken.tenant)).status).toBe(404);
  });
});

describe('deliveries to an endpoint', () => {
  /** What an app was told: of its integration's pause at the least. */
  const told = async (tenant: string) => {
    const app = await anotherApp(scene(), tenant);
    const endpoint = { uri: 'http://127.0.0.1:9/', verification: 'verification_token' };
    expect((await call(app, 'PUT endpoint', endpoint)).status).toBe(200);
    await call(app, 'POST disable');
    await stream(await outbox(scene(), tenant, app.integration.clientId));
    return app;
  };

  it.each([
    ['was removed before it', ['DELETE endpoint', 'DELETE ']],
    ['went days after it', ['DELETE ']],
  ] as const)('of an integration that is deleted, whose endpoint %s, go with their tenant', async (_, requests) => {
    const leaving = await furnished();
    const app = await told(leaving.tenant);
    for (const request of requests) expect((await call(app, request)).status).toBe(204);
    const { tenant, clientId } = app.integration;
    await scene().embedded.table.transact([{ delete: endpointKey(tenant, clientId) }]);
    expect((await call(app, 'GET deliveries')).body.items).toHaveLength(1);
    await begin(tenant);
    await quiet(tenant);
    await run();
    expectNothingLeft(await rowsOf(tenant), leaving);
  });
});

describe('what is large', () => {
  it('goes on in the next run where the time is over', async () => {
    const { tenant } = await furnished();
    for (let number = 10; number < 260; number++)
      await scene().embedded.table.put({ pk: partitionKey('issue', tenant, 'ONE'), sk: `ISSUE#${number}` });
    await begin(tenant);
    await quiet(tenant);
    const now = vi.spyOn(Date, 'now');
    let time = Date.now();
    // Each look at the clock costs a second, and a request looks several times.
    now.mockImplementation(() => (time += 1000));
    const seen: number[] = [];
    for (let runs = 0; runs < 30; runs++) {
      await run();
      const { status, body } = await read(tenant);
      if (status === 404) break;
      seen.push(body.deletion.removed);
    }
    now.mockRestore();
    expect(seen.length).toBeGreaterThan(2);
    expect(seen).toEqual([...seen].sort((one, other) => one - other));
    expect((await read(tenant)).status).toBe(404);
  });
});

describe('the kinds of partition', () => {
  const touched: Touches = backgroundTouches['deployment/tenant-deletions'];

  it('are removed where it is said that they are, and no others', () => {
    const removed = partitionKinds.filter((kind) => 'step' in departures[kind]);
    expect(partitionKinds.filter((kind) => touched[kind]?.includes('DeleteItem'))).toEqual(removed);
    expect(Object.keys(touched).sort()).toEqual([...removed].sort());
  });

  it('are each said how they leave, in words where they go by themselves', () => {
    for (const kind of partitionKinds) {
      const departure = departures[kind];
      if ('expires' in departure) expect(departure.expires.length, kind).toBeGreaterThan(10);
    }
  });

  it('of the audit log are deleted from by nobody else', () => {
    const deleting = [
      ...Object.values<Route>(routes).map(({ entry, touches }) => [entry, touches] as const),
      ...Object.entries<Touches>(backgroundTouches),
    ].filter(([, touches]) => touches['audit-event']?.some((action) => /Delete|Update/.test(action)));
    expect(deleting.map(([entry]) => entry)).toEqual(['deployment/tenant-deletions']);
  });
});
