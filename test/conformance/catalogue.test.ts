import { beforeAll, expect, inject, test } from 'vitest';
import { call, createIntegration, freshName, tokenOf } from './client.ts';

const outputs = inject('separateOrigins');
let admin: string;

beforeAll(async () => {
  admin = await tokenOf(outputs, outputs.admin);
});

test('a right of the catalogue names its API as tokens do: by the base URL that resource selects', async () => {
  const { body } = await call('GET', `${outputs.admin_url}/rights`, { token: admin });
  const apiOf = (name: string) => body.items.find((item: { name: string }) => item.name === name)?.api;
  expect(apiOf('issues:read')).toBe(outputs.api_url);
  expect(apiOf('integrations:manage')).toBe(outputs.admin_url);

  const { client_id, client_secret } = await createIntegration(outputs, admin, ['issues:read', 'integrations:read']);
  const token = await tokenOf(outputs, { client_id, client_secret }, { resource: apiOf('issues:read') });
  expect((await call('GET', `${outputs.api_url}/issues`, { token })).status).toBe(200);
});

test('access and rights together are one list, at creation and at a change', async () => {
  const { client_id, rights } = (
    await call('POST', `${outputs.admin_url}/integrations`, {
      token: admin,
      body: { name: freshName(), access: { issues: 'read' }, rights: ['audit:read', 'issues:read'] },
    })
  ).body;
  const names = (items: readonly { right: string }[]) => items.map(({ right }) => right);
  expect(names(rights)).toEqual(['issues:read', 'audit:read']);
  const changed = await call('PATCH', `${outputs.admin_url}/integrations/${client_id}`, {
    token: admin,
    body: { access: { users: 'read' }, rights: ['audit:read'] },
  });
  expect(changed.status).toBe(200);
  expect(names(changed.body.rights)).toEqual(['users:read', 'audit:read']);
});

test('a secret is added without a body', async () => {
  const { client_id } = await createIntegration(outputs, admin, ['issues:read']);
  const secrets = `${outputs.admin_url}/integrations/${client_id}/secrets`;
  const added = await call('POST', secrets, { token: admin });
  expect(added.status, added.text).toBe(201);
  expect((await call('GET', secrets, { token: admin })).body.items).toHaveLength(2);
  expect((await call('POST', `${outputs.admin_url}/integrations`, { token: admin })).status).toBe(415);
});
