import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { auditEventActions, auditEventStore } from '../../../../src/adapters/dynamodb/audit-event.ts';
import { type AuditEvent, type AuditFilter, auditEvent } from '../../../../src/entities/audit-event.ts';
import { newTenantId } from '../../../../src/entities/identifiers.ts';
import { originOf } from '../../entities/origin.ts';
import { countingTable, type TableUnderTest, tableEngines } from './embedded-table.ts';

describe.each(tableEngines)('on $engine', ({ skipped, open }) => {
  describe.skipIf(skipped)('the audit log', () => {
    let opened: TableUnderTest;
    let tenant: string;
    beforeAll(async () => {
      opened = await open();
    });
    afterAll(() => opened.close());
    beforeEach(() => {
      tenant = newTenantId(randomBytes);
    });

    const store = () => auditEventStore(opened.table);
    const event = (second: number, action: string, object: string, actor = 'usr_1', changes?: AuditEvent['changes']) =>
      auditEvent({ tenant, action, object, ...(changes && { changes }) }, originOf(actor), second * 1000, randomBytes);
    const all = async (filter: AuditFilter = {}, limit = 100) => {
      const seen: AuditEvent[] = [];
      let after: string | undefined;
      do {
        const page = await store().list(tenant, filter, { limit, ...(after !== undefined && { after }) });
        seen.push(...page.items);
        after = page.last;
      } while (after !== undefined);
      return seen;
    };

    it('gives an event back as it was told', async () => {
      const changes = { name: { from: 'A', to: 'B' }, rights: ['x'] };
      const via = { clientId: 'int_9', tokenId: 'tok_9', sessionId: 'ses_9' };
      const change = { tenant, action: 'integration.changed', object: 'int_1', changes };
      const told = auditEvent(change, { ...originOf('usr_1'), via }, 1000, randomBytes);
      await store().append(told);
      for (const filter of [{}, { object: 'int_1' }, { actor: 'usr_1' }, { action: 'integration.changed' }])
        expect(await all(filter)).toEqual([told]);
    });

    it('holds no event twice', async () => {
      const told = event(1, 'made', 'int_1');
      await store().append(told);
      await expect(store().append({ ...told, actor: 'usr_2' })).rejects.toThrow();
      expect(await all()).toEqual([told]);
    });

    it('is told of a refusal once for each object, action, hour and slot', async () => {
      const hour = 3600;
      const told = [
        event(0, 'client.refused', 'int_1'),
        event(5, 'sign_in.refused', 'int_1'),
        event(10, 'client.refused', 'int_2'),
        event(hour, 'client.refused', 'int_1'),
      ];
      for (const each of told) await store().appendFirstOfHour(each, 7);
      await store().appendFirstOfHour(event(hour - 1, 'client.refused', 'int_1'), 7);
      const elsewhere = event(hour + 1, 'client.refused', 'int_1');
      await store().appendFirstOfHour(elsewhere, 8);
      expect((await all()).map(({ id }) => id)).toEqual([...told, elsewhere].map(({ id }) => id).reverse());
    });

    it('is told of a refusal once by ten at the same time; the next costs one read', async () => {
      const refused = Array.from({ length: 10 }, (_, second) => event(second, 'client.refused', 'int_1'));
      await Promise.all(refused.map((each) => store().appendFirstOfHour(each, 0)));
      expect(await all({ object: 'int_1' })).toHaveLength(1);
      const { table, calls } = countingTable(opened.table);
      await auditEventStore(table).appendFirstOfHour(event(11, 'client.refused', 'int_1'), 0);
      expect(calls).toEqual({ get: 1 });
    });

    it('is searched by any filters together, page by page, each page one query', async () => {
      const events = Array.from({ length: 24 }, (_, index) =>
        event(index, ['made', 'changed'][index % 2] ?? '', `int_${index % 3}`, `usr_${index % 4}`),
      );
      for (const told of events) await store().append(told);
      const filters: AuditFilter[] = [
        {},
        { object: 'int_1' },
        { object: 'int_1', actor: 'usr_1' },
        { object: 'int_1', action: 'made' },
        { actor: 'usr_1', action: 'changed' },
        { object: 'int_2', actor: 'usr_3', action: 'changed' },
        { actor: 'usr_1', from: new Date(5000).toISOString(), until: new Date(9000).toISOString() },
      ];
      for (const filter of filters) {
        const expected = events.filter(
          ({ object, actor, action, at }) =>
            (filter.object ?? object) === object &&
            (filter.actor ?? actor) === actor &&
            (filter.action ?? action) === action &&
            (filter.from ?? at) <= at &&
            (filter.until === undefined || at < filter.until),
        );
        for (const limit of [1, 2, 100])
          expect(
            (await all(filter, limit)).map(({ id }) => id),
            JSON.stringify(filter),
          ).toEqual(expected.map(({ id }) => id).reverse());
        const { table, calls } = countingTable(opened.table);
        await auditEventStore(table).list(tenant, filter, { limit: 2 });
        expect(calls).toEqual({ query: 1 });
      }
    });

    it('goes on where a filter left out all that one query may read', async () => {
      await store().append(event(0, 'made', 'int_1', 'usr_rare'));
      for (let second = 1; second <= 520; second += 20) {
        const events = Array.from({ length: 20 }, (_, index) => event(second + index, 'made', 'int_1'));
        await opened.table.transact(events.flatMap(auditEventActions));
      }
      const filter = { object: 'int_1', actor: 'usr_rare' };
      const first = await store().list(tenant, filter, { limit: 10 });
      expect(first.items).toEqual([]);
      expect(first.last).toEqual(expect.any(String));
      expect(await all(filter)).toHaveLength(1);
    });
  });
});
