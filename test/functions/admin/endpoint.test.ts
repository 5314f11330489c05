import { createLocalJWKSet } from 'jose';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { handler as webhookJwks } from '../../../functions/auth/webhook-jwks.ts';
import { auditEventStore } from '../../../src/adapters/dynamodb/audit-event.ts';
import { endpointReader } from '../../../src/adapters/dynamodb/endpoint.ts';
import { integrationItem } from '../../../src/adapters/dynamodb/integration.ts';
import { integrationReader } from '../../../src/adapters/dynamodb/integration-store.ts';
import { NotVerified, verifiedEvent } from '../../../verification/endpoint-request.ts';
import { type EndpointReceiver, type Received, startEndpointReceiver } from '../../endpoint-receiver.ts';
import {
  type App,
  call,
  type DeliveryScene,
  deployDeliveries,
  eventRow,
  minute,
  newApp,
  stream,
} from '../deployment/delivery-scene.ts';
import { callHandler } from '../deployment.ts';

let scene: DeliveryScene;
let receiver: EndpointReceiver;
let app: App;
beforeAll(async () => {
  scene = await deployDeliveries();
  receiver = await startEndpointReceiver();
});
afterAll(async () => {
  await receiver.close();
  await scene.close();
});
beforeEach(async () => {
  receiver.received.length = 0;
  receiver.answer = () => 204;
  app = await newApp(scene, 'issues:read');
});
afterEach(() => {
  vi.restoreAllMocks();
});

const set = (more: object = {}) =>
  call(app, 'PUT endpoint', { uri: receiver.url, verification: 'signing_key', ...more });
const events = async () =>
  (await auditEventStore(scene.embedded.table).list(app.integration.tenant, {}, { limit: 100 })).items;
const stranger = (): App => ({
  ...app,
  caller: { ...app.caller, subject: 'usr_stranger', rights: ['integrations:manage'] },
});
const asSent = ({ headers, body }: Received) => ({ headers, rawBody: body });
const last = () => receiver.received.at(-1) as Received;

describe('an endpoint', () => {
  it('is set, answered with its key once, read without it, and removed', async () => {
    const made = await set({ events: ['integration.disabled'] });
    expect(made).toMatchObject({
      status: 200,
      body: { uri: receiver.url, verification: 'signing_key', status: 'active', events: ['integration.disabled'] },
    });
    expect(made.body.signing_key).toMatch(/^lke_[0-9A-Za-z]{49}$/);
    const read = await call(app, 'GET endpoint');
    expect(read.body).toMatchObject({ keys: [{ last_four: made.body.signing_key.slice(-4), expires_at: null }] });
    expect(JSON.stringify(read.body)).not.toContain(made.body.signing_key);
    expect((await call(app, 'DELETE endpoint')).status).toBe(204);
    expect((await call(app, 'GET endpoint')).status).toBe(404);
    expect((await call(app, 'POST endpoint/ping')).status).toBe(404);
    expect((await events()).map(({ action }) => action)).toEqual(['endpoint.removed', 'endpoint.set']);
  });

  it('keeps its key while it is verified in the same way, and has another one otherwise', async () => {
    const first = await set();
    const again = await set({ events: ['issue.created'] });
    expect(again.body).not.toHaveProperty('signing_key');
    expect(again.body.keys).toEqual(first.body.keys);
    const other = await set({ verification: 'verification_token' });
    expect(other.body.verification_token).toMatch(/^lkv_/);
    expect(other.body.keys).toHaveLength(1);
    const ours = await set({ verification: 'public_key' });
    expect(ours.body).toMatchObject({ keys: [], jwks_uri: 'https://one.example/auth/.well-known/webhook-jwks.json' });
  });

  it('of ten set at once is one of them, whole', async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, () => set()));
    const made = answers.filter(({ body }) => body.signing_key !== undefined);
    expect(answers.every(({ status }) => status === 200 || status === 409)).toBe(true);
    expect(made).toHaveLength(1);
    await call(app, 'POST endpoint/ping');
    await expect(verifiedEvent(asSent(last()), { signingKeys: [made[0]?.body.signing_key] })).resolves.toBeDefined();
  });

  it('is kept with its key encrypted, and audited without', async () => {
    const { body } = await set();
    const { tenant, clientId } = app.integration;
    const stored = await endpointReader(scene.embedded.table).get(tenant, clientId);
    expect(JSON.stringify(stored)).not.toContain(body.signing_key);
    expect(JSON.stringify(await events())).not.toContain(body.signing_key);
  });
});

