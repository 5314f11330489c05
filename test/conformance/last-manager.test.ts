import { rmSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { call, createIntegration, tokenOf } from './client.ts';
import { type Running, start } from './running-deployment.ts';

/** Of its own: elsewhere other tests make managers, and this one would lock them out. */
let running: Running;
beforeAll(async () => {
  running = await start({ LATCHKEY_STORE: 'memory' });
});
afterAll(async () => {
  await running?.stop();
  if (running !== undefined) rmSync(running.directory, { recursive: true, force: true });
});

test('the last manager of a tenant cannot be disabled, deleted, stripped of its rights or of its last credential', async () => {
  const { outputs } = running;
  const admin = await tokenOf(outputs, outputs.admin);
  const url = `${outputs.admin_url}/integrations/${outputs.admin.client_id}`;
  expect((await call('POST', `${url}/disable`, { token: admin })).status).toBe(409);
  expect((await call('DELETE', url, { token: admin })).status).toBe(409);
  const secrets = await call('GET', `${url}/secrets`, { token: admin });
  expect((await call('DELETE', `${url}/secrets/${secrets.body.items[0].id}`, { token: admin })).status).toBe(409);
  expect((await call('PUT', `${url}/rights`, { token: admin, body: { rights: ['issues:read'] } })).status).toBe(409);

  await createIntegration(outputs, admin, ['integrations:manage', 'users:manage']);
  expect((await call('POST', `${url}/disable`, { token: admin })).status).toBe(200);
});
