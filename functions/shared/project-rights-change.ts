import { projectRightsReader } from '../../src/adapters/dynamodb/project-rights.ts';
import type { Origin } from '../../src/entities/audit-event.ts';
import type { Integration } from '../../src/entities/integration.ts';
import { grantedAmong, type ProjectRightsChange, projectGrantsAfter } from '../../src/entities/project-rights.ts';
import type { RequestedRights } from '../../src/entities/requested-rights.ts';
import type { AuthorizerContext } from '../../src/oauth/access-token/context.ts';
import { changeIntegration } from './integration-change.ts';
import { once } from './services.ts';
import { table } from './table.ts';

export const projectRights = once(() => projectRightsReader(table()));

/** The rights asked for in one project, before a change; none where nothing was asked for there. */
export interface InProject {
  readonly integration: Integration;
  readonly project: string;
  readonly before: RequestedRights;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/**
 * Changes what an integration asked for in these projects, all of it in one transaction with the integration: at most
 * some 20 projects.
 *
 * @param named a client id or `self`; or the integration, where it was read already
 * @param decide the rights asked for in a project from now on; throws what refuses the change
 * @returns those rights by project
 * @throws NotFound where there is no such integration or, with something asked for in it, no such project
 */
export async function changeProjectRights(
  caller: AuthorizerContext,
  origin: Origin,
  named: string | Integration,
  projects: readonly string[],
  decide: (inProject: InProject) => RequestedRights,
): Promise<ReadonlyMap<string, RequestedRights>> {
  let decided = new Map<string, RequestedRights>();
  await changeIntegration(caller, origin, named, async (integration, now) => {
    const { tenant, clientId } = integration;
    const rows = await projectRights().getMany(tenant, clientId, projects);
    decided = new Map();
    const changes: ProjectRightsChange[] = [];
    for (const project of projects) {
      const before = rows.find((row) => row.project === project);
      const rights = decide({ integration, project, before: before?.rights ?? {}, now });
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
const mostListed = 100;

/** What is granted in single projects after the changes, where it was too much to be listed and may be little enough now. */
async function everythingGranted(
  integration: Integration,
  changes: readonly ProjectRightsChange[],
): Promise<Readonly<Record<string, readonly string[]>> | undefined> {
  if (integration.projectGrants === undefined || integration.projectGrants.listed !== undefined) return undefined;
  if (projectGrantsAfter(integration, changes).count > mostListed) return undefined;
  const granted = new Map<string, readonly string[]>();
  for (let after: string | undefined, more = true; more; more = after !== undefined) {
    const page = await projectRights().list(integration.tenant, integration.clientId, {
      limit: 100,
      ...(after !== undefined && { after }),
    });
    for (const { project, rights } of page.items) granted.set(project, grantedAmong(rights));
    after = page.last;
  }
  for (const { before, after } of changes)
    granted.set((after ?? before)?.project ?? '', grantedAmong(after?.rights ?? {}));
  return Object.fromEntries([...granted].filter(([, rights]) => rights.length > 0));
}
