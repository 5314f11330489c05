import { projects } from '../../src/adapters/dynamodb/project.ts';
import { projectKey } from '../../src/api/schemas/project.ts';
import { InvalidInput } from '../../src/entities/errors.ts';
import { rightsAskedBesides } from '../../src/entities/requested-rights.ts';
import { once } from '../../src/once.ts';
import { askedNow } from '../shared/asked-now.ts';
import { callerOf } from '../shared/caller.ts';
import { endpoint } from '../shared/endpoint.ts';
import { existingIntegration } from '../shared/integration-change.ts';
import { pathValue } from '../shared/path-value.ts';
import { changeProjectRights, withdrawn } from '../shared/project-rights-change.ts';
import { requestedRightBodies } from '../shared/right-body.ts';
import { table } from '../shared/table.ts';

const reader = once(() => projects(table()));

/** Projects that one transaction changes: each takes up to three of its hundred actions. */
const projectsAtOnce = 20;

/** @throws InvalidInput */
async function mustExist(tenant: string, keys: readonly string[]): Promise<void> {
  const found = new Set((await reader().getMany(tenant, keys)).map(({ key }) => key));
  const faults = keys.flatMap((key, index) =>
    found.has(key) ? [] : [{ pointer: `/projects/${index}`, detail: 'is no project' }],
  );
  if (faults.length > 0) throw new InvalidInput(faults);
}

export const handler = endpoint({
  // What was asked for stays as it is: where a later part fails, the same request again does the rest.
  requestProjectRights: async ({ body, caller, origin, path }) => {
    const read = await existingIntegration(caller, path.client_id);
    await mustExist(caller.tenant, body.projects);
    const items = [];
    for (let from = 0; from < body.projects.length; from += projectsAtOnce) {
      const part = body.projects.slice(from, from + projectsAtOnce);
      const named = from === 0 ? read : read.clientId;
      const asked = await changeProjectRights(caller, origin, named, part, async (before, now) => {
        const integration = await askedNow(before);
        const request = { caller: callerOf(caller), integration, at: new Date(now).toISOString() };
        return (rights, project) => rightsAskedBesides(rights, body.rights, { ...request, project });
      });
      items.push(...[...asked].flatMap(([project, rights]) => requestedRightBodies(rights, { project })));
    }
    return { body: { items } };
  },

  withdrawFromProject: async ({ caller, origin, path }) => {
    const project = pathValue(projectKey, path.project);
    await changeProjectRights(caller, origin, path.client_id, [project], () => withdrawn);
    return {};
  },
});