it.each([
  [{}, '/uri'],
  [{ uri: 7, verification: 'signing_key' }, '/uri'],
  [{ uri: 'https://app.example/', verification: 'none' }, '/verification'],
  [{ uri: 'https://app.example/', verification: 'public_key', events: [] }, '/events'],
  [{ uri: 'https://app.example/', verification: 'public_key', events: ['endpoint.ping'] }, '/events/0'],
  [{ uri: 'https://app.example/', verification: 'public_key', secret: 'mine' }, '/secret'],
])('400: %j', async (body, pointer) => {
  const answer = await call(app, 'PUT endpoint', body);
  expect(answer.status).toBe(400);
  expect(answer.body.errors[0].pointer).toBe(pointer);
});

describe('403', () => {
  it('to who neither owns the integration nor holds what it was granted, nothing changed', async () => {
    await set();
    const body = { uri: receiver.url, verification: 'verification_token' };
    for (const answer of [
      await call(stranger(), 'PUT endpoint', body),
      await call(stranger(), 'DELETE endpoint'),
      await call(stranger(), 'POST endpoint/keys', {}),
    ])
      expect(answer).toMatchObject({ status: 403, body: { missing_rights: ['issues:read'] } });
    expect((await call(app, 'GET endpoint')).body.verification).toBe('signing_key');
    const asked = { operation: 'setEndpoint', asked: body, missing_rights: ['issues:read'] };
    const told = (await events()).filter(({ action }) => action === 'endpoint.refused');
    expect(told).toHaveLength(3);
    expect(told).toContainEqual(
      expect.objectContaining({ actor: 'usr_stranger', object: app.integration.clientId, changes: asked }),
    );
  });

  it('not to who holds it', async () => {
    const holder = stranger();
    const caller = { ...holder.caller, rights: ['integrations:manage', 'issues:read'] };
    expect(
      (await call({ ...holder, caller }, 'PUT endpoint', { uri: receiver.url, verification: 'public_key' })).status,
    ).toBe(200);
  });
});

describe('404', () => {
  it.each(['GET endpoint', 'DELETE endpoint', 'POST endpoint/ping', 'POST endpoint/resume'])(
    'is the answer to %s of an integration without one, and of none',
    async (request) => {
      expect((await call(app, request)).status).toBe(404);
      const { tenant } = app.integration;
      for (const clientId of ['int_unknown', `int_${tenant.slice(4)}${'0'.repeat(22)}`, 'a#b'])
        expect((await call({ ...app, integration: { ...app.integration, clientId } }, request)).status).toBe(404);
    },
  );
});

describe('a key', () => {
  it('is replaced with an overlap, in which both prove a request, and then the new one alone', async () => {
    const first = (await set()).body.signing_key;
    const added = await call(app, 'POST endpoint/keys', { expire_others_in: 60 });
    expect(added).toMatchObject({ status: 201, body: { id: expect.stringMatching(/^key_/) } });
    const second = added.body.signing_key;
    await call(app, 'POST endpoint/ping');
    for (const key of [first, second])
      await expect(verifiedEvent(asSent(last()), { signingKeys: [key] })).resolves.toMatchObject({
        type: 'endpoint.ping',
      });
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 61_000 });
    await call(app, 'POST endpoint/ping');
    vi.useRealTimers();
    const now = Date.now() + 61_000;
    await expect(verifiedEvent(asSent(last()), { signingKeys: [second] }, { now })).resolves.toBeDefined();
    await expect(verifiedEvent(asSent(last()), { signingKeys: [first] }, { now })).rejects.toThrow(NotVerified);
  });

  it('is gone at once with an overlap of 0, and a third that is live is refused', async () => {
    await set({ verification: 'verification_token' });
    expect((await call(app, 'POST endpoint/keys')).status).toBe(201);
    expect((await call(app, 'POST endpoint/keys')).status).toBe(409);
    const { body } = await call(app, 'POST endpoint/keys', { expire_others_in: 0 });
    expect((await call(app, 'GET endpoint')).body.keys).toEqual([
      expect.objectContaining({ last_four: body.verification_token.slice(-4) }),
    ]);
  });

  it('is none for who lacks what the integration is granted while it is being added', async () => {
    await set();
    const { table } = scene.embedded;
    const { tenant, clientId } = app.integration;
    const by = { ...stranger(), caller: { ...stranger().caller, rights: ['integrations:manage', 'issues:read'] } };
    let granted: Promise<void> | undefined;
    scene.embedded.refuses = (operation) => {
      if (operation !== 'TransactWriteItems' || granted !== undefined) return false;
      // The call fails, and is tried again once the grant is written.
      granted = integrationReader(table)
        .get(tenant, clientId)
        .then(async (before) => {
          if (before === undefined) throw new Error('it is gone');
          const rights = { ...before.rights, 'users:read': { state: 'granted', requestedBy: 'usr_1' } as const };
          await table.put(integrationItem({ ...before, rights, version: before.version + 1 }));
        });
      return true;
    };
    const refused = await call(by, 'POST endpoint/keys');
    scene.embedded.refuses = () => false;
    await granted;
    expect(refused).toMatchObject({ status: 403, body: { missing_rights: ['users:read'] } });
    expect((await call(app, 'GET endpoint')).body.keys).toHaveLength(1);
    const holder = { ...by, caller: { ...by.caller, rights: [...by.caller.rights, 'users:read'] } };
    expect((await call(holder, 'POST endpoint/keys')).status).toBe(201);
  });

  it('of its own is none that an endpoint has whose requests the deployment signs: 409', async () => {
    await set({ verification: 'public_key' });
    expect((await call(app, 'POST endpoint/keys')).status).toBe(409);
  });
});

