import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { handler } from '../../../functions/admin/integrations.ts';
import { auditEventStore } from '../../../src/adapters/dynamodb/audit-event.ts';
import { integrationReader } from '../../../src/adapters/dynamodb/integration-store.ts';
import { tenantItem, tenantReader } from '../../../src/adapters/dynamodb/tenant.ts';
import { newClientId, newTenantId } from '../../../src/entities/identifiers.ts';
import { hashOf } from '../../../src/entities/recognizable-secret.ts';
import type { AuthorizerContext } from '../../../src/oauth/access-token/context.ts';
import type { EmbeddedTable } from '../../src/adapters/dynamodb/embedded-table.ts';
import { callHandler, deployTable } from '../deployment.ts';
import { deployKeys, type KeyManagement } from '../key-management.ts';

const send = callHandler(handler);

let embedded: EmbeddedTable;
let keys: KeyManagement;
beforeAll(async () => {
  embedded = await deployTable();
  keys = await deployKeys();
});
afterAll(async () => {
  await keys.close();
  await embedded.close();
});

let caller: AuthorizerContext;
const callerWith = (...rights: readonly string[]): AuthorizerContext => ({ ...caller, rights });

beforeEach(async () => {
  const tenant = newTenantId(randomBytes);
  const clientId = newClientId(tenant, randomBytes);
  caller = {
    tenant,
    subject: clientId,
    clientId,
    credential: 'sec_1',
    rights: ['integrations:manage', 'integrations:read', 'users:manage', 'users:read', 'issues:write'],
    projectRights: {},
    tokenId: 'tok_1',
  };
  await embedded.table.put(tenantItem({ tenant, name: 'Tenant', operator: false, managers: 1 }));
});

const wanted = { name: 'Billing sync 2', access: { issues: 'read', users: 'read' } };
const create = (body: unknown = wanted, by = caller) => send('POST /v1/integrations', { caller: by, body });
const on = (client_id: string, by = caller) => ({ caller: by, path: { client_id } });
const read = (id: string, by?: AuthorizerContext) => send('GET /v1/integrations/{client_id}', on(id, by));
const change = (id: string, body: unknown, by?: AuthorizerContext) =>
  send('PATCH /v1/integrations/{client_id}', { ...on(id, by), body });
const remove = (id: string, by?: AuthorizerContext) => send('DELETE /v1/integrations/{client_id}', on(id, by));
const act = (id: string, action: string, by?: AuthorizerContext) =>
  send(`POST /v1/integrations/{client_id}/${action}`, on(id, by));
const list = (query: Record<string, string> = {}) => send('GET /v1/integrations', { caller, query });
const stored = (id: string) => integrationReader(embedded.table).get(caller.tenant, id);
const audited = async () =>
  (await auditEventStore(embedded.table).list(caller.tenant, {}, { limit: 100 })).items.map(({ action }) => action);

function publicJwk(kind: 'ec' | 'ed25519' = 'ec'): Record<string, unknown> {
  const { publicKey } =
    kind === 'ec' ? generateKeyPairSync('ec', { namedCurve: 'P-256' }) : generateKeyPairSync('ed25519');
  return { ...publicKey.export({ format: 'jwk' }) };
}

