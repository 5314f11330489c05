import { projects } from '../../src/adapters/dynamodb/project.ts';
import { isRight, rightOf } from '../../src/api/rights.ts';
import { projectBody } from '../../src/api/schemas/project.ts';
import type { ProjectPage } from '../../src/entities/project.ts';
import type { AuthorizerContext } from '../../src/oauth/access-token/context.ts';
import { once } from '../../src/once.ts';
import { endpoint } from '../shared/endpoint.ts';
import { pageBody } from '../shared/page.ts';
import { table } from '../shared/table.ts';

const store = once(() => projects(table()));

const isProjectLevel = (right: string) => isRight(right) && rightOf(right).level === 'project';

/** A page of the projects in which the caller holds a project-level right. */
async function visible(
  { tenant, rights, projectRights }: AuthorizerContext,
  page: { readonly limit: number; readonly after?: string },
): Promise<ProjectPage> {
  if (rights.some(isProjectLevel)) return store().list(tenant, page);
  const keys = Object.keys(projectRights).filter((key) => projectRights[key]?.some(isProjectLevel));
  const rest = keys.sort().filter((key) => page.after === undefined || key > page.after);
  const shown = rest.slice(0, page.limit);
  const last = shown.at(-1);
  return {
    items: await store().getMany(tenant, shown),
    ...(rest.length > shown.length && last !== undefined && { last }),
  };
}

export const handler = endpoint({
  listProjects: async ({ caller, query }) => ({
    body: await pageBody(
      query,
      { tenant: caller.tenant, route: 'listProjects' },
      (page) => visible(caller, page),
      projectBody,
    ),
  }),
});
