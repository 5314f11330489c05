import { vi } from 'vitest';
import { createIntegration, freshProjectKey, tokenOf } from '../../conformance/client.ts';
import type { Outputs } from '../../conformance/running-deployment.ts';
import { succeed } from '../request.ts';

/** What a deleted integration and a deleted project leave behind is removed by the function that is due when `due` is called. */
export async function rightsRemovalTour(outputs: Outputs, due: () => void): Promise<void> {
  const token = await tokenOf(outputs, outputs.admin);
  const registrar = await tokenOf(outputs, await createIntegration(outputs, token, ['integrations:manage']));
  const project = freshProjectKey();
  await succeed(outputs, 'createProject', { token, body: { key: project, name: 'Some' } });
  const inProject = async () => {
    const path = { client_id: (await createIntegration(outputs, token, ['users:read'])).client_id };
    for (const [asker, right] of [
      [token, 'boards:read'],
      [registrar, 'issues:read'],
    ] as const) {
      const body = { projects: [project], rights: [right] };
      await succeed(outputs, 'requestProjectRights', { token: asker, path, body });
    }
    return path;
  };
  await succeed(outputs, 'deleteIntegration', { token, path: await inProject() });
  const path = await inProject();
  const endpoint = { uri: 'https://app.example/events', verification: 'public_key' };
  await succeed(outputs, 'setEndpoint', { token, path, body: endpoint });
  await succeed(outputs, 'deleteProject', { token, path: { project } });
  due();
  // What was deleted first comes first: once this is done, the other is.
  const query = `object=${path.client_id}&action=right.withdrawn`;
  await vi.waitFor(
    async () => {
      const { body: log } = await succeed(outputs, 'listAuditEvents', { token, query });
      if (log.items.length === 0) throw new Error('nothing was withdrawn');
    },
    { timeout: 30_000, interval: 200 },
  );
}
