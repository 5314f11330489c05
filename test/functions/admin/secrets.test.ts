import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { credentialUseStore } from '../../../functions/shared/credential-use.ts';
import { newClientId } from '../../../src/entities/identifiers.ts';
import { matches } from '../../../src/entities/recognizable-secret.ts';
import type { AuthorizerContext } from '../../../src/oauth/access-token/context.ts';
import { auditedIn, call, deployAdmin, newTenant, type Scene, storedIntegration } from './scene.ts';

let scene: Scene;
beforeAll(async () => {
  scene = await deployAdmin();
});
afterAll(() => scene.close());

let caller: AuthorizerContext;
let clientId: string;
let firstSecret: string;
beforeEach(async () => {
  caller = await newTenant(scene, 'integrations:manage', 'integrations:read', 'issues:read');
  const created = await call(caller, 'POST /integrations', { name: 'Sync', rights: ['issues:read'] });
  clientId = created.body.client_id;
  firstSecret = created.body.client_secret;
});
afterEach(() => {
  vi.useRealTimers();
});

const add = (body: unknown = {}, by = caller) => call(by, `POST /integrations/${clientId}/secrets`, body);
const list = async () => (await call(caller, `GET /integrations/${clientId}/secrets`)).body.items;
const read = (id: string, by = caller) => call(by, `GET /integrations/${clientId}/secrets/${id}`);
const revoke = (id: string, by = caller) => call(by, `DELETE /integrations/${clientId}/secrets/${id}`);
const firstId = async () => (await list())[0].id;
const later = (seconds: number) => vi.useFakeTimers({ now: Date.now() + seconds * 1000, toFake: ['Date'] });
const stranger = () => ({ ...caller, subject: 'usr_stranger', rights: ['integrations:manage', 'integrations:read'] });

describe('listing', () => {
  it('shows of each secret its id, its times and its last four characters', async () => {
    expect(await list()).toEqual([
      {
        id: expect.stringMatching(/^sec_/),
        created_at: expect.any(String),
        expires_at: null,
        last_four: firstSecret.slice(-4),
      },
    ]);
  });

  it('shows when each last obtained a token', async () => {
    const integration = await storedIntegration(scene, caller, clientId);
    if (integration === undefined) throw new Error('no integration');
    const [used, unused] = [await firstId(), (await add()).body.id];
    await credentialUseStore().note(integration, used, Date.parse('2026-11-21T12:34:56.789Z'));
    const [first, second] = await list();
    expect(first).toMatchObject({ id: used, last_used_at: '2026-11-21T12:00:00.000Z' });
    expect(second).toMatchObject({ id: unused });
    expect(second).not.toHaveProperty('last_used_at');
    await call(caller, `DELETE /integrations/${clientId}`);
    expect(await credentialUseStore().get(caller.tenant, clientId)).toBeUndefined();
  });

  it('comes in pages', async () => {
    const added = (await add()).body.id;
    const first = await call(caller, `GET /integrations/${clientId}/secrets?limit=1`);
    expect(first.body.items).toHaveLength(1);
    const rest = await call(caller, `GET /integrations/${clientId}/secrets?limit=1&cursor=${first.body.next_cursor}`);
    expect(rest.body).toEqual({ items: [expect.objectContaining({ id: added })] });
  });
});

