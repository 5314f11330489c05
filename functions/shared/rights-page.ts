import { countedRights } from '../../src/entities/asked-rights.ts';
import type { Integration, RequestedRight } from '../../src/entities/integration.ts';
import type { ProjectRightsPage } from '../../src/entities/project-rights.ts';
import type { RequestedRights } from '../../src/entities/requested-rights.ts';
import type { RightContext } from '../../src/entities/right-change.ts';
import type { StorePage } from './page.ts';
import { projectRights } from './project-rights-change.ts';

/** A right that an integration asked for, and where. */
export interface RightAskedFor {
  readonly right: string;
  readonly context: RightContext;
  readonly requested: RequestedRight;
}

/** Sorts after the name of every right. */
const wholeProject = '~';

/** Stands for the global context in a position; no project's key. */
const globally = '*';

/**
 * One page of all that an integration asked for: in the global context first, then by project, each in the order of the
 * rights' names. One query, however many projects there are, and none where there never was one. A page may hold fewer
 * than its limit although more follow.
 *
 * @param integration a connection with what its application asks for now: of the rest of its rights nothing is listed
 */
export async function rightsAskedFor(
  integration: Integration,
  { limit, after }: { readonly limit: number; readonly after?: string },
): Promise<StorePage<RightAskedFor>> {
  const { tenant, clientId, rights, projectGrants } = integration;
  const [where = globally, seen = ''] = after?.split(' ') ?? [];
  const from = where === globally ? undefined : where;
  // Each of them has one right at least, save where a connection's application asks for it no more.
  const rows: ProjectRightsPage =
    projectGrants === undefined
      ? { items: [] }
      : await projectRights().list(tenant, clientId, { limit: limit + 1, from });
  const all = [
    ...(from === undefined ? inOrder(countedRights(integration, rights), 'global') : []),
    ...rows.items.flatMap((row) => inOrder(countedRights(integration, row.rights), { project: row.project })),
  ].filter(({ right, context }) => placeOf(context) !== where || right > seen);
  const items = all.slice(0, limit);
  const cut = all.length > limit ? items.at(-1) : undefined;
  if (cut !== undefined) return { items, last: `${placeOf(cut.context)} ${cut.right}` };
  return { items, ...(rows.last !== undefined && { last: `${rows.last} ${wholeProject}` }) };
}

function inOrder(rights: RequestedRights, context: RightContext): RightAskedFor[] {
  return Object.entries(rights)
    .map(([right, requested]) => ({ right, context, requested }))
    .sort((one, other) => (one.right < other.right ? -1 : 1));
}

function placeOf(context: RightContext): string {
  return context === 'global' ? globally : context.project;
}
