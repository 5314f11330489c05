import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { applicationKey } from '../../../src/adapters/dynamodb/application.ts';
import type { Item, Key } from '../../../src/adapters/dynamodb/commands.ts';
import { deliveryKey } from '../../../src/adapters/dynamodb/delivery-row.ts';
import { endpointKey } from '../../../src/adapters/dynamodb/endpoint.ts';
import { integrationItem } from '../../../src/adapters/dynamodb/integration.ts';
import { table as names } from '../../../src/adapters/dynamodb/table.ts';
import { tenantStandingItem } from '../../../src/adapters/dynamodb/tenant.ts';
import { newTenantBoundId, newTenantId } from '../../../src/entities/identifiers.ts';
import type { Integration } from '../../../src/entities/integration.ts';
import { activeTenant } from '../../active-tenant.ts';
import { call, changeIssue, eventRow, later, minute, outbox, stream } from './delivery-scene.ts';
import { type Logged, toldApp } from './told-app.ts';

const { scene, receiver, app, log, stored } = toldApp();

const put = (item: Item) => scene().embedded.table.put(item);
const tenantIs = (status: 'suspended' | 'deleting') =>
  put(tenantStandingItem({ tenant: app().integration.tenant, status, operator: false }));
const tenantIsRestored = () => put(activeTenant(app().integration.tenant));

/** Something happens, and is in the outbox. */
const happenings = {
  'what concerns it': async () => {
    const { tenant, clientId } = app().integration;
    await call(app(), 'POST disable');
    return outbox(scene(), tenant, clientId);
  },
  'an issue': async () => {
    await changeIssue(app());
    return outbox(scene(), app().integration.tenant, 'PRJ-1');
  },
};
const both = Object.entries(happenings);

describe('an endpoint of a suspended tenant', () => {
  it.each(both)('is told of %s once the tenant is restored', async (_, happens) => {
    const rows = await happens();
    await tenantIs('suspended');
    await stream(rows);
    later(120_000);
    await minute();
    expect(receiver().received).toEqual([]);
    expect(await log()).toMatchObject([{ state: 'pending', attempt_count: 0 }]);
    await tenantIsRestored();
    later(600_000);
    await minute();
    expect(receiver().received).toHaveLength(1);
    expect(await log()).toMatchObject([{ state: 'delivered' }]);
  });

  it.each(both)('is not told of %s that waited for another try, and then is', async (_, happens) => {
    receiver().answer = () => 500;
    await stream(await happens());
    await tenantIs('suspended');
    later(120_000);
    await minute();
    expect(receiver().received).toHaveLength(1);
    await tenantIsRestored();
    receiver().answer = () => 204;
    later(600_000);
    await minute();
    expect(receiver().received).toHaveLength(2);
    expect(await log()).toMatchObject([{ state: 'delivered' }]);
  });

  /** So many hours pass, a bit more than an hour each, in which what is due is sent. */
  const hours = async (many: number) => {
    for (let hour = 0; hour < many; hour++) {
      later(3_700_000);
      await minute();
    }
  };
  const suspendedForHours = async (many: number) => {
    await tenantIs('suspended');
    await hours(many);
    await tenantIsRestored();
    later(600_000);
  };
  const statusOf = async () => (await call(app(), 'GET endpoint')).body.status;

  it('that failed has its day anew after it, and is paused once it failed for that', async () => {
    receiver().answer = () => 500;
    await stream([eventRow(app(), 2)]);
    await suspendedForHours(26);
    await minute();
    expect(receiver().received).toHaveLength(2);
    expect(await statusOf()).toBe('active');
    await hours(22);
    expect(await statusOf()).toBe('active');
    await hours(3);
    expect(await statusOf()).toBe('paused');
  });

  it('has what it refused tried for a day anew, and given up after that', async () => {
    receiver().answer = ({ event }) => (event.object === 'PRJ-1' ? 500 : 200);
    await stream([eventRow(app(), 1, { object: 'PRJ-1' }), eventRow(app(), 2)]);
    later(1_000);
    await minute();
    await suspendedForHours(26);
    await minute();
    const refused = async () => (await log()).find(({ event }: Logged) => event.object === 'PRJ-1');
    expect(await refused()).toMatchObject({ state: 'pending', attempt_count: 2 });
    const takesOthersFor = async (many: number) => {
      for (let hour = 0; hour < many; hour++) {
        await stream([eventRow(app(), hour + 3)]);
        await hours(1);
      }
    };
    await takesOthersFor(22);
    expect((await refused()).state).toBe('pending');
    await takesOthersFor(3);
    expect((await refused()).state).toBe('failed');
    expect(await statusOf()).toBe('active');
  });

  it('is told that its integration was deleted, as long as that waits', async () => {
    const { tenant, clientId } = app().integration;
    expect((await call(app(), 'DELETE ')).status).toBe(204);
    await tenantIs('suspended');
    await stream(await outbox(scene(), tenant, clientId));
    const rowOf = (key: Key) => scene().embedded.table.get(key);
    const [{ id }] = await log();
    const waiting = await rowOf(deliveryKey(tenant, clientId, id));
    const told = await rowOf(endpointKey(tenant, clientId));
    expect(Number(told?.[names.timeToLive])).toBeGreaterThan(Number(waiting?.[names.timeToLive]));
    later(29 * 86_400_000);
    await tenantIsRestored();
    await minute();
    expect(receiver().received.map(({ event }) => event.type)).toEqual(['integration.deleted']);
  });
});

