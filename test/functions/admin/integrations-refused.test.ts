import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { tenantItem, tenantReader } from '../../../src/adapters/dynamodb/tenant.ts';
import { newTenantId } from '../../../src/entities/identifiers.ts';
import { integrationCalls, publicJwk, wanted } from './integration-calls.ts';

const { scene, caller, create, read, change, callerWith, remove, act, list, audited } = integrationCalls();

describe('400', () => {
  it.each([
    ['no name', { access: { issues: 'read' } }, '/name'],
    ['a name of other characters', { ...wanted, name: 'Billing_sync' }, '/name'],
    ['a name with two spaces', { ...wanted, name: 'Billing  sync' }, '/name'],
    ['a name that begins with a space', { ...wanted, name: ' Billing' }, '/name'],
    ['a name of 101 letters', { ...wanted, name: 'ä'.repeat(101) }, '/name'],
    ['a name of which nothing shows', { ...wanted, name: '\u3164' }, '/name'],
    ['no access', { name: 'A' }, '/access'],
    ['empty access', { name: 'A', access: {} }, '/access'],
    ['no rights', { name: 'A', rights: [] }, '/rights'],
    ['access beside no rights', { ...wanted, rights: [] }, '/rights'],
    ['rights beside no access', { name: 'A', access: {}, rights: ['issues:read'] }, '/access'],
    ['an unknown resource', { name: 'A', access: { moons: 'read' } }, '/access/moons'],
    ['a level that a resource has not', { name: 'A', access: { users: 'full' } }, '/access/users'],
    ['an unknown right', { name: 'A', rights: ['issues:read', 'moons:read'] }, '/rights/1'],
    ['a right named as a member of every object', { name: 'A', rights: ['constructor'] }, '/rights/0'],
    ['an unknown member', { ...wanted, admin: true }, '/admin'],
    ['a grant type that is not offered', { ...wanted, grant_types: ['password'] }, '/grant_types/0'],
    ['no grant type', { ...wanted, grant_types: [] }, '/grant_types'],
    [
      'an unknown way to authenticate',
      { ...wanted, token_endpoint_auth_method: 'mtls' },
      '/token_endpoint_auth_method',
    ],
    ['private_key_jwt without keys', { ...wanted, token_endpoint_auth_method: 'private_key_jwt' }, '/jwks'],
    ['a description with a control character', { ...wanted, description: 'a\u0007b' }, '/description'],
    ['a list', [], ''],
  ])('%s', async (_, body, pointer) => {
    const refused = await create(body);
    expect(refused.status).toBe(400);
    expect(refused.body.errors).toEqual(expect.arrayContaining([{ pointer, detail: expect.any(String) }]));
    expect(await audited()).toEqual([]);
  });

  it('a private key is refused, and nothing of it comes back', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const jwk = privateKey.export({ format: 'jwk' });
    const refused = await create({ ...wanted, token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [jwk] } });
    expect(refused.status).toBe(400);
    expect(refused.body.errors[0].pointer).toBe('/jwks/keys/0');
    expect(JSON.stringify(refused.body)).not.toContain(jwk.d);
  });

  it('a cursor that was altered, or is of another list, and a limit out of bounds', async () => {
    for (const name of ['a', 'b']) await create({ ...wanted, name });
    const { next_cursor } = (await list({ limit: '1' })).body;
    const altered = `${next_cursor.slice(0, -1)}${next_cursor.endsWith('A') ? 'B' : 'A'}`;
    for (const query of [
      { cursor: altered },
      { cursor: '' },
      { limit: '0' },
      { limit: '101' },
      { limit: '1.0' },
      { x: '1' },
    ])
      expect((await list(query as unknown as Record<string, string>)).status).toBe(400);
    const elsewhere = { ...caller(), tenant: newTenantId(randomBytes) };
    const foreign = await list({ cursor: next_cursor }, elsewhere);
    expect(foreign).toMatchObject({ status: 400, body: { errors: [{ pointer: 'cursor' }] } });
    expect((await list({ cursor: next_cursor })).status).toBe(200);
  });
});

describe("the operator's own rights", () => {
  it('400: are unknown in every other tenant, whoever asks', async () => {
    const rights = ['issues:read', 'tenants:manage'];
    const unknown = { status: 400, body: { errors: [{ pointer: '/rights/1' }] } };
    expect(await create({ name: 'A', rights })).toMatchObject(unknown);
    expect((await list()).body.items).toEqual([]);
    const { client_id } = (await create()).body;
    expect(await change(client_id, { rights }, callerWith('integrations:manage', ...rights))).toMatchObject(unknown);
    const operator = { ...caller(), ofOperator: true };
    expect((await change(client_id, { rights }, operator)).body.rights).toEqual([
      { right: 'issues:read', context: 'global', state: 'granted' },
      { right: 'tenants:manage', context: 'global', state: 'pending' },
    ]);
  });
});

