import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { logoutDeliveries, logoutDeliveryItem } from '../../../../src/adapters/dynamodb/logout-delivery.ts';
import { sessions } from '../../../../src/adapters/dynamodb/session.ts';
import { auditEvent } from '../../../../src/entities/audit-event.ts';
import { NotFound } from '../../../../src/entities/errors.ts';
import { newClientId, newId, newTenantId, newUserId } from '../../../../src/entities/identifiers.ts';
import { attempted, deliveryOf, type LogoutDelivery } from '../../../../src/entities/logout-delivery.ts';
import type { Session } from '../../../../src/entities/session.ts';
import { originOf } from '../../entities/origin.ts';
import { type TableUnderTest, tableEngines } from './embedded-table.ts';

const tenant = newTenantId(randomBytes);
const now = Date.parse('2026-11-21T12:00:00.000Z');
const origin = originOf('usr_1', 'request-1');

const ended = (id: string) => auditEvent({ tenant, action: 'session.ended', object: id }, origin, now, randomBytes);

function signedIn(): Session {
  return {
    tenant,
    userId: newUserId(randomBytes),
    id: newId('ses', randomBytes),
    secretHash: 'hash',
    userGeneration: 0,
    authenticatedAt: '2026-11-21T10:00:00.000Z',
    methods: ['pwd'],
    createdAt: '2026-11-21T10:00:00.000Z',
    expiresAt: '2026-11-21T22:00:00.000Z',
  };
}

describe.each(tableEngines)('logout deliveries in $engine', ({ open, skipped }) => {
  if (skipped) return it.skip('needs Java');
  let engine: TableUnderTest;
  beforeAll(async () => {
    engine = await open();
  });
  afterAll(() => engine.close());
  const store = () => logoutDeliveries(engine.table);

  async function begun(...clientIds: string[]): Promise<LogoutDelivery> {
    const session = { tenant, userId: 'usr_1', id: newId('ses', randomBytes) };
    const delivery = deliveryOf(session, clientIds, new Date(now).toISOString());
    await engine.table.put(logoutDeliveryItem(delivery));
    return delivery;
  }
  const dueIds = async (at: number) => (await store().due(at, 100)).map(({ sessionId }) => sessionId);

  it('are written with the end of a session, for the clients that were given tokens in it', async () => {
    const session = signedIn();
    const clients = [newClientId(tenant, randomBytes), newClientId(tenant, randomBytes)].sort();
    await sessions(engine.table).create(session, ended(session.id));
    for (const client of [...clients, ...clients]) await sessions(engine.table).noteClient(session, client);
    await sessions(engine.table).end(tenant, session.userId, session.id, ended(session.id));
    expect((await store().due(now + 1, 100)).find(({ sessionId }) => sessionId === session.id)).toEqual({
      tenant,
      userId: session.userId,
      sessionId: session.id,
      clientIds: clients,
      endedAt: '2026-11-21T12:00:00.000Z',
      attempts: 0,
      dueAt: '2026-11-21T12:00:00.000Z',
    });
    expect(await sessions(engine.table).get(tenant, session.userId, session.id)).toBeUndefined();
  });

  it('are not written where nobody is to be told, nor where no session ended', async () => {
    const session = signedIn();
    await sessions(engine.table).create(session, ended(session.id));
    await sessions(engine.table).end(tenant, session.userId, session.id, ended(session.id));
    await sessions(engine.table).noteClient(session, newClientId(tenant, randomBytes));
    await expect(sessions(engine.table).end(tenant, session.userId, session.id, ended(session.id))).rejects.toThrow(
      NotFound,
    );
    expect(await dueIds(now + 1)).not.toContain(session.id);
  });

  it('are due from their time on, and no earlier', async () => {
    const { sessionId } = await begun('int_1');
    expect(await dueIds(now - 1)).not.toContain(sessionId);
    expect(await dueIds(now + 1)).toContain(sessionId);
  });

  it('are taken by one of ten for an attempt, and due again after it', async () => {
    const delivery = await begun('int_1');
    const taken = attempted(delivery, now);
    const results = await Promise.all(Array.from({ length: 10 }, () => store().take(delivery, taken)));
    expect(results.filter(Boolean)).toHaveLength(1);
    expect(await dueIds(now + 59_000)).not.toContain(delivery.sessionId);
    expect(await dueIds(now + 61_000)).toContain(delivery.sessionId);
  });

  it('keep those who are still to be told, and are gone with the last', async () => {
    const delivery = await begun('int_1', 'int_2');
    const taken = attempted(delivery, now);
    await store().take(delivery, taken);
    await store().settle(taken, ['int_2']);
    const rest = (await store().due(now + 61_000, 100)).find(({ sessionId }) => sessionId === delivery.sessionId);
    expect(rest).toEqual({ ...taken, clientIds: ['int_2'] });
    await store().settle(taken, []);
    expect(await dueIds(now + 61_000)).not.toContain(delivery.sessionId);
  });

  it('are left alone by an attempt that another one has overtaken', async () => {
    const delivery = await begun('int_1');
    const [first, second] = [attempted(delivery, now), attempted(attempted(delivery, now), now + 60_000)];
    await store().take(delivery, first);
    await store().take(first, second);
    await store().settle(first, []);
    expect(await dueIds(now + 3_600_000)).toContain(delivery.sessionId);
  });
});