describe('adding', () => {
  it('answers 201 with the secret, in one read and one transaction; both authenticate', async () => {
    scene.embedded.calls();
    const added = await add({ expires_in: 3600 });
    expect(scene.embedded.calls()).toEqual({ GetItem: 1, TransactWriteItems: 1 });
    expect(added).toMatchObject({
      status: 201,
      headers: { Location: `/admin/v1/integrations/${clientId}/secrets/${added.body.id}` },
    });
    expect(added.body).toEqual({
      id: expect.stringMatching(/^sec_[0-9A-Za-z]{22}$/),
      client_secret: expect.stringMatching(/^lks_/),
      created_at: expect.any(String),
      expires_at: new Date(Date.parse(added.body.created_at) + 3_600_000).toISOString(),
    });
    const hashes = (await storedIntegration(scene, caller, clientId))?.secrets.map(({ hash }) => hash) ?? [];
    expect(matches(firstSecret, hashes[0] ?? '')).toBe(true);
    expect(matches(added.body.client_secret, hashes[1] ?? '')).toBe(true);
    expect((await auditedIn(scene, caller))[0]).toMatchObject({
      action: 'secret.added',
      object: clientId,
      changes: { secret: added.body.id, expires_in: 3600 },
    });
  });

  it('needs no body: the new one holds until it is revoked, and the others stay', async () => {
    const added = await call(caller, `POST /integrations/${clientId}/secrets`);
    expect(added).toMatchObject({ status: 201, body: { expires_at: null } });
    expect(await list()).toHaveLength(2);
  });

  it('409: a third live one, until one is revoked or has run out', async () => {
    const second = (await add({ expires_in: 60 })).body.id;
    expect((await add()).status).toBe(409);
    expect((await add({ expire_others_in: 60 })).status).toBe(409);
    expect((await revoke(second)).status).toBe(204);
    expect((await add({ expires_in: 60 })).status).toBe(201);
    expect((await add()).status).toBe(409);
    later(61);
    expect((await add()).status).toBe(201);
  });

  it('of twenty at once one is added', async () => {
    const statuses = (await Promise.all(Array.from({ length: 20 }, () => add()))).map(({ status }) => status);
    expect(statuses.filter((status) => status === 201)).toHaveLength(1);
    expect(statuses.filter((status) => status === 409)).toHaveLength(19);
    expect(await list()).toHaveLength(2);
  });

  it('with an overlap has the others run out then, and never later than they would', async () => {
    const now = Date.now();
    const soon = (await add({ expires_in: 60 })).body.id;
    await revoke(await firstId());
    await add({ expire_others_in: 3600 });
    const [kept] = await list();
    expect(kept.id).toBe(soon);
    expect(Date.parse(kept.expires_at)).toBeLessThan(now + 70_000);
  });

  it('with an overlap is one change: of ten rotations at once one adds a secret and ends the other', async () => {
    const rotations = await Promise.all(Array.from({ length: 10 }, () => add({ expire_others_in: 3600 })));
    const added = rotations.filter(({ status }) => status === 201);
    expect(added).toHaveLength(1);
    expect(rotations.filter(({ status }) => status === 409)).toHaveLength(9);
    const [old, fresh] = await list();
    expect(old.expires_at).not.toBeNull();
    expect(fresh).toMatchObject({ id: added[0]?.body.id, expires_at: null });
    const rotated = (await auditedIn(scene, caller)).filter(({ action }) => action === 'secret.added');
    expect(rotated.map(({ changes }) => changes)).toEqual([{ secret: fresh.id, expire_others_in: 3600 }]);
  });

  it('of ten rotations at once without an overlap, one secret is left, which its caller was given', async () => {
    const rotations = await Promise.all(Array.from({ length: 10 }, () => add({ expire_others_in: 0 })));
    const added = rotations.filter(({ status }) => status === 201).map(({ body }) => body.id);
    const left = await list();
    expect(left).toHaveLength(1);
    expect(added).toContain(left[0].id);
  });

  it('with an overlap of 0 revokes the others now', async () => {
    const added = await add({ expire_others_in: 0 });
    expect(await list()).toEqual([expect.objectContaining({ id: added.body.id })]);
  });

  it.each([
    [{ expires_in: 0 }, '/expires_in'],
    [{ expires_in: 2_592_001 }, '/expires_in'],
    [{ expires_in: 1.5 }, '/expires_in'],
    [{ expires_in: '60' }, '/expires_in'],
    [{ expire_others_in: -1 }, '/expire_others_in'],
    [{ expire_others_in: 2_592_001 }, '/expire_others_in'],
    [{ expires: 60 }, '/expires'],
  ])('400: %j', async (body, pointer) => {
    expect(await add(body)).toMatchObject({ status: 400, body: { errors: [{ pointer }] } });
    expect(await list()).toHaveLength(1);
  });

  it('409: to an integration that authenticates with a key', async () => {
    const { publicKey } = (await import('node:crypto')).generateKeyPairSync('ed25519');
    const jwks = { keys: [publicKey.export({ format: 'jwk' })] };
    await call(caller, `PATCH /integrations/${clientId}`, { token_endpoint_auth_method: 'private_key_jwt', jwks });
    expect((await add()).status).toBe(409);
  });
});

describe('a secret that ran out', () => {
  it('stays listed while a token of its may live, then goes with the next change', async () => {
    await add({ expires_in: 60 });
    later(60 + 86_000);
    await call(caller, `POST /integrations/${clientId}/disable`);
    expect(await list()).toHaveLength(2);
    later(500);
    await call(caller, `POST /integrations/${clientId}/enable`);
    expect(await list()).toHaveLength(1);
  });
});