describe('403', () => {
  it('enabling needs all that it was granted, disabling does not', async () => {
    const { client_id } = (await create()).body;
    const stranger = { ...callerWith('integrations:manage'), subject: 'usr_stranger' };
    expect((await act(client_id, 'disable', stranger)).status).toBe(200);
    const refused = await act(client_id, 'enable', stranger);
    expect(refused).toMatchObject({ status: 403, body: { missing_rights: ['issues:read', 'users:read'] } });
    expect((await act(client_id, 'enable')).status).toBe(200);
  });
});

describe('404', () => {
  it.each(['int_unknown', `int_${'a'.repeat(2500)}`, 'a#b', 'self'])('%s', async (id) => {
    expect((await read(id)).status).toBe(404);
  });

  it("another tenant's", async () => {
    const { client_id } = (await create()).body;
    const elsewhere = { ...caller(), tenant: newTenantId(randomBytes) };
    expect((await read(client_id, elsewhere)).status).toBe(404);
    expect((await remove(client_id, elsewhere)).status).toBe(404);
    expect((await read(client_id)).status).toBe(200);
  });
});

describe('409', () => {
  it('a name is taken under case folding and NFKC, and in its tenant only', async () => {
    expect((await create({ ...wanted, name: 'Straße ②' })).status).toBe(400);
    expect((await create({ ...wanted, name: 'Straße Ａ' })).status).toBe(201);
    expect((await create({ ...wanted, name: 'STRASSE a' })).status).toBe(409);
    const elsewhere = { ...caller(), tenant: newTenantId(randomBytes) };
    expect((await create({ ...wanted, name: 'STRASSE a' }, elsewhere)).status).toBe(201);
  });

  it('a kid whose key was replaced or removed is not given to another while its tokens may live', async () => {
    const key = { ...publicJwk(), kid: 'key-1' };
    const made = await create({ ...wanted, token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [key] } });
    const { client_id } = made.body;
    const keySet = (...keys: unknown[]) => change(client_id, { jwks: { keys } });
    expect((await keySet({ ...publicJwk(), kid: 'key-1' })).status).toBe(409);
    const successor = { ...publicJwk(), kid: 'key-2' };
    expect((await keySet(key, successor)).status).toBe(200);
    expect((await keySet(successor)).status).toBe(200);
    expect((await keySet(successor, key)).status).toBe(409);
    expect((await keySet(successor, { ...publicJwk(), kid: 'key-3' })).status).toBe(200);
  });
});

describe('the last manager of a tenant', () => {
  const manager = (name: string) => create({ name, rights: ['integrations:manage', 'users:manage'] });
  const managers = async () => (await tenantReader(scene().embedded.table).get(caller().tenant))?.managers;

  it('of two that go at once, one is refused', async () => {
    await scene().embedded.table.put(
      tenantItem({ tenant: caller().tenant, name: 'Tenant', operator: false, managers: 0 }),
    );
    const ids = [(await manager('first')).body.client_id, (await manager('second')).body.client_id];
    const answers = await Promise.all(ids.map((id) => remove(id)));
    expect(answers.map(({ status }) => status).sort()).toEqual([204, 409]);
    expect(await managers()).toBe(1);
  });

  it('409: of two, one can go; the other cannot be disabled, deleted or demoted', async () => {
    await scene().embedded.table.put(
      tenantItem({ tenant: caller().tenant, name: 'Tenant', operator: false, managers: 0 }),
    );
    const [first, second] = [(await manager('first')).body.client_id, (await manager('second')).body.client_id];
    expect(await managers()).toBe(2);
    expect((await act(first, 'disable')).status).toBe(200);
    expect((await act(second, 'disable')).status).toBe(409);
    expect((await remove(second)).status).toBe(409);
    expect((await change(second, { rights: ['users:manage'] })).status).toBe(409);
    expect((await change(second, { rights: ['users:manage', 'integrations:manage', 'users:read'] })).status).toBe(200);
    expect((await act(first, 'enable')).status).toBe(200);
    expect((await remove(second)).status).toBe(204);
    expect(await managers()).toBe(1);
  });
});
