import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { auditEventStore } from '../../../src/adapters/dynamodb/audit-event.ts';
import { integrationItem } from '../../../src/adapters/dynamodb/integration.ts';
import { integrationReader } from '../../../src/adapters/dynamodb/integration-store.ts';
import type { Integration } from '../../../src/entities/integration.ts';
import { type EndpointReceiver, type Received, startEndpointReceiver } from '../../endpoint-receiver.ts';
import {
  type App,
  anotherApp,
  call,
  changeIssue,
  type DeliveryScene,
  deployDeliveries,
  eventRow,
  later,
  minute,
  newApp,
  outbox,
  stream,
} from './delivery-scene.ts';

let scene: DeliveryScene;
let receiver: EndpointReceiver;
let app: App;
beforeAll(async () => {
  scene = await deployDeliveries();
});
afterAll(() => scene.close());
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  receiver = await startEndpointReceiver();
  app = await newApp(scene, 'issues:read');
  await setEndpoint(app);
  later(1);
});
afterEach(async () => {
  vi.restoreAllMocks();
  vi.useRealTimers();
  await receiver.close();
});

interface Logged {
  readonly event: { readonly object: string; readonly sequence: number };
}

const setEndpoint = (of: App, more: object = {}) =>
  call(of, 'PUT endpoint', { uri: receiver.url, verification: 'signing_key', ...more });
const log = async (of = app) => (await call(of, 'GET deliveries')).body.items;
const sequences = (object?: string) =>
  receiver.received
    .filter(({ event }) => object === undefined || event.object === object)
    .map(({ event }) => event.sequence);
const stored = () => integrationReader(scene.embedded.table).get(app.integration.tenant, app.integration.clientId);

describe('an event and its change', () => {
  it('are written together: disabling, enabling and deleting are told to the endpoint, the last one after it is gone', async () => {
    const { tenant, clientId } = app.integration;
    await call(app, 'POST disable');
    await call(app, 'POST enable');
    expect((await call(app, 'DELETE ')).status).toBe(204);
    expect(await stored()).toBeUndefined();
    const rows = await outbox(scene, tenant, clientId);
    expect(await stream(rows)).toEqual({ batchItemFailures: [] });
    expect(receiver.received.map(({ event }) => event)).toMatchObject([
      { type: 'integration.disabled', object: clientId, client_id: clientId, tenant, sequence: 3, data: {} },
      { type: 'integration.enabled', sequence: 4 },
      { type: 'integration.deleted', sequence: 5 },
    ]);
    expect(await log()).toMatchObject(
      Array(3).fill({ state: 'delivered', attempt_count: 1, attempts: [{ status: 204 }] }),
    );
  });

  it('are not written where the endpoint does not want the type, or there is none', async () => {
    const { tenant, clientId } = app.integration;
    await setEndpoint(app, { events: ['integration.enabled'] });
    await call(app, 'POST disable');
    expect(await outbox(scene, tenant, clientId)).toEqual([]);
    await call(app, 'POST enable');
    expect(await outbox(scene, tenant, clientId)).toHaveLength(1);
    await call(app, 'DELETE endpoint');
    await call(app, 'POST disable');
    expect(await outbox(scene, tenant, clientId)).toHaveLength(1);
  });
});

describe('an issue created or changed', () => {
  it('is told to every endpoint whose integration may read it there, and to no other', async () => {
    const { tenant } = app.integration;
    const blind = await anotherApp(scene, tenant, 'users:read');
    await setEndpoint(blind);
    later(1);
    await changeIssue(app);
    await changeIssue(app, 1);
    await stream(await outbox(scene, tenant, 'PRJ-1'));
    expect(receiver.received.map(({ event }) => event)).toMatchObject([
      { type: 'issue.created', object: 'PRJ-1', sequence: 1, data: { project: 'PRJ', number: 1, version: 1 } },
      { type: 'issue.changed', object: 'PRJ-1', sequence: 2, data: { project: 'PRJ', number: 1, version: 2 } },
    ]);
    expect(receiver.received[0]?.body).not.toContain('Door');
    expect(await log(blind)).toEqual([]);
  });

  it.each([
    ['is disabled', { status: 'disabled' }],
    ['has lost the right', { rights: {} }],
  ] as const)('is not told of where the integration %s, now or while it waited', async (_, change) => {
    const { tenant } = app.integration;
    receiver.answer = () => 500;
    await changeIssue(app);
    await stream(await outbox(scene, tenant, 'PRJ-1'));
    expect(receiver.received).toHaveLength(1);
    const now = await stored();
    await scene.embedded.table.put(integrationItem({ ...(now as Integration), ...change }));
    later(120_000);
    await minute();
    await changeIssue(app);
    await stream(await outbox(scene, tenant, 'PRJ-2'));
    expect(receiver.received).toHaveLength(1);
    expect(await log()).toMatchObject([{ event: { object: 'PRJ-1' }, state: 'withheld' }]);
  });
});

