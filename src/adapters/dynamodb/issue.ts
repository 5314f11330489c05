import * as z from 'zod/mini';
import { ConcurrentChange, DependencyUnavailable, NotFound } from '../../entities/errors.ts';
import type { Issue, IssueStore, NewIssue } from '../../entities/issue.ts';
import type { Clock, Pause } from '../../ports.ts';
import { ConditionFailed, type Item, isNew, type Key, type Table } from './commands.ts';
import { entityPage } from './entity-page.ts';
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

const storedIssue = z.object({
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
});

const parseIssue = (item: Item): Issue => z.parse(storedIssue, item);

const storedCounter = z.optional(z.object({ lastNumber: z.number() }));

const lastNumberOf = (counter: Item | undefined) => z.parse(storedCounter, counter)?.lastNumber ?? 0;

/** How long others may be faster before a creation is given up, in milliseconds: well within a function's timeout. */
const patience = 4000;

/** The longest pauses after the first and after any conflict of transactions, in milliseconds. */
const shortestPause = 10;
const longestPause = 250;

/** Issues over the one table. */
export function issues(table: Table, clock: Clock, pause: Pause): IssueStore {
  /**
   * The issue; or, where another creation was faster, the number that was the last; or `undefined` where another was at
   * it at the same time, so that there is no telling.
   */
  async function createNumbered(issue: Issue): Promise<Issue | number | undefined> {
    const counter = issueCounterKey(issue.tenant, issue.project);
    const before = issue.number - 1;
    try {
      await table.transact([
        { check: projectItemKey(issue.tenant, issue.project), condition: existingProject },
        {
          put: { ...counter, lastNumber: issue.number },
          condition: before === 0 ? isNew : { expression: 'lastNumber = :before', values: { ':before': before } },
        },
        { put: issueItem(issue), condition: isNew },
      ]);
      return issue;
    } catch (error) {
      if (error instanceof ConcurrentChange) return undefined;
      if (!(error instanceof ConditionFailed)) throw error;
      if (error.failures.has(0)) throw new NotFound();
      if (error.failures.has(1)) return lastNumberOf(error.failures.get(1));
      throw error;
    }
  }

  async function existing(tenant: string, project: string): Promise<void> {
    if ((await table.get(projectItemKey(tenant, project))) === undefined) throw new NotFound();
  }

  return {
    async create(issue: NewIssue) {
      const deadline = clock.now() + patience;
      let last = lastNumberOf(await table.get(issueCounterKey(issue.tenant, issue.project)));
      let conflicts = 0;
      do {
        const outcome = await createNumbered({ ...issue, number: last + 1 });
        if (typeof outcome === 'object') return outcome;
        if (outcome !== undefined) last = outcome;
        else await pause(Math.min(shortestPause * 2 ** conflicts++, longestPause));
      } while (clock.now() < deadline);
      throw new DependencyUnavailable('issue numbers are contended');
    },

    async get(tenant, project, number) {
      const issueKey = issueItemKey(tenant, project, number);
      const items = await table.batchGet([projectItemKey(tenant, project), issueKey]);
      const found = items.find((item) => item.sk === issueKey.sk);
      return found !== undefined && items.length === 2 ? parseIssue(found) : undefined;
    },

    async replace(before, after) {
      try {
        await table.put(issueItem(after), {
          expression: 'version = :before',
          values: { ':before': before.version },
        });
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
