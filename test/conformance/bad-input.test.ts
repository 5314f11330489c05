import { beforeAll, describe, expect, inject, test } from 'vitest';
import { call, createIntegration, freshName, freshProjectKey, requestToken, tokenOf } from './client.ts';

const outputs = inject('oneOrigin');
let admin: string;
let integrations: string;

beforeAll(async () => {
  admin = await tokenOf(outputs, outputs.admin);
  integrations = `${outputs.admin_url}/integrations`;
});

const create = (body: unknown, headers: Record<string, string> = {}) =>
  call('POST', integrations, { token: admin, body, headers });

describe('400 names each fault and changes nothing', () => {
  const name = 'Fine name';
  const access = { issues: 'read' };
  test.each<[string, unknown, string]>([
    ['a name with other characters', { name: 'Billing-sync!', access }, '/name'],
    ['an empty name', { name: '', access }, '/name'],
    ['a name that begins with a space', { name: ' Billing', access }, '/name'],
    ['a name with two spaces', { name: 'Billing  sync', access }, '/name'],
    ['a name that is too long', { name: 'a'.repeat(101), access }, '/name'],
    ['a name that is no string', { name: 7, access }, '/name'],
    ['an unknown member', { name, access, colour: 'red' }, '/colour'],
    ['an unknown API', { name, access: { moons: 'read' } }, '/access/moons'],
    ['an unknown level', { name, access: { issues: 'most' } }, '/access/issues'],
    ['a level that the API does not have', { name, access: { users: 'full' } }, '/access/users'],
    [
      'a private key',
      {
        name,
        access,
        token_endpoint_auth_method: 'private_key_jwt',
        jwks: { keys: [{ kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA', d: 'AA' }] },
      },
      '/jwks',
    ],
  ])('%s', async (_, body, pointer) => {
    const reply = await create(body);
    expect(reply.status, reply.text).toBe(400);
    expect(reply.headers.get('content-type')).toContain('application/problem+json');
    expect(reply.body).toMatchObject({ status: 400, type: expect.any(String), title: expect.any(String) });
    const pointers: string[] = reply.body.errors.map((fault: { pointer: string }) => fault.pointer);
    expect(
      pointers.some((found) => found.startsWith(pointer)),
      pointers.join(' '),
    ).toBe(true);
    expect(reply.text).not.toMatch(/zod|at .*\.ts|stack/i);
  });

  test.each<[string, unknown]>([
    ['no access at all', { name }],
    ['empty access', { name, access: {} }],
    ['empty rights', { name, rights: [] }],
    ['an unknown right', { name, rights: ['moon:land'] }],
    ['a grant type that does not exist', { name, access, grant_types: ['magic'] }],
    ['no object', ['x']],
    ['null', null],
  ])('%s', async (_, body) => {
    expect((await create(JSON.stringify(body))).status).toBe(400);
  });

  test('the same body without the fault is created', async () => {
    expect((await create({ name: freshName(), access })).status).toBe(201);
  });

  test('malformed JSON and invalid UTF-8', async () => {
    expect((await create('{"name":')).status).toBe(400);
    const response = await fetch(integrations, {
      method: 'POST',
      headers: { authorization: `Bearer ${admin}`, 'content-type': 'application/json' },
      body: Buffer.concat([
        Buffer.from('{"name":"a'),
        Buffer.from([0xff, 0xfe]),
        Buffer.from('","access":{"issues":"read"}}'),
      ]),
    });
    expect(response.status).toBe(400);
  });

  test.each(['limit=0', 'limit=101', 'limit=x', 'cursor=nonsense', 'limit=5&limit=6'])(
    'a list with %s',
    async (query) => {
      expect((await call('GET', `${integrations}?${query}`, { token: admin })).status).toBe(400);
    },
  );

  test('a cursor of another route, or with a character changed', async () => {
    await createIntegration(outputs, admin, ['issues:read']);
    const { body } = await call('GET', `${integrations}?limit=1`, { token: admin });
    const cursor: string = body.next_cursor;
    expect((await call('GET', `${integrations}?limit=1&cursor=${cursor}`, { token: admin })).status).toBe(200);
    const tampered = `${cursor.slice(0, 12)}${cursor[12] === 'A' ? 'B' : 'A'}${cursor.slice(13)}`;
    expect((await call('GET', `${integrations}?limit=1&cursor=${tampered}`, { token: admin })).status).toBe(400);
    expect((await call('GET', `${outputs.admin_url}/audit-events?cursor=${cursor}`, { token: admin })).status).toBe(
      400,
    );
  });
});

test('413 for a body over 64 kB, 415 for one that is not JSON', async () => {
  expect(
    (await create({ name: freshName(), access: { issues: 'read' }, description: 'x'.repeat(65 * 1024) })).status,
  ).toBe(413);
  expect((await create('name=x', { 'content-type': 'application/x-www-form-urlencoded' })).status).toBe(415);
  expect((await create('{}', { 'content-type': 'text/plain' })).status).toBe(415);
});

test('404 for ids that are not there or could not be', async () => {
  for (const id of [
    'int_0000000000000000',
    `int_${'A'.repeat(38)}`,
    '..',
    '%00',
    'int_%ff',
    'a#b',
    '%23',
    encodeURIComponent('ü'),
  ])
    expect((await call('GET', `${integrations}/${id}`, { token: admin })).status, id).toBe(404);
});

test('409 for a name that is taken, in whatever case', async () => {
  const name = freshName('Straße');
  expect((await create({ name, access: { issues: 'read' } })).status).toBe(201);
  expect((await create({ name, access: { issues: 'read' } })).status).toBe(409);
  expect((await create({ name: name.toUpperCase(), access: { issues: 'read' } })).status).toBe(409);
});

test('twenty identical creations at once make one integration', async () => {
  const name = freshName('Race');
  const replies = await Promise.all(Array.from({ length: 20 }, () => create({ name, access: { issues: 'read' } })));
  const statuses = replies.map((reply) => reply.status).sort();
  expect(statuses).toEqual([201, ...Array.from({ length: 19 }, () => 409)]);
  let found = 0;
  let query = '';
  do {
    const { body } = await call('GET', `${integrations}?limit=100${query}`, { token: admin });
    found += body.items.filter((item: { name: string }) => item.name === name).length;
    query = body.next_cursor ? `&cursor=${body.next_cursor}` : '';
  } while (query !== '');
  expect(found).toBe(1);
});

describe('403', () => {
  test('a right that the caller does not hold waits, and one that the caller holds is granted at once', async () => {
    const manager = await tokenOf(
      outputs,
      await createIntegration(outputs, admin, ['integrations:manage', 'integrations:read', 'issues:read']),
    );
    const made = await call('POST', integrations, {
      token: manager,
      body: { name: freshName(), rights: ['issues:read', 'users:read'] },
    });
    expect(made.status).toBe(201);
    expect(made.body.rights).toEqual([
      { right: 'issues:read', context: 'global', state: 'granted' },
      { right: 'users:read', context: 'global', state: 'pending' },
    ]);
    const { access_token, scope } = (await requestToken(outputs, made.body)).body;
    expect(scope).toBe('issues:read');
    expect((await call('GET', `${outputs.api_url}/users`, { token: access_token })).status).toBe(403);
  });

  test('a manager without the rights of a foreign integration cannot touch its credentials, but can disable it', async () => {
    const target = await createIntegration(outputs, admin, ['issues:read', 'users:read']);
    const manager = await tokenOf(
      outputs,
      await createIntegration(outputs, admin, ['integrations:manage', 'integrations:read', 'issues:read']),
    );
    const url = `${integrations}/${target.client_id}`;
    const secrets = await call('GET', `${url}/secrets`, { token: manager });
    const id = secrets.body.items[0].id;
    for (const refused of await Promise.all([
      call('GET', `${url}/secrets/${id}`, { token: manager }),
      call('POST', `${url}/secrets`, { token: manager, body: {} }),
      call('DELETE', `${url}/secrets/${id}`, { token: manager }),
      call('PATCH', url, {
        token: manager,
        body: { grant_types: ['client_credentials'], token_endpoint_auth_method: 'private_key_jwt' },
      }),
    ])) {
      expect(refused.status, refused.text).toBe(403);
      expect(refused.body.missing_rights).toEqual(['users:read']);
    }
    expect((await call('POST', `${url}/disable`, { token: manager })).status).toBe(200);
    expect((await call('POST', `${url}/enable`, { token: manager })).status).toBe(403);
    expect((await call('POST', `${url}/enable`, { token: admin })).status).toBe(200);
  });
});

test('an issue changes only under the version it was read at', async () => {
  const project = freshProjectKey();
  await call('POST', `${outputs.admin_url}/projects`, { token: admin, body: { key: project, name: 'Versions' } });
  const issues = `${outputs.api_url}/projects/${project}/issues`;
  const created = await call('POST', issues, { token: admin, body: { title: 'First', body: 'text' } });
  expect(created.status, created.text).toBe(201);
  expect(created.body).toMatchObject({
    number: 1,
    title: 'First',
    body: 'text',
    status: 'open',
    version: expect.any(Number),
  });
  const etag = created.headers.get('etag') ?? '';
  expect((await call('PATCH', `${issues}/1`, { token: admin, body: { status: 'closed' } })).status).toBe(428);
  const changed = await call('PATCH', `${issues}/1`, {
    token: admin,
    body: { status: 'closed' },
    headers: { 'if-match': etag },
  });
  expect(changed.body).toMatchObject({ status: 'closed', title: 'First' });
  expect(
    (await call('PATCH', `${issues}/1`, { token: admin, body: { title: 'Lost' }, headers: { 'if-match': etag } }))
      .status,
  ).toBe(412);
  expect((await call('GET', `${issues}/1`, { token: admin })).body.title).toBe('First');
});

test('fifty issues created at once get consecutive numbers', async () => {
  const project = freshProjectKey();
  await call('POST', `${outputs.admin_url}/projects`, { token: admin, body: { key: project, name: 'Fifty' } });
  const replies = await Promise.all(
    Array.from({ length: 50 }, (_, index) =>
      call('POST', `${outputs.api_url}/projects/${project}/issues`, {
        token: admin,
        body: { title: `Issue ${index}`, body: '' },
      }),
    ),
  );
  expect(replies.map((reply) => reply.status)).toEqual(Array.from({ length: 50 }, () => 201));
  expect(replies.map((reply) => reply.body.number).sort((a, b) => a - b)).toEqual(
    Array.from({ length: 50 }, (_, index) => index + 1),
  );
});
