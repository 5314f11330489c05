import { createHash } from 'node:crypto';
import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { browserOf } from '../../functions/shared/browser.ts';
import { tenantStandingItem } from '../../src/adapters/dynamodb/tenant.ts';
import type { Route } from '../../src/api/route.ts';
import { routes } from '../../src/api/routes.ts';
import { deviceCodeGrant } from '../../src/entities/grant-type.ts';
import { environment } from '../../src/environment.ts';
import { activeTenant } from '../active-tenant.ts';
import { basicOf } from '../src/oauth/authorization-server.ts';
import { deployScene, type Navigator, navigator, type Scene, signInOn } from './auth/authorization-scene.ts';
import { formOf } from './auth/authorization-server.ts';

vi.mock('../../src/authentication/password-hash.ts', async (original) =>
  (await import('../cheap-password-hash.ts')).withCheapHashes(original),
);

/** What is no tenant's: documents about the deployment, and files that pages are made of. */
const ofNobody = [
  'GET /.well-known/openid-configuration',
  'GET /.well-known/oauth-authorization-server',
  'GET /oauth-authorization-server/auth',
  'GET /.well-known/jwks.json',
  'GET /.well-known/webhook-jwks.json',
  'GET /assets/{name}',
];
const authenticated = [
  '/oauth2/token',
  '/oauth2/introspect',
  '/oauth2/revoke',
  '/oauth2/par',
  '/oauth2/device_authorization',
];
const userinfo = ['GET /oauth2/userinfo', 'POST /oauth2/userinfo'];
/** Answers a form with a GET of the same page, and does nothing. */
const redirects = ['POST /oauth2/logout'];
/** Begins with a client: an error page, since nothing is sent anywhere for one that is not active. */
const begins = ['POST /oauth2/authorize'];

const titleOf = ({ method, path }: Route) => `${method} ${path}`;
const all = Object.values<Route>(routes).filter((row) => row.api === 'auth' && !ofNobody.includes(titleOf(row)));
const pages = all.filter(
  (row) => !authenticated.includes(row.path) && ![...userinfo, ...redirects, ...begins].includes(titleOf(row)),
);
const titled = (rows: readonly Route[]) => rows.map((row) => [titleOf(row), row] as const);
const clients = all.filter(({ path }) => authenticated.includes(path));

const verifier = 'v'.repeat(43);
const asked = {
  scope: 'openid offline_access issues:read',
  code_challenge: createHash('sha256').update(verifier).digest('base64url'),
};

let scene: Scene;
let by: Navigator;
let interaction: string;
/** What the application was given while its tenant was active. */
let tokens: { readonly access_token: string; readonly refresh_token: string };

beforeAll(async () => {
  scene = await deployScene();
  by = navigator();
  const page = await signInOn(by, await by.open('/oauth2/authorize', scene.request(asked)));
  const { url } = page.status === 200 ? await by.send(page, { decision: 'allow' }) : page;
  tokens = (await redeemed(url.searchParams.get('code') ?? '')).body;
  const waiting = await by.open('/oauth2/authorize', scene.request({ ...asked, prompt: 'consent' }));
  interaction = waiting.url.searchParams.get('interaction') ?? '';
});
afterAll(() => scene.close());
beforeEach(() => restore());

const standing = (status: 'active' | 'suspended') =>
  scene.table.put(tenantStandingItem({ tenant: scene.tenant.tenant, status, operator: false }));
const suspend = () => standing('suspended');
const restore = () => scene.table.put(activeTenant(scene.tenant.tenant));

/** Every item of the tenant. */
async function items(): Promise<readonly string[]> {
  const client = new DynamoDBClient();
  const { Items = [] } = await client.send(new ScanCommand({ TableName: process.env[environment.tableName] }));
  client.destroy();
  return Items.map((item) => JSON.stringify(item)).sort();
}

/** Whatever is not there; a link that is over says so. */
const noSuchPage = '<h1>Page not found</h1>';

interface Sent {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | null;
  readonly query?: Readonly<Record<string, string>>;
}

/** Asks whatever stands at a row's entry, as API Gateway would. */
async function ask(row: Route, { headers = {}, body = null, query }: Sent): Promise<APIGatewayProxyResult> {
  const { handler } = (await import(
    /* @vite-ignore */ new URL(`../../functions/${row.entry}.ts`, import.meta.url).href
  )) as { handler: (event: APIGatewayProxyEvent, context: never) => Promise<APIGatewayProxyResult> };
  const several = (of: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.entries(of).map(([name, value]) => [name, [value]]));
  const event = {
    httpMethod: row.method,
    resource: row.path,
    pathParameters: { tenant: scene.tenant.tenant, identity_provider: `idp_${'0'.repeat(38)}` },
    headers,
    multiValueHeaders: several(headers),
    queryStringParameters: query ?? null,
    multiValueQueryStringParameters: query ? several(query) : null,
    body,
    isBase64Encoded: false,
    requestContext: { requestId: 'request-1', identity: { sourceIp: '203.0.113.7' } },
  };
  return handler(event as unknown as APIGatewayProxyEvent, {} as never);
}

