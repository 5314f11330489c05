import { describe, expect, it, vi } from 'vitest';
import type { Item } from '../../../src/adapters/dynamodb/commands.ts';
import { deliveryQueueKey } from '../../../src/adapters/dynamodb/delivery-row.ts';
import { integrationItem } from '../../../src/adapters/dynamodb/integration.ts';
import { table as names } from '../../../src/adapters/dynamodb/table.ts';
import type { Integration } from '../../../src/entities/integration.ts';
import { metrics } from '../../../src/environment.ts';
import { anotherApp, call, changeIssue, eventRow, later, minute, outbox, stream } from './delivery-scene.ts';
import { toldApp } from './told-app.ts';

const { scene, receiver, app, setEndpoint, log, sequences, stored } = toldApp();

describe('an event and its change', () => {
  it('are written together: disabling, enabling and deleting are told to the endpoint, the last one after it is gone', async () => {
    const { tenant, clientId } = app().integration;
    await call(app(), 'POST disable');
    await call(app(), 'POST enable');
    expect((await call(app(), 'DELETE ')).status).toBe(204);
    expect(await stored()).toBeUndefined();
    const rows = await outbox(scene(), tenant, clientId);
    expect(await stream(rows)).toEqual({ batchItemFailures: [] });
    expect(receiver().received.map(({ event }) => event)).toMatchObject([
      { type: 'integration.disabled', object: clientId, client_id: clientId, tenant, sequence: 3, data: {} },
      { type: 'integration.enabled', sequence: 4 },
      { type: 'integration.deleted', sequence: 5 },
    ]);
    expect(await log()).toMatchObject(
      Array(3).fill({ state: 'delivered', attempt_count: 1, attempts: [{ status: 204 }] }),
    );
  });

  it('are not written where the endpoint does not want the type, or there is none', async () => {
    const { tenant, clientId } = app().integration;
    await setEndpoint(app(), { events: ['integration.enabled'] });
    await call(app(), 'POST disable');
    expect(await outbox(scene(), tenant, clientId)).toEqual([]);
    await call(app(), 'POST enable');
    expect(await outbox(scene(), tenant, clientId)).toHaveLength(1);
    await call(app(), 'DELETE endpoint');
    await call(app(), 'POST disable');
    expect(await outbox(scene(), tenant, clientId)).toHaveLength(1);
  });
});

describe('an issue created or changed', () => {
  it('is told to every endpoint whose integration may read it there, and to no other', async () => {
    const { tenant } = app().integration;
    const blind = await anotherApp(scene(), tenant, 'users:read');
    await setEndpoint(blind);
    later(1);
    await changeIssue(app());
    await changeIssue(app(), 1);
    await stream(await outbox(scene(), tenant, 'PRJ-1'));
    expect(receiver().received.map(({ event }) => event)).toMatchObject([
      { type: 'issue.created', object: 'PRJ-1', sequence: 1, data: { project: 'PRJ', number: 1, version: 1 } },
      { type: 'issue.changed', object: 'PRJ-1', sequence: 2, data: { project: 'PRJ', number: 1, version: 2 } },
    ]);
    expect(receiver().received[0]?.body).not.toContain('Door');
    expect(await log(blind)).toEqual([]);
  });

  it.each([
    ['is disabled', { status: 'disabled' }],
    ['has lost the right', { rights: {} }],
  ] as const)('is not told of where the integration %s, now or while it waited', async (_, change) => {
    const { tenant } = app().integration;
    receiver().answer = () => 500;
    await changeIssue(app());
    await stream(await outbox(scene(), tenant, 'PRJ-1'));
    expect(receiver().received).toHaveLength(1);
    const now = await stored();
    await scene().embedded.table.put(integrationItem({ ...(now as Integration), ...change }));
    later(120_000);
    await minute();
    await changeIssue(app());
    await stream(await outbox(scene(), tenant, 'PRJ-2'));
    expect(receiver().received).toHaveLength(1);
    expect(await log()).toMatchObject([{ event: { object: 'PRJ-1' }, state: 'withheld' }]);
  });
});

