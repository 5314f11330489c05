import { describe, expect, it } from 'vitest';
import { pause } from '../../../functions/shared/pause.ts';
import { auditEventStore } from '../../../src/adapters/dynamodb/audit-event.ts';
import { deliveryStore } from '../../../src/adapters/dynamodb/delivery.ts';
import { startEndpointReceiver } from '../../endpoint-receiver.ts';
import { anotherApp, call, eventRow, later, minute, stream } from './delivery-scene.ts';
import { type Logged, toldApp } from './told-app.ts';

const { scene, receiver, app, setEndpoint, log, sequences } = toldApp();

describe('a receiver at fault', () => {
  it.each([
    ['answers 500', () => 500 as const],
    ['cuts the connection', () => 'cut' as const],
    ['redirects', () => ({ status: 302, headers: { Location: 'http://169.254.169.254/' } })],
  ])('that %s gets the same event, under the same id, until it takes it', async (_, answer) => {
    receiver().answer = answer;
    await stream([eventRow(app(), 2)]);
    for (let run = 0; run < 3; run++) {
      later(10 * 60_000);
      await minute();
    }
    receiver().answer = () => 200;
    later(3_600_000);
    await minute();
    await minute();
    expect(receiver().received).toHaveLength(5);
    expect(new Set(receiver().received.map(({ headers }) => headers['latchkey-event-id'])).size).toBe(1);
    expect(await log()).toMatchObject([{ state: 'delivered', attempt_count: 5 }]);
  });

  it('that is slow is one fault, and holds up no other endpoint', async () => {
    const other = await anotherApp(scene(), app().integration.tenant, 'issues:read');
    const fine = await startEndpointReceiver();
    await call(other, 'PUT endpoint', { uri: fine.url, verification: 'verification_token' });
    later(1);
    receiver().answer = () => 'silent';
    const begun = process.hrtime.bigint();
    await stream([eventRow(app(), 2), eventRow(other, 2)]);
    expect(Number(process.hrtime.bigint() - begun) / 1e9).toBeLessThan(8);
    expect(fine.received).toHaveLength(1);
    expect(await log()).toMatchObject([{ state: 'pending', attempts: [{ fault: 'too slow' }] }]);
    await stream([eventRow(app(), 3), eventRow(other, 3)]);
    expect(fine.received).toHaveLength(2);
    // It fails: the stream does not wait for it any more.
    expect(receiver().received).toHaveLength(1);
    await fine.close();
  });

  it('of one object is passed by the others, whose own order stays', async () => {
    const rows = ['PRJ-1', 'PRJ-2'].flatMap((object) =>
      [1, 2, 3].map((sequence) => eventRow(app(), sequence, { object, type: 'secret.expiring' })),
    );
    receiver().answer = ({ event }) => (event.object === 'PRJ-1' && receiver().received.length < 8 ? 500 : 200);
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
    receiver().answer = () => ({ status: 429, headers: { 'Retry-After': '600' } });
    await stream([eventRow(app(), 2)]);
    receiver().answer = () => 200;
    later(500_000);
    await minute();
    expect(receiver().received).toHaveLength(1);
    later(200_000);
    await minute();
    expect(receiver().received).toHaveLength(2);
  });

  it('has its answers kept, shortened, and without the key it was sent', async () => {
    const set = await setEndpoint(app(), { verification: 'verification_token' });
    receiver().answer = ({ headers }) => ({
      status: 500,
      body: `${headers['latchkey-verification-token']} ${'x'.repeat(5000)}`,
    });
    later(1);
    await stream([eventRow(app(), 2)]);
    const [{ attempts }] = await log();
    expect(attempts[0].answer).toMatch(/^\[key\] x+$/);
    expect(attempts[0].answer.length).toBeLessThanOrEqual(1000);
    expect(JSON.stringify(await log())).not.toContain(set.body.verification_token);
  });
});

describe('an endpoint that fails for a day', () => {
  const failForADay = async () => {
    receiver().answer = () => 500;
    await stream([eventRow(app(), 2)]);
    for (let hour = 0; hour < 25; hour++) {
      later(3_700_000);
      await minute();
    }
  };

  it('is paused, which the log tells of, and its details; what waits is sent when it is resumed', async () => {
    await failForADay();
    const sent = receiver().received.length;
    expect((await call(app(), 'GET endpoint')).body).toMatchObject({ status: 'paused', paused_at: expect.any(String) });
    const { items } = await auditEventStore(scene().embedded.table).list(app().integration.tenant, {}, { limit: 1 });
    expect(items).toMatchObject([
      { action: 'endpoint.paused', actor: 'deployment', object: app().integration.clientId },
    ]);
    receiver().answer = () => 200;
    later(60_000);
    await minute();
    await stream([eventRow(app(), 3)]);
    expect(receiver().received).toHaveLength(sent);
    expect((await call(app(), 'POST endpoint/resume')).body).toMatchObject({ status: 'active' });
    await minute();
    expect(sequences().slice(sent)).toEqual([2, 3]);
    expect((await call(app(), 'GET endpoint')).body).not.toHaveProperty('failing_since');
  });

  it('is not one of which an object alone fails: that is given up after its day', async () => {
    receiver().answer = ({ event }) => (event.object === 'PRJ-1' ? 500 : 200);
    await stream([eventRow(app(), 1, { object: 'PRJ-1' }), eventRow(app(), 2, { object: 'PRJ-1' })]);
    for (let hour = 0; hour < 26; hour++) {
      later(3_700_000);
      await minute();
      await stream([eventRow(app(), hour + 2)]);
    }
    expect((await call(app(), 'GET endpoint')).body.status).toBe('active');
    // Of the same millisecond, the two lie in the log in no order: their sequence tells them apart.
    const stateOf = async (sequence: number) =>
      (await log()).find(({ event }: Logged) => event.object === 'PRJ-1' && event.sequence === sequence)?.state;
    expect(await stateOf(1)).toBe('failed');
    expect(await stateOf(2)).toBe('pending');
  });

  it('is one that says it is gone, at once', async () => {
    receiver().answer = () => 410;
    await stream([eventRow(app(), 2)]);
    expect((await call(app(), 'GET endpoint')).body.status).toBe('paused');
  });
});

describe('a queue', () => {
  it('is worked on by one run at a time: of ten at once, one sends', async () => {
    receiver().answer = () => 500;
    await stream([eventRow(app(), 2)]);
    receiver().answer = () => 200;
    later(120_000);
    await Promise.all(Array.from({ length: 10 }, minute));
    expect(receiver().received).toHaveLength(2);
  });

  it('of a run that was killed is taken over when its lease ends, with the same event', async () => {
    receiver().answer = () => 500;
    await stream([eventRow(app(), 2)]);
    receiver().answer = () => 200;
    const { tenant, clientId } = app().integration;
    later(60_000);
    const now = Date.now();
    await deliveryStore(scene().embedded.table, pause).take(tenant, clientId, {
      id: 'run_dead',
      now,
      until: now + 90_000,
    });
    await minute();
    expect(receiver().received).toHaveLength(1);
    later(91_000);
    await minute();
    expect(sequences()).toEqual([2, 2]);
  });
});
