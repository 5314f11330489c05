import type { OutgoingEvent, ToldChange } from './outgoing-event.ts';

/** An issue of a project. */
export interface Issue {
  readonly tenant: string;
  readonly project: string;
  /** Consecutive in the project from 1, never reused. */
  readonly number: number;
  readonly title: string;
  readonly body: string;
  readonly status: 'open' | 'closed';
  /** The subject of the token that created it. */
  readonly author: string;
  /** ISO 8601, UTC, milliseconds. */
  readonly createdAt: string;
  readonly updatedAt: string;
  /** Counts changes, from 1; each is conditional on the version it was decided on. */
  readonly version: number;
}

/** What an issue begins as; the store gives it its number. */
export type NewIssue = Omit<Issue, 'number'>;

/** What a change may set; an absent member stays. */
export interface IssueChange {
  readonly title?: string | undefined;
  readonly body?: string | undefined;
  readonly status?: Issue['status'] | undefined;
}

/** An issue that nobody has changed yet. */
export function newIssue(
  where: Pick<Issue, 'tenant' | 'project' | 'author'>,
  text: Pick<Issue, 'title' | 'body'>,
  at: string,
): NewIssue {
  return { ...where, ...text, status: 'open', createdAt: at, updatedAt: at, version: 1 };
}

/** The issue after a change, which counts its version up. */
export function changedIssue(issue: Issue, change: IssueChange, at: string): Issue {
  return {
    ...issue,
    title: change.title ?? issue.title,
    body: change.body ?? issue.body,
    status: change.status ?? issue.status,
    updatedAt: at,
    version: issue.version + 1,
  };
}

/** One page of issues; `last` is the position of the last one where there may be more. */
export interface IssuePage {
  readonly items: readonly Issue[];
  readonly last?: string;
}

/** Stores issues. Those of a project that is deleted, or never was, are not there. */
export interface IssueStore {
  /**
   * One transaction after one read; both again, after a pause, as often as others who create in the same project at the
   * same time are faster.
   *
   * @param told what endpoints are told of it, in the same transaction
   * @throws NotFound where the project does not exist
   * @throws DependencyUnavailable where others were faster for seconds; nothing was written
   */
  create(issue: NewIssue, told: (created: Issue) => OutgoingEvent): Promise<Issue>;
  get(tenant: string, project: string, number: number): Promise<Issue | undefined>;
  /** Whether `after`, with what endpoints are told, now stands in the place of `before`; false where that is no longer what is stored. */
  replace(before: Issue, after: Issue, told: OutgoingEvent): Promise<boolean>;
  /**
   * One page in the order of numbers; `after` is the position of the last issue seen.
   *
   * @throws NotFound where the project does not exist
   */
  listOfProject(
    tenant: string,
    project: string,
    page: { readonly limit: number; readonly after?: string },
  ): Promise<IssuePage>;
  /**
   * One page over all projects, newest first, some seconds behind at worst. Issues of deleted projects are left out, so
   * that a page may hold fewer than `limit` and yet not be the last.
   */
  listOfTenant(tenant: string, page: { readonly limit: number; readonly after?: string }): Promise<IssuePage>;
}

/** What endpoints are told of an issue: which one it is. Who may read it reads the rest. */
export function issueTold(
  { tenant, project, number, version }: Issue,
  type: 'issue.created' | 'issue.changed',
): ToldChange {
  const object = `${project}-${number}`;
  return { tenant, type, object, sequence: version, project, data: { project, number, version } };
}
