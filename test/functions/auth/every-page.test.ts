import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { browserOf } from '../../../functions/shared/browser.ts';
import type { Route } from '../../../src/api/route.ts';
import { routes } from '../../../src/api/routes.ts';
import { stylesheetName } from '../../../src/pages/assets.ts';
import { deployAuthorizationServer } from './authorization-server.ts';

/** What clients call themselves; everything else of the authorization server is for browsers. */
const forClients = [
  '/oauth2/token',
  '/oauth2/introspect',
  '/oauth2/revoke',
  '/oauth2/par',
  '/oauth2/device_authorization',
  '/oauth2/userinfo',
  '/.well-known/openid-configuration',
  '/.well-known/oauth-authorization-server',
  '/oauth-authorization-server/auth',
  '/.well-known/jwks.json',
  '/.well-known/webhook-jwks.json',
];
/** Forms that clients may have, by their standards: what comes with them is kept or asked about, and nothing is done. */
const forAnySite = ['/oauth2/authorize', '/oauth2/logout'];

const pages = Object.values<Route>(routes).filter(({ api, path }) => api === 'auth' && !forClients.includes(path));
const forms = pages.filter(({ method, path }) => method === 'POST' && !forAnySite.includes(path));
const titled = (rows: readonly Route[]) => rows.map((row) => [`${row.method} ${row.path}`, row] as const);

const values: Readonly<Record<string, string>> = {
  tenant: 'ten_0123456789abcdef',
  identity_provider: 'idp_0123456789abcdef0123456789abcdef012345',
  name: stylesheetName,
};
const filledIn = (path: string) => path.replaceAll(/\{(\w+)\}/g, (_, name: string) => values[name] ?? '');

const cookie = `__Host-browser=${'b'.repeat(43)}`;
const another = `__Host-browser=${'c'.repeat(43)}`;
const csrfOf = (sent: string, action: string, interaction?: string) =>
  browserOf({ headers: { Cookie: sent }, multiValueHeaders: {} }).csrfToken(action, interaction);

async function ask(
  row: Route,
  headers: Readonly<Record<string, string>>,
  fields: Readonly<Record<string, string>> = {},
) {
  const { handler } = (await import(
    /* @vite-ignore */ new URL(`../../../functions/${row.entry}.ts`, import.meta.url).href
  )) as {
    handler: (event: APIGatewayProxyEvent, context: never) => Promise<APIGatewayProxyResult>;
  };
  const sent = { ...(row.method === 'POST' && { 'Content-Type': 'application/x-www-form-urlencoded' }), ...headers };
  return handler(
    {
      httpMethod: row.method,
      resource: row.path,
      pathParameters: values,
      headers: sent,
      multiValueHeaders: Object.fromEntries(Object.entries(sent).map(([name, value]) => [name, [value]])),
      queryStringParameters: null,
      multiValueQueryStringParameters: null,
      body: row.method === 'POST' ? new URLSearchParams(fields).toString() : null,
      isBase64Encoded: false,
      requestContext: { requestId: 'request-1', identity: { sourceIp: '203.0.113.7' } },
    } as unknown as APIGatewayProxyEvent,
    {} as never,
  );
}

let server: Awaited<ReturnType<typeof deployAuthorizationServer>>;
beforeAll(async () => {
  server = await deployAuthorizationServer();
});
afterAll(() => server.close());

describe('a form that is posted to', () => {
  it.each(titled(forms))('%s is refused where this browser was not given it', async (_, row) => {
    const action = filledIn(row.path);
    const csrf = csrfOf(cookie, action);
    const forged: [Record<string, string>, Record<string, string>][] = [
      [{ Cookie: cookie }, {}],
      [{}, { csrf }],
      [{ Cookie: another }, { csrf }],
      [{ Cookie: cookie }, { csrf: csrfOf(cookie, '/elsewhere') }],
      [{ Cookie: cookie }, { csrf, interaction: 'itx_1' }],
      [{ Cookie: cookie, 'Sec-Fetch-Site': 'cross-site' }, { csrf }],
      [{ Cookie: cookie, 'Sec-Fetch-Site': 'same-site' }, { csrf }],
    ];
    for (const [headers, fields] of forged) {
      const answer = await ask(row, headers, fields);
      expect(answer.statusCode).toBe(403);
      expect(answer.body).toContain('This form cannot be accepted');
    }
    const given = await ask(row, { Cookie: cookie, 'Sec-Fetch-Site': 'same-origin' }, { csrf });
    expect(given.body).not.toContain('This form cannot be accepted');
  });
});

describe('every page', () => {
  it.each(titled(pages))('%s is framed, kept and guessed at by nobody, whatever it says', async (_, row) => {
    const { statusCode, headers = {} } = await ask(
      row,
      { Cookie: cookie },
      { csrf: csrfOf(cookie, filledIn(row.path)) },
    );
    expect(statusCode).not.toBe(500);
    expect(headers['X-Content-Type-Options']).toBe('nosniff');
    if (row.path.startsWith('/assets/')) return;
    expect(headers).toMatchObject({
      'Cache-Control': 'no-store',
      'X-Frame-Options': 'DENY',
      'Referrer-Policy': 'no-referrer',
    });
    expect(headers['Content-Security-Policy']).toMatch(/^default-src 'none'; /);
    for (const rule of ["frame-ancestors 'none'", "form-action 'self'", "base-uri 'none'", "script-src 'self'"])
      expect(headers['Content-Security-Policy']).toContain(rule);
    expect(headers).not.toHaveProperty('Access-Control-Allow-Origin');
  });
});