const formType = { 'Content-Type': 'application/x-www-form-urlencoded' };
const fieldsOf = (row: Route) => ({
  ...(row.path !== '/oauth2/authorize' && { client_id: scene.client.integration.clientId }),
  ...(row.path.includes('logout') || row.path === '/sign-out' ? {} : { interaction }),
  ...(row.path.endsWith('/callback') && { state: `${interaction}.state` }),
});

/** A page, in the browser of somebody who is signed in, or a form that it was given. */
async function pageOf(row: Route): Promise<APIGatewayProxyResult> {
  const Cookie = [...by.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  const path = row.path.replaceAll(/\{(\w+)\}/g, (_, name) =>
    name === 'tenant' ? scene.tenant.tenant : `idp_${'0'.repeat(38)}`,
  );
  const fields: Record<string, string> = fieldsOf(row);
  if (row.method === 'GET') return ask(row, { headers: { Cookie }, query: fields });
  const csrf = browserOf({ headers: { Cookie }, multiValueHeaders: {} }).csrfToken(path, fields.interaction);
  return ask(row, { headers: { Cookie, ...formType }, body: new URLSearchParams({ ...fields, csrf }).toString() });
}

async function redeemed(code: string) {
  const redemption = {
    ...{ grant_type: 'authorization_code', code, code_verifier: verifier },
    redirect_uri: scene.client.integration.redirectUris[0] ?? '',
  };
  const { statusCode, body } = await ask(routes.token, formOf(scene.client, redemption));
  return { status: statusCode, body: JSON.parse(body) };
}

describe('while its tenant is suspended', () => {
  it.each(titled(pages))('%s is no page, and nothing is written', async (_, row) => {
    await suspend();
    const before = await items();
    const answer = await pageOf(row);
    expect(answer.statusCode).toBe(404);
    expect(answer.body).toContain(noSuchPage);
    expect(await items()).toEqual(before);
  });

  it.each(titled(clients))('%s knows no client: as one that does not exist', async (_, row) => {
    const { clientId } = scene.client.integration;
    const parameters = { grant_type: 'client_credentials', token: 'none', ...scene.request(asked) };
    const sent = (id: string) =>
      ask(row, {
        headers: { ...formType, Authorization: basicOf(id, scene.client.secret) },
        body: new URLSearchParams({ ...parameters, client_id: id }).toString(),
      });
    expect((await sent(clientId)).statusCode).not.toBe(401);
    await suspend();
    const suspended = await sent(clientId);
    const unknown = await sent(`${clientId.slice(0, -4)}0000`);
    expect(suspended.statusCode).toBe(401);
    expect([suspended.body, suspended.headers]).toEqual([unknown.body, unknown.headers]);
    expect(JSON.parse(suspended.body)).toMatchObject({ error: 'invalid_client' });
  });

  it.each(['authorization_code', 'refresh_token', deviceCodeGrant])('the grant %s gives nothing', async (grantType) => {
    await suspend();
    const parameters = {
      grant_type: grantType,
      refresh_token: tokens.refresh_token,
      code: 'code',
      device_code: 'code',
    };
    const answer = await ask(routes.token, formOf(scene.client, parameters));
    expect([answer.statusCode, JSON.parse(answer.body).error]).toEqual([401, 'invalid_client']);
  });

  it('an authorization request is sent nowhere', async () => {
    await suspend();
    const query = scene.request(asked);
    for (const answer of [
      await ask(routes.authorize, { query }),
      await ask(routes.authorizePost, { headers: formType, body: new URLSearchParams(query).toString() }),
    ]) {
      expect(answer.statusCode).toBe(400);
      expect(answer.headers).not.toHaveProperty('Location');
    }
  });

  it.each(userinfo)('%s does not take its users’ tokens', async (title) => {
    const row = title.startsWith('GET') ? routes.userinfo : routes.userinfoByPost;
    const headers = { Authorization: `Bearer ${tokens.access_token}` };
    expect((await ask(row, { headers })).statusCode).toBe(200);
    await suspend();
    expect((await ask(row, { headers })).statusCode).toBe(401);
  });
});

describe('once it is restored', () => {
  it('sessions, tokens and refresh tokens are alive again', async () => {
    const account = `/t/${scene.tenant.tenant}/account`;
    const { heading } = await by.open(account);
    await suspend();
    expect((await by.open(account)).status).toBe(404);
    await restore();
    expect(await by.open(account)).toMatchObject({ status: 200, heading });
    const refreshed = await ask(
      routes.token,
      formOf(scene.client, { grant_type: 'refresh_token', refresh_token: tokens.refresh_token }),
    );
    expect(refreshed.statusCode).toBe(200);
  });

  // Last: some of these end the session, or use the interaction up.
  it.each(titled(pages))('%s is a page again', async (_, row) => {
    expect((await pageOf(row)).body).not.toContain(noSuchPage);
  });
});
