import { describe, expect, it } from 'vitest';
import { auditEventStore } from '../../../src/adapters/dynamodb/audit-event.ts';
import { hashOf } from '../../../src/entities/recognizable-secret.ts';
import { integrationCalls, publicJwk, wanted } from './integration-calls.ts';

const { scene, callerWith, caller, create, read, change, remove, act, list, stored, audited } = integrationCalls();

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
      owner: caller().subject,
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
    scene().embedded.calls();
    await create();
    expect(scene().embedded.calls()).toEqual({ TransactWriteItems: 1 });
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
    scene().keys.calls();
    const jwk = publicJwk();
    const created = await create({ ...wanted, token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [jwk] } });
    expect(created.status).toBe(201);
    expect(created.body).not.toHaveProperty('client_secret');
    expect(created.body.jwks.keys).toEqual([{ ...jwk, kid: expect.stringMatching(/^[\w-]{43}$/) }]);
    expect(scene().keys.calls()).toEqual([]);
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
    expect((await read('self', { ...caller(), clientId: client_id, rights: [] })).body.client_id).toBe(client_id);
  });
});

describe('changing', () => {
  it('changes what is given, in one read and one transaction, and tells the log what', async () => {
    const { client_id } = (await create()).body;
    scene().embedded.calls();
    const changed = await change(client_id, { name: 'Renamed', access: { issues: 'full' } });
    expect(scene().embedded.calls()).toEqual({ GetItem: 1, TransactWriteItems: 1 });
    expect(changed).toMatchObject({ status: 200, body: { name: 'Renamed', access: { issues: 'full' } } });
    expect((await read(client_id)).body).toEqual(changed.body);
    const { items } = await auditEventStore(scene().embedded.table).list(
      caller().tenant,
      { object: client_id, action: 'integration.changed' },
      { limit: 1 },
    );
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
      'users:read': expect.objectContaining({ requestedBy: caller().subject, state: 'granted' }),
    });
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
