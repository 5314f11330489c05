import { randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Table } from '../../../../src/adapters/dynamodb/commands.ts';
import { issueCounterKey, issues } from '../../../../src/adapters/dynamodb/issue.ts';
import { deletedProjectKey, projectItemKey } from '../../../../src/adapters/dynamodb/project.ts';
import { ConcurrentChange, DependencyUnavailable, NotFound } from '../../../../src/entities/errors.ts';
import { newTenantId } from '../../../../src/entities/identifiers.ts';
import { changedIssue, type Issue, issueTold, newIssue } from '../../../../src/entities/issue.ts';
import { outgoingEvent } from '../../../../src/entities/outgoing-event.ts';
import { countingTable, type TableUnderTest, tableEngines } from './embedded-table.ts';

describe.each(tableEngines)('on $engine', ({ skipped, open }) => {
  describe.skipIf(skipped)('issues', () => {
    let opened: TableUnderTest;
    let table: Table;
    beforeAll(async () => {
      opened = await open();
      table = opened.table;
    });
    afterAll(() => opened.close());

    let tenant: string;
    beforeEach(async () => {
      tenant = newTenantId(randomBytes);
      await makeProject('PRJ');
    });

    const makeProject = (key: string) =>
      table.put({ ...projectItemKey(tenant, key), tenant, key, name: 'Project', createdAt: at(0) });
    const deleteProject = (key: string) =>
      table.transact([{ delete: projectItemKey(tenant, key) }, { put: { ...deletedProjectKey(tenant, key) } }]);
    const at = (seconds: number) => new Date(Date.UTC(2026, 10, 21) + seconds * 1000).toISOString();
    const pause = (atMost: number) => wait(Math.random() * atMost);
    const store = () => issues(table, { now: Date.now }, pause);
    const draft = (project = 'PRJ', seconds = 0) =>
      newIssue({ tenant, project, author: 'usr_1' }, { title: 'Door', body: 'sticks' }, at(seconds));
    const told = (issue: Issue) => outgoingEvent(issueTold(issue, 'issue.created'), Date.now(), randomBytes);
    const numbers = (items: readonly Issue[]) => items.map((issue) => issue.number);

    describe('creating issues', () => {
      it('numbers those of each project from 1, one by one', async () => {
        await makeProject('OTHER');
        expect((await store().create(draft(), told)).number).toBe(1);
        expect((await store().create(draft(), told)).number).toBe(2);
        expect((await store().create(draft('OTHER'), told)).number).toBe(1);
      });

      it('is one transaction after one read', async () => {
        const counting = countingTable(table);
        await issues(counting.table, { now: Date.now }, pause).create(draft(), told);
        expect(counting.calls).toEqual({ get: 1, transact: 1 });
      });

      it('gives fifty at once the numbers 1 to 50, each once', async () => {
        // Without a deadline: a busy machine may take its time.
        const patient = issues(table, { now: () => 0 }, pause);
        const created = await Promise.all(Array.from({ length: 50 }, () => patient.create(draft(), told)));
        const expected = Array.from({ length: 50 }, (_, index) => index + 1);
        expect(numbers(created).sort((one, other) => one - other)).toEqual(expected);
        const listed = await store().listOfProject(tenant, 'PRJ', { limit: 100 });
        expect(numbers(listed.items)).toEqual(expected);
        expect(await table.get(issueCounterKey(tenant, 'PRJ'))).toMatchObject({ lastNumber: 50 });
      });

      it('in a project that never was, or was deleted, is refused and writes nothing', async () => {
        await expect(store().create(draft('NONE'), told)).rejects.toThrow(NotFound);
        expect(await table.get(issueCounterKey(tenant, 'NONE'))).toBeUndefined();
        await store().create(draft(), told);
        await deleteProject('PRJ');
        await expect(store().create(draft(), told)).rejects.toThrow(NotFound);
        expect(await table.get(issueCounterKey(tenant, 'PRJ'))).toMatchObject({ lastNumber: 1 });
      });

      it('is given up honestly, nothing written, where others are faster for seconds', async () => {
        let now = 0;
        const contended: Table = {
          ...table,
          transact: async () => {
            throw new ConcurrentChange();
          },
        };
        const slow = issues(contended, { now: () => now }, async (atMost) => {
          now += atMost;
        });
        await expect(slow.create(draft(), told)).rejects.toThrow(DependencyUnavailable);
        expect(now).toBeLessThan(9000);
        expect((await store().listOfProject(tenant, 'PRJ', { limit: 1 })).items).toEqual([]);
      });
    });

    describe('reading an issue', () => {
      it('brings what was created, in one round trip', async () => {
        const created = await store().create(draft(), told);
        const counting = countingTable(table);
        expect(await issues(counting.table, { now: Date.now }, pause).get(tenant, 'PRJ', 1)).toEqual(created);
        expect(counting.calls).toEqual({ batchGet: 1 });
      });

      it('finds none of another tenant, of a deleted project, or of a number not given out', async () => {
        await store().create(draft(), told);
        expect(await store().get(newTenantId(randomBytes), 'PRJ', 1)).toBeUndefined();
        expect(await store().get(tenant, 'PRJ', 2)).toBeUndefined();
        await deleteProject('PRJ');
        expect(await store().get(tenant, 'PRJ', 1)).toBeUndefined();
      });
    });

    describe('changing an issue', () => {
      it('loses nobody: of ten changes of the same version one is made', async () => {
        const before = await store().create(draft(), told);
        const changes = Array.from({ length: 10 }, (_, index) =>
          changedIssue(before, { title: `Change ${index}` }, at(index)),
        );
        const made = await Promise.all(changes.map((after) => store().replace(before, after, told(after))));
        expect(made.filter(Boolean)).toHaveLength(1);
        expect(await store().get(tenant, 'PRJ', 1)).toEqual(changes[made.indexOf(true)]);
      });

      it('makes none where there was none', async () => {
        const before = { ...draft(), number: 7 };
        expect(await store().replace(before, changedIssue(before, { status: 'closed' }, at(1)), told(before))).toBe(
          false,
        );
        expect(await store().get(tenant, 'PRJ', 7)).toBeUndefined();
      });
    });

    describe('listing issues', () => {
      it('of a project pages in the order of numbers, every issue once', async () => {
        for (let count = 0; count < 12; count++) await store().create(draft(), told);
        const first = await store().listOfProject(tenant, 'PRJ', { limit: 5 });
        expect(numbers(first.items)).toEqual([1, 2, 3, 4, 5]);
        const second = await store().listOfProject(tenant, 'PRJ', { limit: 5, after: String(first.last) });
        expect(numbers(second.items)).toEqual([6, 7, 8, 9, 10]);
        const third = await store().listOfProject(tenant, 'PRJ', { limit: 5, after: String(second.last) });
        expect(numbers(third.items)).toEqual([11, 12]);
        expect(third.last).toBeUndefined();
      });

      it('of a project that is not there is refused', async () => {
        await expect(store().listOfProject(tenant, 'NONE', { limit: 5 })).rejects.toThrow(NotFound);
      });

      it('of a tenant pages newest first over its projects, without those deleted and without other tenants', async () => {
        await makeProject('OTHER');
        await makeProject('GONE');
        for (const [index, key] of ['PRJ', 'OTHER', 'GONE', 'PRJ', 'GONE', 'OTHER'].entries())
          await store().create(draft(key, index), told);
        await deleteProject('GONE');
        const seen: string[] = [];
        let after: string | undefined;
        do {
          const page = await store().listOfTenant(tenant, { limit: 2, ...(after !== undefined && { after }) });
          seen.push(...page.items.map((issue) => `${issue.project}-${issue.number}`));
          after = page.last;
        } while (after !== undefined);
        expect(seen).toEqual(['OTHER-2', 'PRJ-2', 'OTHER-1', 'PRJ-1']);
        expect((await store().listOfTenant(newTenantId(randomBytes), { limit: 2 })).items).toEqual([]);
      });

      it('shows an issue as it was changed last, in its place', async () => {
        const before = await store().create(draft(), told);
        const after = changedIssue(before, { status: 'closed' }, at(9));
        await store().replace(before, after, told(after));
        expect((await store().listOfTenant(tenant, { limit: 2 })).items).toEqual([after]);
        expect((await store().listOfProject(tenant, 'PRJ', { limit: 2 })).items).toEqual([after]);
      });
    });
  });
});