describe('creating', () => {
  it('answers 201 with the credentials, and keeps of the secret its hash and its ciphertext', async () => {
    const created = await create({ ...wanted, description: 'nightly export' });
    const { client_id, client_secret } = created.body;
    expect(created).toMatchObject({
      status: 201,
      headers: { Location: `/admin/v1/integrations/${client_id}`, 'Cache-Control': 'no-store' },
    });
    expect(created.body).toEqual({
      client_id: expect.stringMatching(/^int_[0-9A-Za-z]{38}$/),
      client_secret: expect.stringMatching(/^lks_[0-9A-Za-z]{49}$/),
      name: 'Billing sync 2',
      description: 'nightly export',
      status: 'active',
      owner: caller.subject,
      grant_types: ['client_credentials'],
      token_endpoint_auth_method: 'client_secret_basic',
      access: { issues: 'read', users: 'read' },
      rights: [
        { right: 'issues:read', context: 'global', state: 'granted' },
        { right: 'users:read', context: 'global', state: 'granted' },
      ],
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      token_request: { curl: expect.stringContaining(`'${client_id}:<client_secret>'`) },
    });
    const [secret] = (await stored(client_id))?.secrets ?? [];
    expect(secret?.hash).toBe(hashOf(client_secret));
    expect(secret?.ciphertext).toEqual(expect.any(String));
    expect(JSON.stringify(await stored(client_id))).not.toContain(client_secret);
    expect(await audited()).toEqual(['integration.created']);
  });

  it('reads nothing and writes one transaction', async () => {
    embedded.calls();
    await create();
    expect(embedded.calls()).toEqual({ TransactWriteItems: 1 });
  });

  it('takes rights one by one in place of access, and answers the access that they amount to', async () => {
    const created = await create({ name: 'Writer', rights: ['issues:read', 'issues:write', 'integrations:manage'] });
    expect(created.status).toBe(201);
    expect(created.body.access).toEqual({ issues: 'full' });
    expect(created.body.rights).toHaveLength(3);
  });

  it('takes both together: what the access stands for, and the rights named besides', async () => {
    const created = await create({
      name: 'Reader',
      description: 'nightly\nexport',
      access: { issues: 'read' },
      rights: ['integrations:manage', 'issues:read'],
    });
    expect(created.status).toBe(201);
    expect(created.body.description).toBe('nightly\nexport');
    expect(created.body.rights.map(({ right }: { right: string }) => right)).toEqual([
      'issues:read',
      'integrations:manage',
    ]);
  });

  it('with private_key_jwt makes no secret, asks KMS for nothing, and gives a key without kid its thumbprint', async () => {
    keys.calls();
    const jwk = publicJwk();
    const created = await create({ ...wanted, token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [jwk] } });
    expect(created.status).toBe(201);
    expect(created.body).not.toHaveProperty('client_secret');
    expect(created.body.jwks.keys).toEqual([{ ...jwk, kid: expect.stringMatching(/^[\w-]{43}$/) }]);
    expect(keys.calls()).toEqual([]);
  });

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
    ['no authentication', { ...wanted, token_endpoint_auth_method: 'none' }, '/token_endpoint_auth_method'],
    ['private_key_jwt without keys', { ...wanted, token_endpoint_auth_method: 'private_key_jwt' }, '/jwks'],
    ['a description with a control character', { ...wanted, description: 'a\u0007b' }, '/description'],
    ['a list', [], ''],
  ])('400: %s', async (_, body, pointer) => {
    const refused = await create(body);
    expect(refused.status).toBe(400);
    expect(refused.body.errors).toEqual(expect.arrayContaining([{ pointer, detail: expect.any(String) }]));
    expect(await audited()).toEqual([]);
  });

  it('400: a private key is refused, and nothing of it comes back', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const jwk = privateKey.export({ format: 'jwk' });
    const refused = await create({ ...wanted, token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [jwk] } });
    expect(refused.status).toBe(400);
    expect(refused.body.errors[0].pointer).toBe('/jwks/keys/0');
    expect(JSON.stringify(refused.body)).not.toContain(jwk.d);
  });

  it('403: a right that the caller does not hold is named, and nothing is made', async () => {
    const refused = await create({ name: 'A', rights: ['issues:read', 'boards:read', 'tenants:manage'] });
    expect(refused).toMatchObject({ status: 403, body: { missing_rights: ['boards:read', 'tenants:manage'] } });
    expect((await list()).body.items).toEqual([]);
    expect(await audited()).toEqual([]);
  });

  it('409: a name is taken under case folding and NFKC, and in its tenant only', async () => {
    expect((await create({ ...wanted, name: 'Straße ②' })).status).toBe(400);
    expect((await create({ ...wanted, name: 'Straße Ａ' })).status).toBe(201);
    expect((await create({ ...wanted, name: 'STRASSE a' })).status).toBe(409);
    const elsewhere = { ...caller, tenant: newTenantId(randomBytes) };
    expect((await create({ ...wanted, name: 'STRASSE a' }, elsewhere)).status).toBe(201);
  });

  it('twenty times at once under one name makes one integration: one 201, nineteen 409', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => create()));
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 201)).toHaveLength(1);
    expect(statuses.filter((status) => status === 409)).toHaveLength(19);
    const { items } = (await list()).body;
    expect(items).toHaveLength(1);
    expect(items[0].client_id).toBe(answers.find(({ status }) => status === 201)?.body.client_id);
    expect(await audited()).toEqual(['integration.created']);
  });
});

