import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { KMSClient } from '@aws-sdk/client-kms';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { handler } from '../../../functions/auth/logout.ts';
import { auditEventStore } from '../../../src/adapters/dynamodb/audit-event.ts';
import { integrationItem } from '../../../src/adapters/dynamodb/integration.ts';
import { logoutDeliveries } from '../../../src/adapters/dynamodb/logout-delivery.ts';
import { sessions } from '../../../src/adapters/dynamodb/session.ts';
import { tenantItem } from '../../../src/adapters/dynamodb/tenant.ts';
import { users } from '../../../src/adapters/dynamodb/user.ts';
import { kmsJwtSigner } from '../../../src/adapters/kms/jwt-signer.ts';
import { auditEvent } from '../../../src/entities/audit-event.ts';
import { newClientId, newId, newTenantId, newUserId, randomText } from '../../../src/entities/identifiers.ts';
import type { Integration } from '../../../src/entities/integration.ts';
import { hashOf } from '../../../src/entities/recognizable-secret.ts';
import type { Session } from '../../../src/entities/session.ts';
import type { User } from '../../../src/entities/user.ts';
import { accessTokenType } from '../../../src/oauth/access-token/claims.ts';
import { issueIdToken } from '../../../src/oauth/id-token.ts';
import { logoutTokenType } from '../../../src/oauth/logout-token.ts';
import type { JwtSigner } from '../../../src/ports.ts';
import { activeTenant } from '../../active-tenant.ts';
import { originOf } from '../../src/entities/origin.ts';
import { issuer, type Registered, registered } from '../../src/oauth/authorization-server.ts';
import { deployAuthorizationServer } from './authorization-server.ts';
import { type PageClient, pageClient, type Shown } from './page-client.ts';

const handlers = { '/oauth2/logout': handler, '/sign-out': handler };
const registeredUri = 'https://app.example/signed-out';
const createdAt = new Date().toISOString();

let server: Awaited<ReturnType<typeof deployAuthorizationServer>>;
let signer: JwtSigner;
beforeAll(async () => {
  server = await deployAuthorizationServer();
  const deployment = { current: async () => ({ keys: [server.signingKey], apis: [] }) };
  signer = kmsJwtSigner({ kms: new KMSClient(), deployment, algorithm: 'RS256' });
});
afterAll(() => server.close());

interface Scene {
  readonly tenant: string;
  readonly app: Registered;
  readonly user: User;
}

async function newScene(changes: Partial<Integration> = {}): Promise<Scene> {
  const tenant = newTenantId(randomBytes);
  await server.table.put(tenantItem({ tenant, name: 'Analytical Engines', operator: false, managers: 1 }));
  await server.table.put(activeTenant(tenant));
  const app = registered(['issues:read'], {
    tenant,
    name: 'Punch card studio',
    postLogoutRedirectUris: [registeredUri, `${registeredUri}?from=latchkey`],
    ...changes,
  });
  await server.table.put(integrationItem(app.integration));
  const user: User = {
    tenant,
    id: newUserId(randomBytes),
    username: 'ada',
    email: 'ada@example.com',
    name: 'Ada Lovelace',
    roles: ['member'],
    status: 'active',
    tokenGeneration: 0,
    version: 1,
    createdAt,
  };
  await users(server.table).create(user, eventOf(user, 'user.created'));
  return { tenant, app, user };
}

const eventOf = ({ tenant, id }: User, action: string) =>
  auditEvent({ tenant, action, object: id }, originOf(id), Date.now(), randomBytes);

/** Signs the browser in, and notes that the app was given something in the session. */
async function signedIn(client: PageClient, { tenant, user, app }: Scene): Promise<Session> {
  const secret = randomText(randomBytes, 43);
  const session: Session = {
    tenant,
    userId: user.id,
    id: newId('ses', randomBytes),
    secretHash: hashOf(secret),
    userGeneration: 0,
    authenticatedAt: createdAt,
    methods: ['pwd'],
    createdAt,
    expiresAt: new Date(Date.now() + 3_600_000).toISOString(),
  };
  await sessions(server.table).create(session, eventOf(user, 'session.started'));
  await sessions(server.table).noteClient(session, app.integration.clientId);
  client.cookies.set(`__Host-session-${tenant.slice(4)}`, `${user.id}.${session.id}.${secret}`);
  return session;
}

