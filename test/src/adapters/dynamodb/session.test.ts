import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { auditEventStore } from '../../../../src/adapters/dynamodb/audit-event.ts';
import type { Table } from '../../../../src/adapters/dynamodb/commands.ts';
import { logoutDeliveries } from '../../../../src/adapters/dynamodb/logout-delivery.ts';
import { sessions } from '../../../../src/adapters/dynamodb/session.ts';
import { auditEvent } from '../../../../src/entities/audit-event.ts';
import { ConcurrentChange, NotFound } from '../../../../src/entities/errors.ts';
import { newClientId, newId, newTenantId, newUserId } from '../../../../src/entities/identifiers.ts';
import { isCurrent, type Session } from '../../../../src/entities/session.ts';
import { originOf } from '../../entities/origin.ts';
import { tableEngines } from './embedded-table.ts';

const now = Date.parse('2026-11-21T12:00:00.000Z');
const tenant = newTenantId(randomBytes);
const eventOf = ({ userId, id }: Session, action: string) =>
  auditEvent({ tenant, action, object: userId, changes: { session: id } }, originOf(userId), now, randomBytes);

for (const { engine, skipped, open } of tableEngines)
  describe.skipIf(skipped)(`sessions in ${engine}`, () => {
    let table: Table;
    let close: () => Promise<void>;
    beforeAll(async () => {
      ({ table, close } = await open());
    });
    afterAll(() => close());
    const store = () => sessions(table);

    const begun = async (changes: Partial<Session> = {}) => {
      const session: Session = {
        tenant,
        userId: newUserId(randomBytes),
        id: newId('ses', randomBytes),
        secretHash: 'first',
        userGeneration: 0,
        authenticatedAt: '2026-11-21T12:00:00.000Z',
        methods: ['pwd'],
        createdAt: '2026-11-21T12:00:00.000Z',
        expiresAt: '2026-11-22T00:00:00.000Z',
        ...changes,
      };
      await store().create(session, eventOf(session, 'session.started'));
      return session;
    };

    it('one is read as it was written, with an event that tells of it', async () => {
      const session = await begun({ userAgent: 'a browser', address: '203.0.113.7' });
      expect(await store().get(tenant, session.userId, session.id)).toEqual(session);
      const { items } = await auditEventStore(table).list(tenant, { object: session.userId }, { limit: 10 });
      expect(items).toMatchObject([{ action: 'session.started', changes: { session: session.id } }]);
    });

    it("a user's are listed, without anybody else's and without notes on clients", async () => {
      const one = await begun();
      const other = await begun({ userId: one.userId });
      await begun();
      await store().noteClient(one, newClientId(tenant, randomBytes));
      const listed = await store().list(tenant, one.userId);
      expect(listed.map(({ id }) => id).sort()).toEqual([one.id, other.id].sort());
      expect(await store().list(newTenantId(randomBytes), one.userId)).toEqual([]);
    });

    it('of ten who renew one at once, one does', async () => {
      const session = await begun();
      const results = await Promise.allSettled(
        Array.from({ length: 10 }, (_, at) => store().renew(session, { ...session, secretHash: `next ${at}` })),
      );
      const renewed = results.flatMap(({ status }, at) => (status === 'fulfilled' ? [at] : []));
      expect(renewed).toHaveLength(1);
      for (const result of results)
        if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(ConcurrentChange);
      expect(await store().get(tenant, session.userId, session.id)).toMatchObject({ secretHash: `next ${renewed[0]}` });
    });

    it('one that ended is not brought back by renewing it', async () => {
      const session = await begun();
      await store().end(tenant, session.userId, session.id, eventOf(session, 'session.ended'));
      const renewed = store().renew(session, { ...session, secretHash: 'next' });
      await expect(renewed).rejects.toBeInstanceOf(ConcurrentChange);
      expect(await store().get(tenant, session.userId, session.id)).toBeUndefined();
    });

    it('one that ends names the clients that were given tokens in it, once each, and leaves them to be told', async () => {
      const session = await begun();
      const clients = [newClientId(tenant, randomBytes), newClientId(tenant, randomBytes)].sort();
      for (const client of [...clients, ...clients]) await store().noteClient(session, client);
      await store().end(tenant, session.userId, session.id, eventOf(session, 'session.ended'));
      const due = await logoutDeliveries(table).due(now + 1, 10);
      expect(due.filter(({ sessionId }) => sessionId === session.id)).toMatchObject([{ clientIds: clients }]);
    });

    it('one ends once', async () => {
      const session = await begun();
      const end = () => store().end(tenant, session.userId, session.id, eventOf(session, 'session.ended'));
      await end();
      await expect(end()).rejects.toBeInstanceOf(NotFound);
    });
  });

describe('a session counts', () => {
  const session = { expiresAt: '2026-11-22T00:00:00.000Z', userGeneration: 1 };
  it.each([
    ['until it runs out', Date.parse(session.expiresAt) - 1, 1, true],
    ['no longer once it has', Date.parse(session.expiresAt), 1, false],
    ['no longer once the password is another', now, 2, false],
  ])('%s', (_, at, tokenGeneration, expected) => {
    expect(isCurrent(session, { tokenGeneration }, at)).toBe(expected);
  });
});