it.each(both)(
  'an endpoint of a tenant that is being deleted is not told of %s, and nothing is written',
  async (_, happens) => {
    const rows = await happens();
    await tenantIs('deleting');
    await stream(rows);
    expect(await log()).toEqual([]);
    await tenantIsRestored();
    await stream(rows);
    expect(receiver().received).toHaveLength(1);
  },
);

describe("an endpoint of a connection, whose application's developer withdrew it or the operator banned it", () => {
  /** The integration becomes a connection to another tenant's application, whose row `as` makes. */
  const connected = async () => {
    const id = newTenantBoundId('app', newTenantId(randomBytes), randomBytes);
    const rights = { 'issues:read': { since: 1 } };
    const as = (status: 'published' | 'withdrawn' | 'banned') => ({ ...applicationKey(id), status, rights });
    await put(as('published'));
    const application = { id, acceptedVersion: 1, rights };
    await put(integrationItem({ ...((await stored()) as Integration), application }));
    return { id, as };
  };
  const each = (['withdrawn', 'banned'] as const).flatMap((status) => both.map((row) => [status, ...row] as const));

  it.each(each)('(%s) is not told of %s', async (status, _, happens) => {
    const { as } = await connected();
    const rows = await happens();
    await put(as(status));
    await stream(rows);
    later(120_000);
    await minute();
    expect(receiver().received).toEqual([]);
    await put(as('published'));
    await stream(rows);
    expect(receiver().received).toHaveLength(1);
  });

  it.each(each)('(%s) is not told of %s that waited for another try', async (status, _, happens) => {
    const { as } = await connected();
    receiver().answer = () => 500;
    await stream(await happens());
    await put(as(status));
    later(120_000);
    await minute();
    expect(receiver().received).toHaveLength(1);
    expect(await log()).toMatchObject([{ state: 'withheld' }]);
  });

  it('is not told that its integration is deleted', async () => {
    const { tenant, clientId } = app().integration;
    const { id, as } = await connected();
    expect((await call(app(), 'DELETE ')).status).toBe(204);
    const rows = await outbox(scene(), tenant, clientId);
    await put(as('banned'));
    await stream(rows);
    expect(receiver().received).toEqual([]);
    await put(as('published'));
    await stream(rows);
    expect(receiver().received.map(({ event }) => event.type)).toEqual(['integration.deleted']);
    // Which application it is of is for the tenant to know.
    expect(receiver().received[0]?.body).not.toContain(id);
  });
});
