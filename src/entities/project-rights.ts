import { countedRights } from './asked-rights.ts';
import type { Integration, RequestedRight } from './integration.ts';

/** What an integration asked for in one project, and what became of it. */
export interface ProjectRights {
  readonly tenant: string;
  readonly clientId: string;
  /** The project's key. */
  readonly project: string;
  /** Requested rights in that project, by name. */
  readonly rights: Readonly<Record<string, RequestedRight>>;
  /** Counts changes; each is conditional on the version it was decided on. */
  readonly version: number;
}

/**
 * What is granted to an integration in single projects: all of it, by project, while it fits into a token; past that its
 * count alone, and a token is asked for by naming projects.
 */
export interface ProjectGrants {
  /** In how many projects something is granted. */
  readonly count: number;
  readonly listed?: Readonly<Record<string, readonly string[]>> | undefined;
  /** Listed are only the projects that were asked about; never stored. */
  readonly partial?: true | undefined;
}

export const noProjectGrants: ProjectGrants = { count: 0, listed: {} };

/**
 * The most that rights in single projects may take in a token, in characters of JSON: with them it must fit into the
 * 10,240 bytes that API Gateway takes of headers. Some 75 projects with one right each. Where tokens are signed with
 * Ed25519, of which KMS takes 4,096 bytes, fewer fit into one.
 */
export const projectGrantsLimit = 5_000;

/** One integration's rights in one project before and after a change; absent where there is no row. */
export interface ProjectRightsChange {
  readonly before?: ProjectRights | undefined;
  readonly after?: ProjectRights | undefined;
}

/** The rights granted among those requested. */
export function grantedAmong(rights: Readonly<Record<string, RequestedRight>>): string[] {
  return Object.entries(rights)
    .filter(([, { state }]) => state === 'granted')
    .map(([name]) => name);
}

/** The rights granted to an integration among those requested in one project, as far as they count by themselves. */
export function grantedIn(
  integration: Pick<Integration, 'application'>,
  rights: Readonly<Record<string, RequestedRight>>,
): string[] {
  return grantedAmong(countedRights(integration, rights));
}

/** The rights that wait among those requested. */
export function pendingAmong(rights: Readonly<Record<string, RequestedRight>>): string[] {
  return Object.entries(rights)
    .filter(([, { state }]) => state === 'pending')
    .map(([name]) => name);
}

/**
 * The grants, of which those in some projects were read: there the rows count, elsewhere what is listed.
 *
 * @param asked the projects that were looked at
 * @param found the rows that are there
 */
export function grantsIn(
  integration: Pick<Integration, 'projectGrants' | 'application'>,
  asked: readonly string[],
  found: readonly ProjectRights[],
): ProjectGrants {
  const { count, listed } = integration.projectGrants ?? noProjectGrants;
  const elsewhere = Object.entries(listed ?? {}).filter(([project]) => !asked.includes(project));
  const there = found.map(({ project, rights }) => [project, grantedIn(integration, rights)] as const);
  return {
    count,
    listed: Object.fromEntries([...elsewhere, ...there.filter(([, names]) => names.length > 0)]),
    ...(listed === undefined && { partial: true }),
  };
}

/** Whether something may be granted in projects that are not listed. */
export function isListedInPart({ projectGrants }: Pick<Integration, 'projectGrants'>): boolean {
  if (projectGrants === undefined || projectGrants.count === 0) return false;
  return projectGrants.listed === undefined || projectGrants.partial === true;
}

/** As `authorization_details` would say them (RFC 9396 §2), in characters of JSON. */
export function lengthOfDetails(byProject: Readonly<Record<string, readonly string[]>>): number {
  return JSON.stringify(
    Object.entries(byProject).map(([identifier, actions]) => ({ type: 'project', identifier, actions })),
  ).length;
}

/**
 * The integration's grants in single projects after these changes.
 *
 * @param everything what is granted in single projects after them, where it was read because the list may fit again
 */
export function projectGrantsAfter(
  { projectGrants = noProjectGrants }: Pick<Integration, 'projectGrants'>,
  changes: readonly ProjectRightsChange[],
  everything?: Readonly<Record<string, readonly string[]>>,
): ProjectGrants {
  let { count } = projectGrants;
  const listed = projectGrants.listed && new Map(Object.entries(projectGrants.listed));
  for (const { before, after } of changes) {
    const project = (after ?? before)?.project ?? '';
    const [was, is] = [grantedAmong(before?.rights ?? {}), grantedAmong(after?.rights ?? {})];
    count += Number(is.length > 0) - Number(was.length > 0);
    if (is.length > 0) listed?.set(project, is);
    else listed?.delete(project);
  }
  const all = everything ?? (listed && Object.fromEntries(listed));
  return { count, ...(all !== undefined && lengthOfDetails(all) <= projectGrantsLimit && { listed: all }) };
}

/** One page of an integration's rights in projects; `last` is the key of the last project where there may be more. */
export interface ProjectRightsPage {
  readonly items: readonly ProjectRights[];
  readonly last?: string;
}

/** Reads rights in single projects; a change of them is the integration store's, because it changes the integration. */
export interface ProjectRightsReader {
  /** What it asked for in these projects, and which of them exist; at most 50 in one call, in one round trip. */
  inProjects(
    tenant: string,
    clientId: string,
    projects: readonly string[],
  ): Promise<{ readonly rows: readonly ProjectRights[]; readonly existing: ReadonlySet<string> }>;
  /** In the order of project keys; `after` is the key of the last seen, `from` the first that may come. */
  list(
    tenant: string,
    clientId: string,
    page: { readonly limit: number; readonly after?: string; readonly from?: string | undefined },
  ): Promise<ProjectRightsPage>;
}
