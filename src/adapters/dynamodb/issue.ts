import * as z from 'zod/mini';
import { ConcurrentChange, DependencyUnavailable, NotFound } from '../../entities/errors.ts';
import type { Issue, IssueStore, NewIssue } from '../../entities/issue.ts';
import type { OutgoingEvent } from '../../entities/outgoing-event.ts';
import { once } from '../../once.ts';
import type { Clock, Pause } from '../../ports.ts';
import { ConditionFailed, type Item, isNew, type Key, type Table } from './commands.ts';
import { entityPage } from './entity-page.ts';
import { outgoingEventAction } from './outgoing-event.ts';
import { existingProject, projectItemKey } from './project.ts';
import { table as names, partitionKey } from './table.ts';

const issuePrefix = 'ISSUE#';

/** Where an issue lies; ten digits, so that sort keys are in the order of numbers. */
export function issueItemKey(tenant: string, project: string, number: number): Key {
  return { pk: partitionKey('issue', tenant, project), sk: `${issuePrefix}${String(number).padStart(10, '0')}` };
}

/** Where a project's last number lies; absent until it has an issue. */
export function issueCounterKey(tenant: string, project: string): Key {
  return { pk: partitionKey('issue', tenant, project), sk: 'COUNTER' };
}

/** The partition of the index that holds every issue of a tenant; no partition of the table has this key. */
export const issuesOfTenantPartition = (tenant: string) => partitionKey('issue', tenant);

/** An issue's place among all of its tenant's: by time, and where two have the same, by project and number. */
function indexPosition({ createdAt, project, number }: Pick<Issue, 'createdAt' | 'project' | 'number'>): string {
  return [createdAt, project, String(number).padStart(10, '0')].join('#');
}

function indexKey(issue: Pick<Issue, 'tenant' | 'createdAt' | 'project' | 'number'>) {
  return {
    [names.index.partitionKey]: issuesOfTenantPartition(issue.tenant),
    [names.index.sortKey]: indexPosition(issue),
  };
}

/** The item of an issue; its attributes are the entity's members, and its place in the index. */
export function issueItem(issue: Issue): Item {
  return { ...issueItemKey(issue.tenant, issue.project, issue.number), ...indexKey(issue), ...issue };
}

const storedIssue = once(() =>
  z.object({
    tenant: z.string(),
    project: z.string(),
    number: z.number(),
    title: z.string(),
    body: z.string(),
    status: z.enum(['open', 'closed']),
    author: z.string(),
    createdAt: z.string(),
    updatedAt: z.string(),
    version: z.number(),
  }),
);

const parseIssue = (item: Item): Issue => z.parse(storedIssue(), item);

const storedCounter = once(() => z.optional(z.object({ lastNumber: z.number() })));

const lastNumberOf = (counter: Item | undefined) => z.parse(storedCounter(), counter)?.lastNumber ?? 0;

/** How long others may be faster before a creation is given up, in milliseconds: well within a function's timeout. */
const patience = 7000;

/** The longest pauses after the first and after any lost race, in milliseconds. */
const shortestPause = 100;
const longestPause = 1000;

/** Issues over the one table. */
export function issues(table: Table, clock: Clock, pause: Pause): IssueStore {
  /** Whether the issue could have its number; false where another creation was faster, or at it at the same time. */
  async function createNumbered(issue: Issue, told: OutgoingEvent): Promise<boolean> {
    const before = issue.number - 1;
    try {
      await table.transact([
        { check: projectItemKey(issue.tenant, issue.project), condition: existingProject },
        {
          put: { ...issueCounterKey(issue.tenant, issue.project), lastNumber: issue.number },
          condition: before === 0 ? isNew : { expression: 'lastNumber = :before', values: { ':before': before } },
        },
        { put: issueItem(issue), condition: isNew },
        outgoingEventAction(told),
      ]);
      return true;
    } catch (error) {
      if (error instanceof ConcurrentChange) return false;
      if (!(error instanceof ConditionFailed)) throw error;
      if (error.failures.has(0)) throw new NotFound();
      if (error.failures.has(1)) return false;
      throw error;
    }
  }

  async function existing(tenant: string, project: string): Promise<void> {
    if ((await table.get(projectItemKey(tenant, project))) === undefined) throw new NotFound();
  }

  return {
    async create(draft: NewIssue, told) {
      const deadline = clock.now() + patience;
      const counter = issueCounterKey(draft.tenant, draft.project);
      for (let losses = 0; ; losses++) {
        const issue = { ...draft, number: lastNumberOf(await table.get(counter)) + 1 };
        if (await createNumbered(issue, told(issue))) return issue;
        if (clock.now() >= deadline) throw new DependencyUnavailable('issue numbers are contended');
        await pause(Math.min(shortestPause * 2 ** losses, longestPause));
      }
    },

    async get(tenant, project, number) {
      const issueKey = issueItemKey(tenant, project, number);
      const items = await table.batchGet([projectItemKey(tenant, project), issueKey]);
      const found = items.find((item) => item.sk === issueKey.sk);
      return found !== undefined && items.length === 2 ? parseIssue(found) : undefined;
    },

    async replace(before, after, told) {
      const condition = { expression: 'version = :before', values: { ':before': before.version } };
      try {
        // Tried again by the SDK after a lost answer, a transaction does not take its own work for another's.
        await table.transact([{ put: issueItem(after), condition }, outgoingEventAction(told)]);
        return true;
      } catch (error) {
        if (error instanceof ConditionFailed || error instanceof ConcurrentChange) return false;
        throw error;
      }
    },

    async listOfProject(tenant, project, { limit, after }) {
      const [page] = await Promise.all([
        entityPage(table, {
          query: {
            partition: partitionKey('issue', tenant, project),
            beginsWith: issuePrefix,
            ...(after !== undefined && { after: { ...issueItemKey(tenant, project, Number(after)) } }),
          },
          limit,
          parse: parseIssue,
          positionOf: ({ number }) => String(number),
        }),
        existing(tenant, project),
      ]);
      return page;
    },

    async listOfTenant(tenant, { limit, after }) {
      const page = await entityPage(table, {
        query: {
          partition: issuesOfTenantPartition(tenant),
          index: true,
          newestFirst: true,
          ...(after !== undefined && { after: keyAt(tenant, after) }),
        },
        limit,
        parse: parseIssue,
        positionOf: indexPosition,
      });
      const projects = await existingProjects(table, tenant, page.items);
      return { ...page, items: page.items.filter((issue) => projects.has(issue.project)) };
    },
  };
}

/** The whole key of the index at a position that {@link indexPosition} made. */
function keyAt(tenant: string, position: string): Key & Item {
  const [createdAt = '', project = '', number = ''] = position.split('#');
  const place = { tenant, createdAt, project, number: Number(number) };
  return { ...issueItemKey(tenant, project, place.number), ...indexKey(place) };
}

async function existingProjects(table: Table, tenant: string, found: readonly Issue[]): Promise<Set<unknown>> {
  const keys = [...new Set(found.map((issue) => issue.project))].map((key) => projectItemKey(tenant, key));
  const items = keys.length === 0 ? [] : await table.batchGet(keys);
  return new Set(items.map((item) => item.key));
}
