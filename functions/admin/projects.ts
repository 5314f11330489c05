import { projects } from '../../src/adapters/dynamodb/project.ts';
import { projectBody, projectKey } from '../../src/api/schemas/project.ts';
import { auditEvent } from '../../src/entities/audit-event.ts';
import { NotFound } from '../../src/entities/errors.ts';
import { endpoint } from '../shared/endpoint.ts';
import { locationOf } from '../shared/location.ts';
import { pageBody } from '../shared/page.ts';
import { pathValue } from '../shared/path-value.ts';
import { clock, once, randomBytes } from '../shared/services.ts';
import { table } from '../shared/table.ts';

const store = once(() => projects(table()));

export const handler = endpoint({
  createProject: async ({ caller: { tenant }, body, origin }) => {
    const now = clock.now();
    const project = { tenant, ...body, createdAt: new Date(now).toISOString() };
    const change = { tenant, action: 'project.created', object: project.key, changes: { name: project.name } };
    await store().create(project, auditEvent(change, origin, now, randomBytes));
    return {
      body: projectBody(project),
      headers: { Location: locationOf('getProjectOfTenant', { project: project.key }) },
    };
  },

  listProjectsOfTenant: async ({ caller: { tenant }, query }) => ({
    body: await pageBody(
      query,
      { tenant, route: 'listProjectsOfTenant' },
      (page) => store().list(tenant, page),
      projectBody,
    ),
  }),

  getProjectOfTenant: async ({ caller: { tenant }, path }) => {
    const found = await store().get(tenant, pathValue(projectKey, path.project));
    if (found === undefined) throw new NotFound();
    return { body: projectBody(found) };
  },

  deleteProject: async ({ caller: { tenant }, path, origin }) => {
    const key = pathValue(projectKey, path.project);
    const change = { tenant, action: 'project.deleted', object: key };
    await store().delete(tenant, key, auditEvent(change, origin, clock.now(), randomBytes));
    return {};
  },
});