it('what an app was told, and how that stands, goes by itself some time after the last of it', async () => {
  const { tenant, clientId } = app().integration;
  const goes = async () =>
    Number((await scene().embedded.table.get(deliveryQueueKey(tenant, clientId)))?.[names.timeToLive]) * 1000;
  const inDays = (days: number) => Date.now() + days * 86_400_000;
  await stream([eventRow(app(), 2)]);
  expect(await goes()).toBeGreaterThan(inDays(30));
  expect(await goes()).toBeLessThan(inDays(33));
  // On the last day of the log: the queue outlives what is sent again.
  later(29 * 86_400_000);
  const [{ id }] = await log();
  await call(app(), 'POST deliveries/{id}/redeliver', undefined, { id });
  expect(await goes()).toBeGreaterThan(inDays(30));
});

describe('a record of the stream', () => {
  it('that comes again makes no second delivery', async () => {
    const row = eventRow(app(), 2);
    await stream([row]);
    await stream([row, row]);
    expect(receiver().received).toHaveLength(1);
    expect(await log()).toHaveLength(1);
  });

  it('from before the endpoint was there is not told', async () => {
    await stream([eventRow(app(), 2, { at: new Date(Date.now() - 60_000).toISOString() })]);
    expect(await log()).toEqual([]);
  });

  it('that could not be put into the queues is reported, and nothing after it is', async () => {
    const rows = [eventRow(app(), 2), eventRow(app(), 3)];
    vi.spyOn(scene().embedded, 'refuses').mockImplementation((operation) => operation === 'TransactWriteItems');
    const answer = await stream(rows);
    vi.restoreAllMocks();
    expect(answer?.batchItemFailures).toHaveLength(1);
    expect(await log()).toEqual([]);
    expect(await stream(rows)).toEqual({ batchItemFailures: [] });
    expect(sequences()).toEqual([2, 3]);
  });

  it('that cannot be read is told of by a metric, and holds up none of those after it', async () => {
    const written = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    const unreadable: Item = { ...eventRow(app(), 2), type: 'of.a.later.version' };
    expect(await stream([unreadable, eventRow(app(), 3)])).toEqual({ batchItemFailures: [] });
    expect(sequences()).toEqual([3]);
    const [line, ...more] = written.mock.calls.map(([text]) => String(text)).filter((text) => text.includes('_aws'));
    expect(more).toEqual([]);
    expect(JSON.parse(line ?? '')).toMatchObject({
      [metrics.unreadableEvents]: 1,
      partition: unreadable.pk,
      position: unreadable.sk,
    });
  });

  it('is taken although the sending failed on our side; the next run sends', async () => {
    vi.spyOn(scene().keys.kms, 'call').mockRejectedValue(new Error('down'));
    expect(await stream([eventRow(app(), 2)])).toEqual({ batchItemFailures: [] });
    vi.restoreAllMocks();
    later(120_000);
    await minute();
    expect(sequences()).toEqual([2]);
  });
});

it('a delivery is sent again by hand, whatever became of it, under the same id', async () => {
  await stream([eventRow(app(), 2)]);
  const [{ id }] = await log();
  const again = await call(app(), 'POST deliveries/{id}/redeliver', undefined, { id });
  expect(again).toMatchObject({ status: 200, body: { id, state: 'pending' } });
  await minute();
  expect(sequences()).toEqual([2, 2]);
  expect(receiver().received[0]?.headers['latchkey-event-id']).toBe(
    receiver().received[1]?.headers['latchkey-event-id'],
  );
  for (const unknown of ['dlv_unknown', `dlv_${'0'.repeat(24)}`])
    expect((await call(app(), 'POST deliveries/{id}/redeliver', undefined, { id: unknown })).status).toBe(404);
});
