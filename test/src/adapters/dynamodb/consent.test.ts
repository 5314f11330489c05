import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decideAgain } from '../../../../functions/shared/decide-again.ts';
import { auditEventStore } from '../../../../src/adapters/dynamodb/audit-event.ts';
import { consents } from '../../../../src/adapters/dynamodb/consent.ts';
import { auditEvent } from '../../../../src/entities/audit-event.ts';
import type { ConsentStore } from '../../../../src/entities/consent.ts';
import { ConcurrentChange, NotFound } from '../../../../src/entities/errors.ts';
import { newClientId, newTenantId, newUserId } from '../../../../src/entities/identifiers.ts';
import { isCovered, widened } from '../../../../src/oauth/consent.ts';
import { originOf } from '../../entities/origin.ts';
import { tableEngines } from './embedded-table.ts';

const now = Date.parse('2026-11-21T12:00:00.000Z');
const tenant = newTenantId(randomBytes);
const eventOf = (userId: string, clientId: string, action = 'consent.given') =>
  auditEvent({ tenant, action, object: clientId }, originOf(userId), now, randomBytes);

for (const { engine, skipped, open } of tableEngines)
  describe.skipIf(skipped)(`consents in ${engine}`, () => {
    let store: ConsentStore;
    let events: ReturnType<typeof auditEventStore>;
    let close: () => Promise<void>;
    beforeAll(async () => {
      const opened = await open();
      store = consents(opened.table);
      events = auditEventStore(opened.table);
      close = opened.close;
    });
    afterAll(() => close());

    const agreed = (userId: string, clientId: string, ...global: readonly string[]) => {
      return { tenant, userId, clientId, scopes: ['openid'], rights: { global, byProject: { PRJ: ['boards:read'] } } };
    };
    /** As somebody agrees: read, widened and written, again where others were at it. */
    const agree = (userId: string, clientId: string, right: string) =>
      decideAgain(async () => {
        const before = await store.get(tenant, userId, clientId);
        const after = widened(before, agreed(userId, clientId, right), now, randomBytes);
        await store.put(before, after, eventOf(userId, clientId));
        return after;
      });
    const somebody = () => [newUserId(randomBytes), newClientId(tenant, randomBytes)] as const;

    it('a consent is read as it was given, with an event that tells of it', async () => {
      const [userId, clientId] = somebody();
      const given = await agree(userId, clientId, 'issues:read');
      expect(await store.get(tenant, userId, clientId)).toEqual(given);
      const { items } = await events.list(tenant, { object: clientId }, { limit: 10 });
      expect(items).toMatchObject([{ action: 'consent.given', actor: userId }]);
    });

    it("is one user's, one client's and one tenant's", async () => {
      const [userId, clientId] = somebody();
      await agree(userId, clientId, 'issues:read');
      const others = [
        [newTenantId(randomBytes), userId, clientId],
        [tenant, newUserId(randomBytes), clientId],
        [tenant, userId, newClientId(tenant, randomBytes)],
      ] as const;
      for (const other of others) expect(await store.get(...other)).toBeUndefined();
    });

    it('of two that are given at once, both survive', async () => {
      const [userId, clientId] = somebody();
      await Promise.all([agree(userId, clientId, 'issues:read'), agree(userId, clientId, 'users:read')]);
      await Promise.all([agree(userId, clientId, 'boards:write'), agree(userId, clientId, 'issues:write')]);
      const kept = await store.get(tenant, userId, clientId);
      const rights = { global: ['issues:read', 'users:read', 'boards:write', 'issues:write'], byProject: {} };
      expect(isCovered({ scopes: ['openid'], rights }, kept)).toBe(true);
    });

    it('is not written over what somebody else wrote meanwhile, within the same millisecond either', async () => {
      const [userId, clientId] = somebody();
      const first = await agree(userId, clientId, 'issues:read');
      const second = await agree(userId, clientId, 'users:read');
      const late = widened(first, agreed(userId, clientId, 'boards:read'), now, randomBytes);
      await expect(store.put(first, late, eventOf(userId, clientId))).rejects.toThrow(ConcurrentChange);
      await expect(store.put(undefined, late, eventOf(userId, clientId))).rejects.toThrow(ConcurrentChange);
      expect(await store.get(tenant, userId, clientId)).toEqual(second);
    });

    it('given again after it was withdrawn is another one', async () => {
      const [userId, clientId] = somebody();
      const first = await agree(userId, clientId, 'issues:read');
      const event = () => eventOf(userId, clientId, 'consent.withdrawn');
      await store.withdraw(tenant, userId, clientId, event());
      expect(await store.get(tenant, userId, clientId)).toBeUndefined();
      await expect(store.withdraw(tenant, userId, clientId, event())).rejects.toThrow(NotFound);
      await expect(store.put(first, first, event())).rejects.toThrow(ConcurrentChange);
      expect((await agree(userId, clientId, 'issues:read')).id).not.toBe(first.id);
    });

    it("a user's are listed page by page, and nobody else's with them", async () => {
      const [userId] = somebody();
      const clientIds = Array.from({ length: 5 }, () => newClientId(tenant, randomBytes)).sort();
      for (const clientId of clientIds) await agree(userId, clientId, 'issues:read');
      await agree(newUserId(randomBytes), newClientId(tenant, randomBytes), 'issues:read');
      const listed: string[] = [];
      let after: string | undefined;
      do {
        const page = await store.list(tenant, userId, { limit: 2, ...(after !== undefined && { after }) });
        listed.push(...page.items.map(({ clientId }) => clientId));
        after = page.last;
      } while (after !== undefined);
      expect(listed).toEqual(clientIds);
    });
  });