describe('listing', () => {
  it('is in the order of folded names, page by page', async () => {
    for (const name of ['delta', 'Alpha', 'charlie', 'Bravo']) await create({ ...wanted, name });
    const first = await list({ limit: '3' });
    expect(first.body.items.map(({ name }: { name: string }) => name)).toEqual(['Alpha', 'Bravo', 'charlie']);
    expect(Object.keys(first.body.items[0]).sort()).toEqual(['client_id', 'created_at', 'name', 'status']);
    const second = await list({ limit: '3', cursor: first.body.next_cursor });
    expect(second.body.items.map(({ name }: { name: string }) => name)).toEqual(['delta']);
    expect(second.body).not.toHaveProperty('next_cursor');
  });

  it('400: a cursor that was altered, or is of another list, and a limit out of bounds', async () => {
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
    const elsewhere = { ...caller, tenant: newTenantId(randomBytes) };
    const foreign = await send('GET /v1/integrations', { caller: elsewhere, query: { cursor: next_cursor } });
    expect(foreign).toMatchObject({ status: 400, body: { errors: [{ pointer: 'cursor' }] } });
    expect((await list({ cursor: next_cursor })).status).toBe(200);
  });
});

describe('reading', () => {
  it('shows no secret', async () => {
    const { client_id, client_secret, ...details } = (await create()).body;
    const answer = await read(client_id);
    expect(answer).toMatchObject({ status: 200, body: details });
    expect(answer.body).not.toHaveProperty('client_secret');
    expect(JSON.stringify(answer.body)).not.toContain(client_secret.slice(4, -6));
  });

  it("self is the token's own integration", async () => {
    const { client_id } = (await create()).body;
    expect((await read('self', { ...caller, clientId: client_id, rights: [] })).body.client_id).toBe(client_id);
  });

  it.each(['int_unknown', `int_${'a'.repeat(2500)}`, 'a#b', 'self'])('404: %s', async (id) => {
    expect((await read(id)).status).toBe(404);
  });

  it("404: another tenant's", async () => {
    const { client_id } = (await create()).body;
    const elsewhere = { ...caller, tenant: newTenantId(randomBytes) };
    expect((await read(client_id, elsewhere)).status).toBe(404);
    expect((await remove(client_id, elsewhere)).status).toBe(404);
    expect((await read(client_id)).status).toBe(200);
  });
});