function idToken(session: Session, clientId: string, { now = Date.now(), from = issuer } = {}) {
  const user = { id: session.userId, sessionId: session.id, authenticatedAt: createdAt, methods: ['pwd'] as const };
  return issueIdToken(
    { clientId, user },
    { issuer: from, tokenLifetimeSeconds: 3600 },
    { clock: { now: () => now }, idTokenSigner: signer },
  );
}

let scene: Scene;
let client: PageClient;
let session: Session;
let clientId: string;
beforeEach(async () => {
  scene = await newScene();
  clientId = scene.app.integration.clientId;
  client = pageClient(handlers);
  session = await signedIn(client, scene);
});

const logout = (query: Record<string, string> = {}, from = client) => from.get('GET /oauth2/logout', {}, query);
const confirm = (page: Shown, from = client) => from.post('POST /sign-out', {}, page.hidden());
const isThere = async ({ tenant, userId, id }: Session) =>
  (await sessions(server.table).get(tenant, userId, id)) !== undefined;
const cookieOf = ({ tenant }: Scene) => client.cookies.get(`__Host-session-${tenant.slice(4)}`);

describe('a hint that names the present session', () => {
  it('ends it at once, tells its clients, and sends the browser where the app registered, with its state', async () => {
    const hint = await idToken(session, clientId);
    const answer = await logout({ id_token_hint: hint, post_logout_redirect_uri: registeredUri, state: 'a b&c' });
    expect(answer).toMatchObject({ status: 303, location: `${registeredUri}?state=a+b%26c` });
    expect(await isThere(session)).toBe(false);
    expect(cookieOf(scene)).toBeUndefined();
    const due = await logoutDeliveries(server.table).due(Date.now() + 1000, 100);
    expect(due.find(({ sessionId }) => sessionId === session.id)).toMatchObject({
      userId: session.userId,
      clientIds: [clientId],
    });
    const { items } = await auditEventStore(server.table).list(scene.tenant, { action: 'session.ended' }, { limit: 9 });
    expect(items).toMatchObject([{ actor: session.userId, object: session.userId, changes: { session: session.id } }]);
  });

  it('says so where there is nowhere to go', async () => {
    const page = await logout({ id_token_hint: await idToken(session, clientId) });
    expect(page).toMatchObject({ status: 200, heading: 'You are signed out' });
    expect(await isThere(session)).toBe(false);
  });

  it('may have expired long ago', async () => {
    const hint = await idToken(session, clientId, { now: Date.now() - 30 * 86_400_000 });
    await logout({ id_token_hint: hint, client_id: clientId });
    expect(await isThere(session)).toBe(false);
  });

  it('adds to a query that the registered URI has', async () => {
    const uri = `${registeredUri}?from=latchkey`;
    const hint = await idToken(session, clientId);
    const answer = await logout({ id_token_hint: hint, post_logout_redirect_uri: uri, state: 's' });
    expect(answer.location).toBe(`${uri}&state=s`);
  });
});

