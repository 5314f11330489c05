import { projectRightsReader } from '../../src/adapters/dynamodb/project-rights.ts';
import type { Origin } from '../../src/entities/audit-event.ts';
import { NotFound } from '../../src/entities/errors.ts';
import type { Integration } from '../../src/entities/integration.ts';
import {
  grantedAmong,
  grantedIn,
  lengthOfDetails,
  type ProjectRightsChange,
  projectGrantsAfter,
  projectGrantsLimit,
} from '../../src/entities/project-rights.ts';
import type { RequestedRights } from '../../src/entities/requested-rights.ts';
import { once } from '../../src/once.ts';
import { type Acting, changeIntegration } from './integration-change.ts';
import { table } from './table.ts';

export const projectRights = once(() => projectRightsReader(table()));

/** The rights asked for in one project from now on; before, none where nothing was asked for there. */
export type InProject = (before: RequestedRights, project: string) => RequestedRights;

/** Nothing is asked for there any more. @throws NotFound where nothing was */
export const withdrawn: InProject = (before) => {
  if (Object.keys(before).length === 0) throw new NotFound();
  return {};
};

/**
 * Changes what an integration asked for in these projects, all of it in one transaction with the integration: at most
 * some 20 projects.
 *
 * @param named a client id or `self`; or the integration, where it was read already
 * @param decide what becomes of the integration's rights (`now` is in milliseconds since the epoch); it, and what it
 *   answers, throws what refuses the change
 * @returns those rights by project
 * @throws NotFound where there is no such integration, or no such project and nothing was asked for there
 */
export async function changeProjectRights(
  caller: Acting,
  origin: Origin,
  named: string | Integration,
  projects: readonly string[],
  decide: (integration: Integration, now: number) => InProject | Promise<InProject>,
): Promise<ReadonlyMap<string, RequestedRights>> {
  let decided = new Map<string, RequestedRights>();
  await changeIntegration(caller, origin, named, async (integration, now) => {
    const { tenant, clientId } = integration;
    const [{ rows, existing }, inProject] = await Promise.all([
      projectRights().inProjects(tenant, clientId, projects),
      decide(integration, now),
    ]);
    decided = new Map();
    const changes: ProjectRightsChange[] = [];
    for (const project of projects) {
      const before = rows.find((row) => row.project === project);
      if (before === undefined && !existing.has(project)) throw new NotFound();
      const rights = inProject(before?.rights ?? {}, project);
      decided.set(project, rights);
      if (isSame(before?.rights ?? {}, rights)) continue;
      const after = { tenant, clientId, project, rights, version: before?.version ?? 0 };
      changes.push({ before, ...(Object.keys(rights).length > 0 && { after }) });
    }
    if (changes.length === 0) return undefined;
    const everything = await everythingGranted(integration, changes);
    return {
      after: { ...integration, projectGrants: projectGrantsAfter(integration, changes, everything) },
      projects: changes,
    };
  });
  return decided;
}

/** What stays is the same object: nothing else has the same state, decision and comment. */
function isSame(before: RequestedRights, after: RequestedRights): boolean {
  const [was, is] = [Object.entries(before), Object.keys(after)];
  return was.length === is.length && was.every(([right, requested]) => after[right] === requested);
}

/** With more projects than this they cannot be listed in a token, however short their keys and rights. */
const mostListed = 80;

/**
 * What is granted in single projects after the changes, where it was too much to be listed and may be little enough now:
 * only then are rows read, and no more of them than it takes to know.
 */
async function everythingGranted(
  integration: Integration,
  changes: readonly ProjectRightsChange[],
): Promise<Readonly<Record<string, readonly string[]>> | undefined> {
  if (integration.projectGrants === undefined || integration.projectGrants.listed !== undefined) return undefined;
  const { count } = projectGrantsAfter(integration, changes);
  if (count > mostListed || !changes.some(takesAway)) return undefined;
  const changed = new Map(
    changes.map(({ before, after }) => [(after ?? before)?.project ?? '', grantedIn(integration, after?.rights ?? {})]),
  );
  const granted = new Map([...changed].filter(([, rights]) => rights.length > 0));
  for (let after: string | undefined; granted.size < count; ) {
    const page = await projectRights().list(integration.tenant, integration.clientId, {
      limit: 100,
      ...(after !== undefined && { after }),
    });
    for (const { project, rights } of page.items) {
      const there = changed.has(project) ? [] : grantedIn(integration, rights);
      if (there.length > 0) granted.set(project, there);
    }
    if (lengthOfDetails(Object.fromEntries(granted)) > projectGrantsLimit) return undefined;
    if (page.last === undefined) break;
    after = page.last;
  }
  return Object.fromEntries(granted);
}

/** Whether something that was granted is granted no more. */
function takesAway({ before, after }: ProjectRightsChange): boolean {
  const left = grantedAmong(after?.rights ?? {});
  return grantedAmong(before?.rights ?? {}).some((right) => !left.includes(right));
}
