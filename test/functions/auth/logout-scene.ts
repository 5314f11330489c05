import { randomBytes } from 'node:crypto';
import { KMSClient } from '@aws-sdk/client-kms';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { handler } from '../../../functions/auth/logout.ts';
import { integrationItem } from '../../../src/adapters/dynamodb/integration.ts';
import { sessions } from '../../../src/adapters/dynamodb/session.ts';
import { tenantItem } from '../../../src/adapters/dynamodb/tenant.ts';
import { users } from '../../../src/adapters/dynamodb/user.ts';
import { kmsJwtSigner } from '../../../src/adapters/kms/jwt-signer.ts';
import { auditEvent } from '../../../src/entities/audit-event.ts';
import { newId, newTenantId, newUserId, randomText } from '../../../src/entities/identifiers.ts';
import type { Integration } from '../../../src/entities/integration.ts';
import { hashOf } from '../../../src/entities/recognizable-secret.ts';
import type { Session } from '../../../src/entities/session.ts';
import type { User } from '../../../src/entities/user.ts';
import { issueIdToken } from '../../../src/oauth/id-token.ts';
import type { JwtSigner } from '../../../src/ports.ts';
import { activeTenant } from '../../active-tenant.ts';
import { originOf } from '../../src/entities/origin.ts';
import { issuer, type Registered, registered } from '../../src/oauth/authorization-server.ts';
import { deployAuthorizationServer } from './authorization-server.ts';
import { type PageClient, pageClient, type Shown } from './page-client.ts';

export const handlers = { '/oauth2/logout': handler, '/sign-out': handler };
export const registeredUri = 'https://app.example/signed-out';
const createdAt = new Date().toISOString();

let deployed: Awaited<ReturnType<typeof deployAuthorizationServer>>;
let idTokenSigner: JwtSigner;
let furnished: Scene;
let browser: PageClient;
let present: Session;

/** A browser in which somebody is signed in; each test in a tenant of its own. */
export function withSession(): void {
  beforeAll(async () => {
    deployed = await deployAuthorizationServer();
    const deployment = { current: async () => ({ keys: [deployed.signingKey], apis: [] }) };
    idTokenSigner = kmsJwtSigner({ kms: new KMSClient(), deployment, algorithm: 'RS256' });
  });
  afterAll(() => deployed.close());
  beforeEach(async () => {
    furnished = await newScene();
    browser = pageClient(handlers);
    present = await signedIn(browser, furnished);
  });
}

export const server = () => deployed;
export const signer = () => idTokenSigner;
export const scene = () => furnished;
export const client = () => browser;
export const session = () => present;
export const clientId = () => furnished.app.integration.clientId;

export interface Scene {
  readonly tenant: string;
  readonly app: Registered;
  readonly user: User;
}

export async function newScene(changes: Partial<Integration> = {}): Promise<Scene> {
  const tenant = newTenantId(randomBytes);
  await deployed.table.put(tenantItem({ tenant, name: 'Analytical Engines', operator: false, managers: 1 }));
  await deployed.table.put(activeTenant(tenant));
  const app = registered(['issues:read'], {
    tenant,
    name: 'Punch card studio',
    postLogoutRedirectUris: [registeredUri, `${registeredUri}?from=latchkey`],
    ...changes,
  });
  await deployed.table.put(integrationItem(app.integration));
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
  await users(deployed.table).create(user, eventOf(user, 'user.created'));
  return { tenant, app, user };
}

const eventOf = ({ tenant, id }: User, action: string) =>
  auditEvent({ tenant, action, object: id }, originOf(id), Date.now(), randomBytes);

/** Signs the browser in, and notes that the app was given something in the session. */
export async function signedIn(client: PageClient, { tenant, user, app }: Scene): Promise<Session> {
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
  await sessions(deployed.table).create(session, eventOf(user, 'session.started'));
  await sessions(deployed.table).noteClient(session, app.integration.clientId);
  client.cookies.set(`__Host-session-${tenant.slice(4)}`, `${user.id}.${session.id}.${secret}`);
  return session;
}

export function idToken(session: Session, clientId: string, { now = Date.now(), from = issuer } = {}) {
  const user = { id: session.userId, sessionId: session.id, authenticatedAt: createdAt, methods: ['pwd'] as const };
  return issueIdToken(
    { clientId, user },
    { issuer: from, tokenLifetimeSeconds: 3600 },
    { clock: { now: () => now }, idTokenSigner },
  );
}

export const logout = (query: Record<string, string> = {}, from = browser) => from.get('GET /oauth2/logout', {}, query);

export const confirm = (page: Shown, from = browser) => from.post('POST /sign-out', {}, page.hidden());

export const isThere = async ({ tenant, userId, id }: Session) =>
  (await sessions(deployed.table).get(tenant, userId, id)) !== undefined;

export const cookieOf = ({ tenant }: Scene) => browser.cookies.get(`__Host-session-${tenant.slice(4)}`);
