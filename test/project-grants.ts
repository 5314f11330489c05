import type { Item } from '../src/adapters/dynamodb/commands.ts';
import { integrationItem } from '../src/adapters/dynamodb/integration.ts';
import { projectItemKey } from '../src/adapters/dynamodb/project.ts';
import { projectRightsItem } from '../src/adapters/dynamodb/project-rights.ts';
import type { Integration, RequestedRight } from '../src/entities/integration.ts';
import { lengthOfDetails, type ProjectRights, projectGrantsLimit } from '../src/entities/project-rights.ts';

/** Rights by project key. */
export type ByProject = Readonly<Record<string, readonly string[]>>;

const granted: RequestedRight = { state: 'granted', requestedBy: 'usr_1' };

/** An integration that is granted these rights in single projects besides, listed as far as they are in a deployment. */
export function grantedIn<I extends Integration>(integration: I, byProject: ByProject): I {
  const count = Object.keys(byProject).length;
  const fits = lengthOfDetails(byProject) <= projectGrantsLimit;
  return { ...integration, projectGrants: { count, ...(fits && { listed: byProject }) } };
}

/** The row of its rights in one project. */
export function projectRightsOf(
  { tenant, clientId }: Pick<Integration, 'tenant' | 'clientId'>,
  project: string,
  rights: readonly string[],
  state: RequestedRight['state'] = 'granted',
): ProjectRights {
  const requested = Object.fromEntries(rights.map((right) => [right, { ...granted, state }]));
  return { tenant, clientId, project, rights: requested, version: 1 };
}

/** A project, as it lies in the table. */
export const projectItem = (tenant: string, key: string): Item => ({
  ...projectItemKey(tenant, key),
  ...{ tenant, key, name: key, createdAt: '2026-11-21T10:00:00.000Z' },
});

/** All that lies in the table of an integration that is granted rights in single projects. */
export function itemsOf(integration: Integration, byProject: ByProject): readonly Item[] {
  return [
    integrationItem(grantedIn(integration, byProject)),
    ...Object.entries(byProject).flatMap(([project, rights]) => [
      projectRightsItem(projectRightsOf(integration, project, rights)),
      projectItem(integration.tenant, project),
    ]),
  ];
}

/** So many projects, one after the other: `AA`, `AB`, and so on. */
export function projectKeys(count: number): readonly string[] {
  const letter = (index: number) => String.fromCharCode(65 + index);
  return Array.from({ length: count }, (_, index) => {
    const first = Math.floor(index / (26 * 26));
    return `${first === 0 ? '' : letter(first)}${letter(Math.floor(index / 26) % 26)}${letter(index % 26)}`;
  });
}

/** The same rights in so many projects. */
export function inProjects(count: number, ...rights: readonly string[]): ByProject {
  return Object.fromEntries(projectKeys(count).map((project) => [project, rights]));
}