describe('changing', () => {
  it('changes what is given, in one read and one transaction, and tells the log what', async () => {
    const { client_id } = (await create()).body;
    embedded.calls();
    const changed = await change(client_id, { name: 'Renamed', access: { issues: 'full' } });
    expect(embedded.calls()).toEqual({ GetItem: 1, TransactWriteItems: 1 });
    expect(changed).toMatchObject({ status: 200, body: { name: 'Renamed', access: { issues: 'full' } } });
    expect((await read(client_id)).body).toEqual(changed.body);
    const { items } = await auditEventStore(embedded.table).list(caller.tenant, { object: client_id }, { limit: 1 });
    expect(items[0]).toMatchObject({
      action: 'integration.changed',
      changes: {
        name: { from: 'Billing sync 2', to: 'Renamed' },
        rights: { added: ['issues:write'], removed: ['users:read'] },
      },
    });
  });

  it('a changed name frees the old one and takes the new one', async () => {
    const { client_id } = (await create()).body;
    await create({ ...wanted, name: 'Other' });
    expect((await change(client_id, { name: 'OTHER' })).status).toBe(409);
    expect((await change(client_id, { name: 'BILLING sync 2' })).status).toBe(200);
    expect((await change(client_id, { name: 'New' })).status).toBe(200);
    expect((await create()).status).toBe(201);
    expect((await create({ ...wanted, name: 'new' })).status).toBe(409);
  });

  it('that changes nothing writes nothing', async () => {
    const { client_id } = (await create()).body;
    expect((await change(client_id, { name: 'Billing sync 2', access: wanted.access })).status).toBe(200);
    expect((await change(client_id, {})).status).toBe(200);
    expect(await audited()).toEqual(['integration.created']);
  });

  it('what stays keeps who granted it, what is dropped is gone', async () => {
    const { client_id } = (await create()).body;
    await change(client_id, { rights: ['users:read'] }, { ...callerWith(), subject: 'usr_other' });
    expect((await stored(client_id))?.rights).toEqual({
      'users:read': expect.objectContaining({ requestedBy: caller.subject, state: 'granted' }),
    });
  });

  it('403: a new right that the caller does not hold, nothing changed', async () => {
    const { client_id } = (await create()).body;
    const refused = await change(client_id, { name: 'Other', rights: ['issues:read', 'boards:read'] });
    expect(refused).toMatchObject({ status: 403, body: { missing_rights: ['boards:read'] } });
    expect((await read(client_id)).body.name).toBe('Billing sync 2');
  });

  it('ten changes at once lose none: each is decided on what is stored by then, or refused with 409', async () => {
    const { client_id } = (await create()).body;
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, index) => change(client_id, { description: `change ${index}` })),
    );
    const done = answers.filter(({ status }) => status === 200).length;
    expect(answers.every(({ status }) => status === 200 || status === 409)).toBe(true);
    expect(done).toBeGreaterThan(0);
    expect((await stored(client_id))?.version).toBe(1 + done);
    expect((await audited()).filter((action) => action === 'integration.changed')).toHaveLength(done);
  });

  it('to private_key_jwt ends its secrets, and is not open to who could not have its tokens', async () => {
    const { client_id } = (await create()).body;
    const body = { token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [publicJwk('ed25519')] } };
    const stranger = { ...callerWith('integrations:manage', 'issues:read'), subject: 'usr_stranger' };
    expect(await change(client_id, body, stranger)).toMatchObject({
      status: 403,
      body: { missing_rights: ['users:read'] },
    });
    expect((await stored(client_id))?.secrets).toHaveLength(1);
    expect((await change(client_id, body, { ...stranger, rights: ['issues:write', 'users:read'] })).status).toBe(200);
    expect((await stored(client_id))?.secrets).toEqual([]);
  });

  it('409: a kid whose key was replaced or removed is not given to another while its tokens may live', async () => {
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

describe('disabling and enabling', () => {
  it('each answers the integration, and a second time changes nothing', async () => {
    const { client_id } = (await create()).body;
    for (const [action, status] of [
      ['disable', 'disabled'],
      ['enable', 'active'],
    ] as const) {
      expect(await act(client_id, action)).toMatchObject({ status: 200, body: { client_id, status } });
      expect((await list()).body.items[0].status).toBe(status);
      expect(await act(client_id, action)).toMatchObject({ status: 200, body: { status } });
    }
    expect(await audited()).toEqual(['integration.enabled', 'integration.disabled', 'integration.created']);
  });

  it('403: enabling needs all that it was granted, disabling does not', async () => {
    const { client_id } = (await create()).body;
    const stranger = { ...callerWith('integrations:manage'), subject: 'usr_stranger' };
    expect((await act(client_id, 'disable', stranger)).status).toBe(200);
    const refused = await act(client_id, 'enable', stranger);
    expect(refused).toMatchObject({ status: 403, body: { missing_rights: ['issues:read', 'users:read'] } });
    expect((await act(client_id, 'enable')).status).toBe(200);
  });
});

describe('revoking tokens', () => {
  it('begins a new generation', async () => {
    const { client_id } = (await create()).body;
    expect(await act(client_id, 'revoke-tokens')).toMatchObject({ status: 204, body: undefined });
    expect((await act(client_id, 'revoke-tokens')).status).toBe(204);
    expect((await stored(client_id))?.tokenGeneration).toBe(2);
  });
});

describe('deleting', () => {
  it('leaves nothing but its trace in the log, and its name is free', async () => {
    const { client_id } = (await create()).body;
    expect(await remove(client_id)).toMatchObject({ status: 204, body: undefined });
    expect((await read(client_id)).status).toBe(404);
    expect((await remove(client_id)).status).toBe(404);
    expect((await list()).body.items).toEqual([]);
    expect(await audited()).toEqual(['integration.deleted', 'integration.created']);
    expect((await create()).status).toBe(201);
  });
});

describe('the last manager of a tenant', () => {
  const manager = (name: string) => create({ name, rights: ['integrations:manage', 'users:manage'] });
  const managers = async () => (await tenantReader(embedded.table).get(caller.tenant))?.managers;

  it('409: of two, one can go; the other cannot be disabled, deleted or demoted', async () => {
    await embedded.table.put(tenantItem({ tenant: caller.tenant, name: 'Tenant', operator: false, managers: 0 }));
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

  it('of two that go at once, one is refused', async () => {
    await embedded.table.put(tenantItem({ tenant: caller.tenant, name: 'Tenant', operator: false, managers: 0 }));
    const ids = [(await manager('first')).body.client_id, (await manager('second')).body.client_id];
    const answers = await Promise.all(ids.map((id) => remove(id)));
    expect(answers.map(({ status }) => status).sort()).toEqual([204, 409]);
    expect(await managers()).toBe(1);
  });
});
