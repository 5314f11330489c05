import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { auditEventStore } from '../../../../src/adapters/dynamodb/audit-event.ts';
import { projects } from '../../../../src/adapters/dynamodb/project.ts';
import { auditEvent } from '../../../../src/entities/audit-event.ts';
import { Conflict, NotFound } from '../../../../src/entities/errors.ts';
import { newTenantId } from '../../../../src/entities/identifiers.ts';
import type { ProjectStore } from '../../../../src/entities/project.ts';
import { originOf } from '../../entities/origin.ts';
import { countingTable, type TableUnderTest, tableEngines } from './embedded-table.ts';

describe.each(tableEngines)('on $engine', ({ skipped, open }) => {
  describe.skipIf(skipped)('projects', () => {
    let opened: TableUnderTest;
    let counting: ReturnType<typeof countingTable>;
    let store: ProjectStore;
    beforeAll(async () => {
      opened = await open();
      counting = countingTable(opened.table);
      store = projects(counting.table);
    });
    afterAll(() => opened.close());

    let tenant: string;
    beforeEach(() => {
      tenant = newTenantId(randomBytes);
    });

    const project = (key: string, name = 'Project') => ({ tenant, key, name, createdAt: '2026-11-21T10:00:00.000Z' });
    const event = (action: string, object: string) =>
      auditEvent({ tenant, action, object }, originOf('usr_1'), Date.now(), randomBytes);
    const create = (key: string, name?: string) => store.create(project(key, name), event('project.created', key));
    const remove = (key: string) => store.delete(tenant, key, event('project.deleted', key));
    const audited = async () => {
      const { items } = await auditEventStore(opened.table).list(tenant, {}, { limit: 100 });
      return items.map(({ action, object }) => `${action} ${object}`);
    };

    describe('creating a project', () => {
      it('is one transaction with its audit event', async () => {
        const before = { ...counting.calls };
        await create('PRJ');
        expect(counting.calls).toEqual({ ...before, transact: (before.transact ?? 0) + 1 });
        expect(await store.get(tenant, 'PRJ')).toEqual(project('PRJ'));
        expect(await audited()).toEqual(['project.created PRJ']);
      });

      it('under a key that another has is refused, nothing written', async () => {
        await create('PRJ', 'First');
        await expect(create('PRJ', 'Second')).rejects.toThrow(Conflict);
        expect((await store.get(tenant, 'PRJ'))?.name).toBe('First');
        expect(await audited()).toHaveLength(1);
      });

      it('under a key of another tenant is not', async () => {
        await create('PRJ');
        tenant = newTenantId(randomBytes);
        await create('PRJ');
        expect(await store.get(tenant, 'PRJ')).toBeDefined();
      });

      it('ten times at once makes one', async () => {
        const outcomes = await Promise.allSettled(Array.from({ length: 10 }, () => create('PRJ')));
        expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(1);
        expect(await audited()).toHaveLength(1);
      });
    });

    describe('deleting a project', () => {
      it('takes it out of every answer, for good: its key is never used again', async () => {
        await create('PRJ');
        await create('OTHER');
        await remove('PRJ');
        expect(await store.get(tenant, 'PRJ')).toBeUndefined();
        expect(await store.getMany(tenant, ['PRJ', 'OTHER'])).toEqual([project('OTHER')]);
        expect((await store.list(tenant, { limit: 10 })).items).toEqual([project('OTHER')]);
        await expect(create('PRJ')).rejects.toThrow(Conflict);
        expect(await audited()).toEqual(['project.deleted PRJ', 'project.created OTHER', 'project.created PRJ']);
      });

      it('that is not there, or is gone already, is refused, and no event tells of it', async () => {
        await expect(remove('PRJ')).rejects.toThrow(NotFound);
        await create('PRJ');
        await remove('PRJ');
        await expect(remove('PRJ')).rejects.toThrow(NotFound);
        expect(await audited()).toHaveLength(2);
      });
    });

    describe('listing projects', () => {
      it('pages in the order of keys at one query a page, however many were deleted', async () => {
        const keys = Array.from({ length: 25 }, (_, index) => `P${String(index).padStart(2, '0')}`);
        for (const key of keys) await create(key);
        for (const key of keys.slice(0, 20)) await remove(key);
        const before = { ...counting.calls };
        const first = await store.list(tenant, { limit: 3 });
        expect(counting.calls).toEqual({ ...before, query: (before.query ?? 0) + 1 });
        expect(first.items.map(({ key }) => key)).toEqual(['P20', 'P21', 'P22']);
        const second = await store.list(tenant, { limit: 3, after: String(first.last) });
        expect(second.items.map(({ key }) => key)).toEqual(['P23', 'P24']);
        expect(second.last).toBeUndefined();
      });

      it('says that no more follow when a page ends with the last one', async () => {
        await create('ONE');
        await create('TWO');
        expect((await store.list(tenant, { limit: 2 })).last).toBeUndefined();
        expect((await store.list(tenant, { limit: 1 })).last).toBe('ONE');
      });
    });
  });
});