describe('what is sent', () => {
  it('with a signing key is proved by its HMAC over timestamp and body', async () => {
    const { signing_key } = (await set()).body;
    await stream([eventRow(app, 2, { at: new Date(Date.now() + 1000).toISOString() })]);
    const secret = { signingKeys: [signing_key] };
    await expect(verifiedEvent(asSent(last()), secret)).resolves.toMatchObject({
      type: 'integration.disabled',
      sequence: 2,
    });
  });

  it('with a verification token carries it', async () => {
    const { verification_token } = (await set({ verification: 'verification_token' })).body;
    expect((await call(app, 'POST endpoint/ping')).body).toMatchObject({ delivered: true, status: 204 });
    await expect(verifiedEvent(asSent(last()), { verificationTokens: [verification_token] })).resolves.toBeDefined();
    expect(last().headers).not.toHaveProperty('latchkey-signature');
  });

  it('with a public key is signed by a key of the published set', async () => {
    await set({ verification: 'public_key' });
    await call(app, 'POST endpoint/ping');
    const published = await callHandler(webhookJwks)('GET /.well-known/webhook-jwks.json');
    expect(published).toMatchObject({ status: 200, headers: { ETag: expect.any(String) } });
    const publicKeys = createLocalJWKSet(published.body);
    await expect(verifiedEvent(asSent(last()), { publicKeys })).resolves.toMatchObject({ type: 'endpoint.ping' });
    const changed = { ...asSent(last()), rawBody: last().body.replace('ping', 'pong') };
    await expect(verifiedEvent(changed, { publicKeys })).rejects.toThrow(NotVerified);
  });
});

it('a ping answers what came back, and is not in the log', async () => {
  await set();
  receiver.answer = () => ({ status: 500, body: 'out of order' });
  expect(await call(app, 'POST endpoint/ping')).toMatchObject({
    status: 200,
    body: { delivered: false, status: 500, answer: 'out of order', duration_ms: expect.any(Number) },
  });
  receiver.answer = () => 'cut';
  expect((await call(app, 'POST endpoint/ping')).body).toMatchObject({ delivered: false, fault: 'unreachable' });
  expect((await call(app, 'GET deliveries')).body.items).toEqual([]);
});

it('the log pages, newest first, and is of one integration alone', async () => {
  await set();
  const at = (later: number) => new Date(Date.now() + 1000 + later).toISOString();
  await stream([eventRow(app, 2, { at: at(0) }), eventRow(app, 3, { at: at(1) })]);
  await minute();
  const first = await call(app, 'GET deliveries', undefined, { query: { limit: '1' } });
  const next = await call(app, 'GET deliveries', undefined, {
    query: { limit: '1', cursor: first.body.next_cursor },
  });
  const sequences = [first, next].map(({ body }) => body.items[0].event.sequence);
  expect(new Set(sequences)).toEqual(new Set([2, 3]));
  expect(next.body).not.toHaveProperty('next_cursor');
  const other = await newApp(scene, 'issues:read');
  expect((await call({ ...app, caller: other.caller }, 'GET deliveries')).status).toBe(404);
});
