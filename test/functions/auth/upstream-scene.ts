import { randomBytes } from 'node:crypto';
import { handler as providersHandler } from '../../../functions/admin/identity-providers.ts';
import { handler as accountHandler } from '../../../functions/auth/account.ts';
import { handler as linkedHandler } from '../../../functions/auth/linked-accounts.ts';
import { handler as signInHandler } from '../../../functions/auth/sign-in.ts';
import { handler as startHandler } from '../../../functions/auth/upstream.ts';
import { handler as callbackHandler } from '../../../functions/auth/upstream-callback.ts';
import { tenantItem } from '../../../src/adapters/dynamodb/tenant.ts';
import { users } from '../../../src/adapters/dynamodb/user.ts';
import { rightNames } from '../../../src/api/rights.ts';
import { auditEvent } from '../../../src/entities/audit-event.ts';
import { newUserId } from '../../../src/entities/identifiers.ts';
import type { Tenant } from '../../../src/entities/tenant.ts';
import type { User } from '../../../src/entities/user.ts';
import { environment } from '../../../src/environment.ts';
import type { AuthorizerContext } from '../../../src/oauth/access-token/context.ts';
import { activeTenant } from '../../active-tenant.ts';
import { originOf } from '../../src/entities/origin.ts';
import { startUpstreamProvider, type UpstreamProvider } from '../../upstream-provider.ts';
import { callHandler, deployTable, newCaller } from '../deployment.ts';
import { deployKeys, deploySecrets } from '../key-management.ts';
import { type PageClient, pageClient } from './page-client.ts';

const issuer = 'https://one.example/auth';
const send = callHandler(providersHandler);

const account = '/t/{tenant}/account';
export const start = '/upstream/{identity_provider}/start';
export const linkedPath = '/t/{tenant}/account/linked';
export const callback = '/upstream/{identity_provider}/callback';
const handlers = {
  [account]: accountHandler,
  '/sign-in': signInHandler,
  [start]: startHandler,
  [callback]: callbackHandler,
  [linkedPath]: linkedHandler,
  [`${linkedPath}/remove`]: linkedHandler,
};

/** The pages over one table, with two real providers upstream. */
export async function deployFederation() {
  process.env[environment.loopbackFetch] = 'on';
  process.env[environment.sessionLifetimeSeconds] = '43200';
  const embedded = await deployTable();
  const keys = await deployKeys();
  const kept = await deploySecrets();
  const [upstream, otherUpstream] = await Promise.all([startUpstreamProvider(), startUpstreamProvider()]);
  return {
    embedded,
    ...kept,
    upstream,
    otherUpstream,
    close: async () => {
      await Promise.all([upstream.close(), otherUpstream.close(), kept.close(), keys.close(), embedded.close()]);
    },
  };
}

export type Federation = Awaited<ReturnType<typeof deployFederation>>;

/** A tenant with an administrator, and a provider that makes users of people of example.com. */
export async function newTenant({ embedded, upstream }: Federation, more: Partial<Tenant> = {}) {
  const caller = newCaller(...rightNames.filter((right) => right !== 'tenants:manage'));
  const { tenant } = caller;
  await embedded.table.put(activeTenant(tenant));
  await embedded.table.put(tenantItem({ tenant, name: 'Tenant', operator: false, managers: 1, ...more }));
  const providerId = await register(caller, upstream);
  return { caller, tenant, providerId };
}

/** Registers a provider, and it the redirect URI; its id. */
export async function register(caller: AuthorizerContext, upstream: UpstreamProvider, more: object = {}) {
  const { status, body } = await send('POST /v1/identity-providers', {
    caller,
    body: {
      name: 'Example ID',
      issuer: upstream.issuer,
      client_id: upstream.client.id,
      client_secret: upstream.client.secret,
      create_users: true,
      allowed_email_domains: ['example.com'],
      ...more,
    },
  });
  if (status !== 201) throw new Error(JSON.stringify(body));
  upstream.redirectUri = body.redirect_uri;
  return String(body.id);
}

/** Changes a provider. */
export const changeProvider = (caller: AuthorizerContext, identity_provider: string, body: object) =>
  send('PATCH /v1/identity-providers/{identity_provider}', { caller, path: { identity_provider }, body });

export const deleteProvider = (caller: AuthorizerContext, identity_provider: string) =>
  send('DELETE /v1/identity-providers/{identity_provider}', { caller, path: { identity_provider } });

/** A user who was here before. */
export async function existingUser({ embedded }: Federation, tenant: string, more: Partial<User> = {}): Promise<User> {
  const user: User = {
    tenant,
    id: newUserId(randomBytes),
    username: 'ada',
    email: 'ada@example.com',
    name: 'Ada',
    roles: ['member'],
    status: 'active',
    tokenGeneration: 0,
    version: 1,
    createdAt: new Date().toISOString(),
    ...more,
  };
  const change = { tenant, action: 'user.created', object: user.id };
  const event = auditEvent(change, originOf('usr_1'), Date.now(), randomBytes);
  await users(embedded.table).create(user, event);
  return user;
}

/** A browser at the sign-in page of a tenant. */
export async function atSignIn(tenant: string, client: PageClient = pageClient(handlers)) {
  const to = (await client.get(`GET ${account}`, { tenant })).location ?? '';
  const interaction = new URL(to).searchParams.get('interaction') ?? '';
  const shown = await client.get('GET /sign-in', {}, { interaction });
  return { client, interaction, shown };
}

export type AtSignIn = Awaited<ReturnType<typeof atSignIn>>;

/** Presses the button of a provider; the answer. */
export function press({ client, shown }: AtSignIn, providerId: string) {
  const fields = shown.hidden(`/auth/upstream/${providerId}/start`);
  return client.post(`POST ${start}`, { identity_provider: providerId }, fields);
}

/** The query of a URL, each parameter once. */
export const parametersOf = (url: URL) => Object.fromEntries(url.searchParams);

/** Goes to the provider and comes back; the answer of the callback. */
export async function signInWith(upstream: UpstreamProvider, browser: AtSignIn, providerId: string) {
  const { location = '' } = await press(browser, providerId);
  return comeBack(browser, providerId, await upstream.signIn(location));
}

/** Brings an answer of a provider to the callback. */
export function comeBack({ client }: AtSignIn, identity_provider: string, url: URL, more: Record<string, string> = {}) {
  return client.get(`GET ${callback}`, { identity_provider }, { ...parametersOf(url), ...more });
}

/** Who is signed in with the browser's cookie, by id. */
export function signedInAs({ client }: AtSignIn, tenant: string): string | undefined {
  return client.cookies.get(`__Host-session-${tenant.slice(4)}`)?.split('.')[0];
}

export const accountUrl = (tenant: string) => `${issuer}/t/${tenant}/account`;