describe('a record of the stream', () => {
  it('that comes again makes no second delivery', async () => {
    const row = eventRow(app, 2);
    await stream([row]);
    await stream([row, row]);
    expect(receiver.received).toHaveLength(1);
    expect(await log()).toHaveLength(1);
  });

  it('from before the endpoint was there is not told', async () => {
    await stream([eventRow(app, 2, { at: new Date(Date.now() - 60_000).toISOString() })]);
    expect(await log()).toEqual([]);
  });

  it('that could not be put into the queues is reported, and nothing after it is', async () => {
    const rows = [eventRow(app, 2), eventRow(app, 3)];
    vi.spyOn(scene.embedded, 'refuses').mockImplementation((operation) => operation === 'TransactWriteItems');
    const answer = await stream(rows);
    vi.restoreAllMocks();
    expect(answer?.batchItemFailures).toHaveLength(1);
    expect(await log()).toEqual([]);
    expect(await stream(rows)).toEqual({ batchItemFailures: [] });
    expect(sequences()).toEqual([2, 3]);
  });

  it('is taken although the sending failed on our side; the next run sends', async () => {
    vi.spyOn(scene.keys.kms, 'call').mockRejectedValue(new Error('down'));
    expect(await stream([eventRow(app, 2)])).toEqual({ batchItemFailures: [] });
    vi.restoreAllMocks();
    later(120_000);
    await minute();
    expect(sequences()).toEqual([2]);
  });
});

describe('a receiver at fault', () => {
  it.each([
    ['answers 500', () => 500 as const],
    ['cuts the connection', () => 'cut' as const],
    ['redirects', () => ({ status: 302, headers: { Location: 'http://169.254.169.254/' } })],
  ])('that %s gets the same event, under the same id, until it takes it', async (_, answer) => {
    receiver.answer = answer;
    await stream([eventRow(app, 2)]);
    for (let run = 0; run < 3; run++) {
      later(10 * 60_000);
      await minute();
    }
    receiver.answer = () => 200;
    later(3_600_000);
    await minute();
    await minute();
    expect(receiver.received).toHaveLength(5);
    expect(new Set(receiver.received.map(({ headers }) => headers['latchkey-event-id'])).size).toBe(1);
    expect(await log()).toMatchObject([{ state: 'delivered', attempt_count: 5 }]);
  });

  it('that is slow is one fault, and holds up no other endpoint', async () => {
    const other = await anotherApp(scene, app.integration.tenant, 'issues:read');
    const fine = await startEndpointReceiver();
    await call(other, 'PUT endpoint', { uri: fine.url, verification: 'verification_token' });
    later(1);
    receiver.answer = () => 'silent';
    const begun = process.hrtime.bigint();
    await stream([eventRow(app, 2), eventRow(other, 2)]);
    expect(Number(process.hrtime.bigint() - begun) / 1e9).toBeLessThan(8);
    expect(fine.received).toHaveLength(1);
    expect(await log()).toMatchObject([{ state: 'pending', attempts: [{ fault: 'too slow' }] }]);
    await stream([eventRow(app, 3), eventRow(other, 3)]);
    expect(fine.received).toHaveLength(2);
    // It fails: the stream does not wait for it any more.
    expect(receiver.received).toHaveLength(1);
    await fine.close();
  });

  it('of one object is passed by the others, whose own order stays', async () => {
    const rows = ['PRJ-1', 'PRJ-2'].flatMap((object) =>
      [1, 2, 3].map((sequence) => eventRow(app, sequence, { object, type: 'secret.expiring' })),
    );
    receiver.answer = ({ event }) => (event.object === 'PRJ-1' && receiver.received.length < 8 ? 500 : 200);
    await stream(rows);
    expect(sequences('PRJ-2')).toEqual([1, 2, 3]);
    expect(sequences('PRJ-1')).toEqual([1]);
    for (let run = 0; run < 8; run++) {
      later(3_700_000);
      await minute();
    }
    const arrived = await log();
    expect(arrived.every(({ state }: { state: string }) => state === 'delivered')).toBe(true);
    expect([...new Set(sequences('PRJ-1'))]).toEqual([1, 2, 3]);
  });

  it('that asks for time gets it, within bounds', async () => {
    receiver.answer = () => ({ status: 429, headers: { 'Retry-After': '600' } });
    await stream([eventRow(app, 2)]);
    receiver.answer = () => 200;
    later(500_000);
    await minute();
    expect(receiver.received).toHaveLength(1);
    later(200_000);
    await minute();
    expect(receiver.received).toHaveLength(2);
  });

  it('has its answers kept, shortened, and without the key it was sent', async () => {
    const set = await setEndpoint(app, { verification: 'verification_token' });
    receiver.answer = ({ headers }) => ({
      status: 500,
      body: `${headers['latchkey-verification-token']} ${'x'.repeat(5000)}`,
    });
    later(1);
    await stream([eventRow(app, 2)]);
    const [{ attempts }] = await log();
    expect(attempts[0].answer).toMatch(/^\[key\] x+$/);
    expect(attempts[0].answer.length).toBeLessThanOrEqual(1000);
    expect(JSON.stringify(await log())).not.toContain(set.body.verification_token);
  });
});

