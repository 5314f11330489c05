import { afterAll, beforeAll, expect, it } from 'vitest';
import { environment } from '../../../src/environment.ts';
import { auditedIn, call, deployAdmin, newTenant, type Scene, storedIntegration } from './scene.ts';

let scene: Scene;
beforeAll(async () => {
  scene = await deployAdmin();
  process.env[environment.secretRetrieval] = 'off';
  delete process.env[environment.secretKeyArn];
});
afterAll(() => scene.close());

it('where the deployment lets nobody read a secret again, nothing is kept to read, and asking is 403', async () => {
  const caller = await newTenant(scene, 'integrations:manage', 'issues:read');
  const { client_id } = (await call(caller, 'POST /integrations', { name: 'Sync', rights: ['issues:read'] })).body;
  const [secret] = (await storedIntegration(scene, caller, client_id))?.secrets ?? [];
  expect(secret).not.toHaveProperty('ciphertext');
  expect(scene.keys.calls()).toEqual([]);
  expect((await call(caller, `GET /integrations/${client_id}/secrets/${secret?.id}`)).status).toBe(403);
  expect((await auditedIn(scene, caller)).map(({ action }) => action)).toEqual([
    'secret.refused',
    'integration.created',
  ]);
});