describe('reading one again', () => {
  it('answers the secret, after the log was told', async () => {
    const id = await firstId();
    expect(await read(id)).toMatchObject({ status: 200, body: { id, client_secret: firstSecret } });
    expect((await auditedIn(scene, caller))[0]).toMatchObject({
      action: 'secret.read',
      object: clientId,
      actor: caller.subject,
      changes: { secret: id },
    });
  });

  it('that the log could not be told of is not decrypted', async () => {
    const id = await firstId();
    scene.keys.calls();
    vi.spyOn(scene.embedded, 'refuses').mockImplementation((operation) => operation === 'TransactWriteItems');
    expect((await read(id)).status).toBe(503);
    vi.restoreAllMocks();
    expect(scene.keys.calls()).toEqual([]);
    expect((await read(id)).status).toBe(200);
    expect(scene.keys.calls()).toEqual(['Decrypt']);
  });

  it('by who does not own the integration is shown, beside what waits, to whoever decides on it', async () => {
    await call(caller, `PUT /integrations/${clientId}/rights`, { rights: ['users:read'] });
    const decider = {
      ...{ ...caller, subject: 'usr_decider', clientId: newClientId(caller.tenant, randomBytes) },
      rights: ['authorizations:decide', 'users:read'],
    };
    const waits = async () => (await call(decider, 'GET /authorizations')).body.items[0];
    const id = await firstId();
    expect((await read(id)).status).toBe(200);
    expect(await waits()).not.toHaveProperty('credentials_seen_by');
    scene.embedded.calls();
    expect((await read(id, stranger())).status).toBe(200);
    // The mark and the event are one transaction.
    expect(scene.embedded.calls()).toEqual({ GetItem: 1, TransactWriteItems: 1 });
    const [event] = await auditedIn(scene, caller);
    expect(event).toMatchObject({ action: 'secret.read', actor: 'usr_stranger' });
    const seen = { credentials_seen_at: event?.at, credentials_seen_by: 'usr_stranger' };
    expect(await waits()).toMatchObject({ client_id: clientId, right: 'users:read', ...seen });
    expect((await call(caller, `GET /integrations/${clientId}`)).body).toMatchObject(seen);
    const rights = async () => (await call(caller, `GET /integrations/${clientId}/rights`)).body.items[0];
    expect(await rights()).toMatchObject({ state: 'pending', ...seen });
    expect((await read(id)).status).toBe(200);
    expect(await waits()).toMatchObject(seen);
    const decision = { context: 'global', rights: ['users:read'], decision: 'grant' };
    expect((await call(decider, `POST /integrations/${clientId}/authorizations`, decision)).status).toBe(200);
    // Decided is decided: what was shown for it is shown of the integration alone.
    expect(await rights()).not.toHaveProperty('credentials_seen_by');
  });

  it('of ten at once is told of ten times', async () => {
    const id = await firstId();
    const holder = { ...stranger(), rights: ['integrations:manage', 'issues:read'] };
    const answers = await Promise.all(Array.from({ length: 10 }, () => read(id, holder)));
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200));
    expect((await auditedIn(scene, caller)).filter(({ action }) => action === 'secret.read')).toHaveLength(10);
  });

  it('404: one that is not there', async () => {
    expect((await read('sec_unknown')).status).toBe(404);
    expect((await revoke('sec_unknown')).status).toBe(404);
  });
});

describe('revoking', () => {
  it('removes it: also the last one', async () => {
    expect(await revoke(await firstId())).toMatchObject({ status: 204, body: undefined });
    expect(await list()).toEqual([]);
    expect((await auditedIn(scene, caller))[0]).toMatchObject({ action: 'secret.revoked', object: clientId });
  });

  it("409: the last manager's last secret, also by having it run out; not while another is there", async () => {
    const manager = await newTenant(scene, 'integrations:manage', 'integrations:read', 'users:manage');
    const { tenantItem } = await import('../../../src/adapters/dynamodb/tenant.ts');
    await scene.embedded.table.put(
      tenantItem({ tenant: manager.tenant, name: 'Tenant', operator: false, managers: 0 }),
    );
    const rights = ['integrations:manage', 'users:manage'];
    const { client_id } = (await call(manager, 'POST /integrations', { name: 'Manager', rights })).body;
    const secrets = `/integrations/${client_id}/secrets`;
    const [{ id }] = (await call(manager, `GET ${secrets}`)).body.items;
    expect((await call(manager, `DELETE ${secrets}/${id}`)).status).toBe(409);
    expect((await call(manager, `POST ${secrets}`, { expires_in: 60, expire_others_in: 60 })).status).toBe(409);
    expect((await call(manager, `POST ${secrets}`, { expire_others_in: 60 })).status).toBe(201);
    expect((await call(manager, `DELETE ${secrets}/${id}`)).status).toBe(204);
  });
});

describe('403', () => {
  it('to who neither owns the integration nor holds all that it was granted, nothing changed', async () => {
    const id = await firstId();
    for (const answer of [await add({}, stranger()), await read(id, stranger()), await revoke(id, stranger())])
      expect(answer).toMatchObject({ status: 403, body: { missing_rights: ['issues:read'] } });
    expect(await list()).toHaveLength(1);
  });

  it('not to who holds a right that implies what it was granted', async () => {
    const holder = { ...stranger(), rights: ['integrations:manage', 'issues:write'] };
    expect((await read(await firstId(), holder)).status).toBe(200);
  });
});