describe('any other request', () => {
  it('asks first, by a form that only this browser was given, and goes on then', async () => {
    const page = await logout({ client_id: clientId, post_logout_redirect_uri: registeredUri, state: 's' });
    expect(page).toMatchObject({ status: 200, heading: 'Sign out of Analytical Engines?' });
    expect(page.html).toContain('Punch card studio');
    expect(page.html).toContain('Ada Lovelace');
    expect(await isThere(session)).toBe(true);
    const done = await confirm(page);
    expect(await isThere(session)).toBe(false);
    expect(cookieOf(scene)).toBeUndefined();
    expect(done).toMatchObject({ status: 303, location: `${registeredUri}?state=s` });
  });

  it.each([
    ['of another session of the user', async () => idToken(await signedIn(pageClient(handlers), scene), clientId)],
    ['of another user', async () => idToken({ ...session, userId: newUserId(randomBytes) }, clientId)],
  ])('asks first with a hint %s', async (_, hint) => {
    const page = await logout({ id_token_hint: await hint() });
    expect(page.heading).toBe('Sign out of Analytical Engines?');
    expect(await isThere(session)).toBe(true);
  });

  it.each([
    ['without the form', {}, {}],
    ['with the form of another browser', { csrf: 'x' }, {}],
    ['sent by another site', undefined, { 'Sec-Fetch-Site': 'cross-site' }],
  ])('is not confirmed %s', async (_, fields, headers) => {
    const page = await logout({ client_id: clientId });
    const sent = fields === undefined ? page.hidden() : { client_id: clientId, ...fields };
    expect((await client.post('POST /sign-out', {}, sent, headers as Record<string, string>)).status).toBe(403);
    expect(await isThere(session)).toBe(true);
  });

  it('goes on at once where nobody is signed in', async () => {
    const stranger = pageClient(handlers);
    const answer = await logout({ client_id: clientId, post_logout_redirect_uri: registeredUri }, stranger);
    expect(answer).toMatchObject({ status: 303, location: registeredUri });
    expect(await logout({ client_id: clientId }, stranger)).toMatchObject({ heading: 'You are signed out' });
    expect(await isThere(session)).toBe(true);
  });

  it('that is posted goes on with a GET, with which the browser sends its cookies', async () => {
    const hint = await idToken(session, clientId);
    const sent = { id_token_hint: hint, post_logout_redirect_uri: registeredUri, state: 's', unknown: 'x' };
    const answer = await pageClient(handlers).post('POST /oauth2/logout', {}, sent, { 'Sec-Fetch-Site': 'cross-site' });
    expect(answer.status).toBe(303);
    const url = new URL(answer.location ?? '');
    expect(url.origin + url.pathname).toBe(`${issuer}/oauth2/logout`);
    const { unknown, ...kept } = sent;
    expect(Object.fromEntries(url.searchParams)).toEqual(kept);
    expect(await isThere(session)).toBe(true);
  });
});

