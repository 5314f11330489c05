import { projects } from '../../src/adapters/dynamodb/project.ts';
import { projectBody, projectKey } from '../../src/api/schemas/project.ts';
import { auditEvent } from '../../src/entities/audit-event.ts';
import { NotFound } from '../../src/entities/errors.ts';
import type { Project } from '../../src/entities/project.ts';
import { once } from '../../src/once.ts';
import { endpoint } from '../shared/endpoint.ts';
import { locationOf } from '../shared/location.ts';
import { pageBody } from '../shared/page.ts';
import { pathValue } from '../shared/path-value.ts';
import { clock, randomBytes } from '../shared/services.ts';
import { table } from '../shared/table.ts';

const store = once(() => projects(table()));

async function existing(tenant: string, key: string): Promise<Project> {
  const found = await store().get(tenant, pathValue(projectKey, key));
  if (found === undefined) throw new NotFound();
  return found;
}

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

  getProjectOfTenant: async ({ caller: { tenant }, path }) => ({
    body: projectBody(await existing(tenant, path.project)),
  }),

  changeProject: async ({ caller: { tenant }, body, path, origin }) => {
    const project = await existing(tenant, path.project);
    const { name = project.name } = body;
    if (name !== project.name) {
      const changes = { name: { from: project.name, to: name } };
      const change = { tenant, action: 'project.changed', object: project.key, changes };
      await store().rename(project, name, auditEvent(change, origin, clock.now(), randomBytes));
    }
    return { body: projectBody({ ...project, name }) };
  },

  deleteProject: async ({ caller: { tenant }, path, origin }) => {
    const key = pathValue(projectKey, path.project);
    const change = { tenant, action: 'project.deleted', object: key };
    await store().delete(tenant, key, auditEvent(change, origin, clock.now(), randomBytes));
    return {};
  },
});