describe('an endpoint that fails for a day', () => {
  const failForADay = async () => {
    receiver.answer = () => 500;
    await stream([eventRow(app, 2)]);
    for (let hour = 0; hour < 25; hour++) {
      later(3_700_000);
      await minute();
    }
  };

  it('is paused, which the log tells of, and its details; what waits is sent when it is resumed', async () => {
    await failForADay();
    const sent = receiver.received.length;
    expect((await call(app, 'GET endpoint')).body).toMatchObject({ status: 'paused', paused_at: expect.any(String) });
    const { items } = await auditEventStore(scene.embedded.table).list(app.integration.tenant, {}, { limit: 1 });
    expect(items).toMatchObject([{ action: 'endpoint.paused', actor: 'deployment', object: app.integration.clientId }]);
    receiver.answer = () => 200;
    later(60_000);
    await minute();
    await stream([eventRow(app, 3)]);
    expect(receiver.received).toHaveLength(sent);
    expect((await call(app, 'POST endpoint/resume')).body).toMatchObject({ status: 'active' });
    await minute();
    expect(sequences().slice(sent)).toEqual([2, 3]);
    expect((await call(app, 'GET endpoint')).body).not.toHaveProperty('failing_since');
  });

  it('is not one of which an object alone fails: that is given up after its day', async () => {
    receiver.answer = ({ event }) => (event.object === 'PRJ-1' ? 500 : 200);
    await stream([eventRow(app, 1, { object: 'PRJ-1' }), eventRow(app, 2, { object: 'PRJ-1' })]);
    for (let hour = 0; hour < 26; hour++) {
      later(3_700_000);
      await minute();
      await stream([eventRow(app, hour + 2)]);
    }
    expect((await call(app, 'GET endpoint')).body.status).toBe('active');
    // Of the same millisecond, the two lie in the log in no order: their sequence tells them apart.
    const stateOf = async (sequence: number) =>
      (await log()).find(({ event }: Logged) => event.object === 'PRJ-1' && event.sequence === sequence)?.state;
    expect(await stateOf(1)).toBe('failed');
    expect(await stateOf(2)).toBe('pending');
  });

  it('is one that says it is gone, at once', async () => {
    receiver.answer = () => 410;
    await stream([eventRow(app, 2)]);
    expect((await call(app, 'GET endpoint')).body.status).toBe('paused');
  });
});