describe('a hostile request sends the browser nowhere, and ends nothing', () => {
  const own = () => idToken(session, clientId);
  const forged = (header: object, claims: object, secret?: Parameters<typeof sign>[2]) => {
    const input = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
    const signature = secret === undefined ? '' : sign('sha256', Buffer.from(input), secret).toString('base64url');
    return `${input}.${signature}`;
  };
  const claims = () => ({ iss: issuer, sub: session.userId, aud: clientId, sid: session.id });
  const strangersKey = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;

  const requests: [string, () => Promise<Record<string, string>>][] = [
    ...[
      'https://evil.example/',
      'https://app.example/signed-out/',
      'https://app.example/signed-out#x',
      'https://app.example/signed-out?x=y',
      'https://app.example/signed-out/../elsewhere',
      'https://APP.example/signed-out',
      'https://app.example./signed-out',
      'https://app.example:444/signed-out',
      'https://user@app.example/signed-out',
      'https://app.example%2f@evil.example/signed-out',
      'http://app.example/signed-out',
      'javascript:alert(1)',
      '//evil.example',
    ].map((uri): [string, () => Promise<Record<string, string>>] => [
      `to ${uri}`,
      async () => ({ id_token_hint: await own(), post_logout_redirect_uri: uri }),
    ]),
    ['to a URI without a client', async () => ({ post_logout_redirect_uri: registeredUri })],
    ['of an unknown client', async () => ({ client_id: newClientId(scene.tenant, randomBytes) })],
    ['of what is no client', async () => ({ client_id: 'int_#' })],
    [
      "with another client's hint",
      async () => {
        const other = await newScene();
        return { id_token_hint: await own(), client_id: other.app.integration.clientId };
      },
    ],
    [
      'to the URI of another tenant’s client',
      async () => {
        const other = await newScene({ postLogoutRedirectUris: ['https://other.example/'] });
        return { client_id: other.app.integration.clientId, post_logout_redirect_uri: registeredUri };
      },
    ],
    ['with no token for a hint', async () => ({ id_token_hint: 'x' })],
    ['with an unsigned hint', async () => ({ id_token_hint: forged({ alg: 'none', typ: 'JWT' }, claims()) })],
    [
      'with a hint of an unknown key',
      async () => ({ id_token_hint: forged({ alg: 'RS256', typ: 'JWT', kid: 'x' }, claims(), strangersKey) }),
    ],
    [
      'with a hint of a stranger’s key under our name',
      async () => ({
        id_token_hint: forged({ alg: 'RS256', typ: 'JWT', kid: server.signingKey.kid }, claims(), strangersKey),
      }),
    ],
    [
      'with a hint of another issuer',
      async () => ({ id_token_hint: await idToken(session, clientId, { from: 'https://evil.example' }) }),
    ],
    [
      'with an access token for a hint',
      async () => ({ id_token_hint: await signer.sign({ typ: accessTokenType }, claims()) }),
    ],
    [
      'with a logout token for a hint',
      async () => ({ id_token_hint: await signer.sign({ typ: logoutTokenType }, claims()) }),
    ],
    [
      'with an endless state',
      async () => ({ id_token_hint: await own(), post_logout_redirect_uri: registeredUri, state: 'x'.repeat(3000) }),
    ],
  ];
  it.each(requests)('%s', async (_, request) => {
    const query = await request();
    for (const answer of [await logout(query), await client.post('POST /oauth2/logout', {}, query)]) {
      expect(answer.status).toBe(400);
      expect(answer.location).toBeUndefined();
      expect(answer.html).not.toContain('evil.example');
    }
    expect(await isThere(session)).toBe(true);
    expect(cookieOf(scene)).toBeDefined();
  });

  it('of a disabled client', async () => {
    await server.table.put(integrationItem({ ...scene.app.integration, status: 'disabled' }));
    const query = { id_token_hint: await own(), post_logout_redirect_uri: registeredUri };
    expect((await logout(query)).status).toBe(400);
    expect(await isThere(session)).toBe(true);
    expect(await logout({ id_token_hint: await own() })).toMatchObject({ heading: 'You are signed out' });
  });

  it('is no page in a frame, of no other site, and kept by nobody', async () => {
    const { headers } = await logout({ client_id: clientId });
    expect(headers).toMatchObject({ 'Cache-Control': 'no-store', 'X-Frame-Options': 'DENY' });
    expect(headers['Content-Security-Policy']).toContain("frame-ancestors 'none'");
    expect(headers).not.toHaveProperty('Access-Control-Allow-Origin');
  });
});

describe('sessions in other tenants', () => {
  it('stay as they are', async () => {
    const other = await newScene();
    const there = await signedIn(client, other);
    await logout({ id_token_hint: await idToken(session, clientId) });
    expect(await isThere(session)).toBe(false);
    expect(await isThere(there)).toBe(true);
    expect(cookieOf(other)).toBeDefined();
    const page = await logout({ client_id: other.app.integration.clientId });
    expect(page.heading).toBe('Sign out of Analytical Engines?');
  });

  it('are listed where the request names no client, and ended by nobody', async () => {
    const other = await newScene();
    await signedIn(client, other);
    client.cookies.set('__Host-session-0000000000000000', 'x');
    const page = await logout();
    expect(page).toMatchObject({ status: 200, heading: 'Where do you want to sign out?' });
    for (const { tenant } of [scene, other]) expect(page.html).toContain(`/auth/t/${tenant}/account`);
    expect(await isThere(session)).toBe(true);
    expect(await logout({}, pageClient(handlers))).toMatchObject({ heading: 'You are signed out' });
  });
});