describe('a queue', () => {
  it('is worked on by one run at a time: of ten at once, one sends', async () => {
    receiver.answer = () => 500;
    await stream([eventRow(app, 2)]);
    receiver.answer = () => 200;
    later(120_000);
    await Promise.all(Array.from({ length: 10 }, minute));
    expect(receiver.received).toHaveLength(2);
  });

  it('of a run that was killed is taken over when its lease ends, with the same event', async () => {
    const { deliveryStore } = await import('../../../src/adapters/dynamodb/delivery.ts');
    receiver.answer = () => 500;
    await stream([eventRow(app, 2)]);
    receiver.answer = () => 200;
    const { tenant, clientId } = app.integration;
    later(60_000);
    const now = Date.now();
    await deliveryStore(scene.embedded.table).take(tenant, clientId, { id: 'run_dead', now, until: now + 90_000 });
    await minute();
    expect(receiver.received).toHaveLength(1);
    later(91_000);
    await minute();
    expect(sequences()).toEqual([2, 2]);
  });
});

it('a delivery is sent again by hand, whatever became of it, under the same id', async () => {
  await stream([eventRow(app, 2)]);
  const [{ id }] = await log();
  const again = await call(app, 'POST deliveries/{id}/redeliver', undefined, { id });
  expect(again).toMatchObject({ status: 200, body: { id, state: 'pending' } });
  await minute();
  expect(sequences()).toEqual([2, 2]);
  expect(receiver.received[0]?.headers['latchkey-event-id']).toBe(receiver.received[1]?.headers['latchkey-event-id']);
  for (const unknown of ['dlv_unknown', `dlv_${'0'.repeat(24)}`])
    expect((await call(app, 'POST deliveries/{id}/redeliver', undefined, { id: unknown })).status).toBe(404);
});

describe('nothing is lost, invented or out of order of its object', () => {
  /** The same numbers from 0 to 1 in each run. */
  const randomFrom = (seed: number) => {
    let state = seed;
    return () => {
      state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
      return state / 2 ** 31;
    };
  };
  const objects = ['PRJ-1', 'PRJ-2', 'PRJ-3'];
  const inOrder = Array.from({ length: 8 }, (_, index) => index + 1);
  const rowsOf = () => objects.flatMap((object) => inOrder.map((sequence) => eventRow(app, sequence, { object })));
  /** What the receiver took, object by object, each event where it came first. */
  const taken = (accepted: readonly Received[]) =>
    objects.map((object) => [
      ...new Set(accepted.filter(({ event }) => event.object === object).map(({ event }) => event.sequence)),
    ]);
  /** A receiver that takes three of ten. */
  const unsteady = (random: () => number) => {
    const accepted: Received[] = [];
    receiver.answer = (received) => {
      if (random() >= 0.3) return random() < 0.5 ? 500 : 'cut';
      accepted.push(received);
      return 200;
    };
    return accepted;
  };

  it.each([1, 7, 42])('whatever the receiver does, and however often the stream tells (%d)', async (seed) => {
    const random = randomFrom(seed);
    const accepted = unsteady(random);
    const rows = rowsOf();
    for (let from = 0; from < rows.length; from += 5) {
      const batch = rows.slice(from, from + 5);
      await stream(batch);
      if (random() < 0.5) await stream(batch);
    }
    for (let run = 0; run < 200 && accepted.length < rows.length; run++) {
      later(random() * 4_000_000);
      await minute();
    }
    expect(accepted).toHaveLength(rows.length);
    expect(taken(accepted)).toEqual(objects.map(() => inOrder));
  });

  it.each([3, 11])('whatever fails on our side, at whatever call a run is cut off (%d)', async (seed) => {
    const random = randomFrom(seed);
    const accepted = unsteady(() => Math.max(0, random() - 0.4));
    vi.spyOn(scene.embedded, 'refuses').mockImplementation(() => random() < 0.15);
    const rows = rowsOf();
    const waiting = [...rows];
    for (let round = 0; round < 300; round++) {
      const batch = waiting.slice(0, 5);
      // As the stream does: all of it again where the answer is an error, else from the first that is reported on.
      const answer = await stream(batch).catch(() => undefined);
      const failed = answer?.batchItemFailures[0]?.itemIdentifier;
      if (answer !== undefined && failed === undefined) waiting.splice(0, batch.length);
      later(random() * 300_000);
      await minute().catch(() => undefined);
      if (new Set(accepted.map(({ event }) => event.id)).size === rows.length) break;
    }
    vi.restoreAllMocks();
    expect(taken(accepted)).toEqual(objects.map(() => inOrder));
    expect(new Set(accepted.map(({ headers }) => headers['latchkey-event-id']))).toEqual(
      new Set(rows.map(({ id }) => id)),
    );
  });
});
