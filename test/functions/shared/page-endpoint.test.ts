import type { APIGatewayProxyEvent } from 'aws-lambda';
import { html } from 'hono/html';
import { beforeAll, describe, expect, it } from 'vitest';
import { logger } from '../../../functions/shared/logger.ts';
import {
  formTarget,
  type PageAnswer,
  page,
  pageEndpoint,
  pageForAnySite,
} from '../../../functions/shared/page-endpoint.ts';
import type { Route } from '../../../src/api/route.ts';
import { ConcurrentChange, DependencyUnavailable, NotFound } from '../../../src/entities/errors.ts';
import { environment } from '../../../src/environment.ts';
import { UnsafeAuthorizationRequest } from '../../../src/oauth/authorization/refusals.ts';
import { InvalidClient, InvalidRequest } from '../../../src/oauth/errors.ts';

const issuer = 'https://auth.example/auth';

beforeAll(() => {
  logger.setLogLevel('SILENT');
  process.env[environment.issuer] = issuer;
});

const row = (method: 'GET' | 'POST', path: `/${string}` = '/thing'): Route => ({
  api: 'auth',
  method,
  path,
  entry: 'auth/thing',
  right: 'none',
  summary: '',
  status: 200,
  touches: {},
});

interface Sent {
  readonly method?: 'GET' | 'POST';
  readonly path?: `/${string}`;
  readonly parameters?: Record<string, string>;
  readonly headers?: Record<string, string>;
  readonly query?: Record<string, string[]>;
  readonly body?: string;
}

const formType = { 'Content-Type': 'application/x-www-form-urlencoded' };

async function ask(handle: Parameters<typeof page>[1], sent: Sent = {}, served = page) {
  const { method = 'GET', path = '/thing', parameters = null, headers = {}, query = null, body = null } = sent;
  const handler = pageEndpoint(served(row(method, path), handle));
  const answer = await handler(
    {
      httpMethod: method,
      resource: path,
      pathParameters: parameters,
      headers: { ...(method === 'POST' && formType), ...headers },
      multiValueQueryStringParameters: query,
      body,
      isBase64Encoded: false,
      requestContext: { requestId: 'request-1', identity: { sourceIp: '203.0.113.7' } },
    } as unknown as APIGatewayProxyEvent,
    {} as never,
  );
  const cookies = (answer.multiValueHeaders?.['Set-Cookie'] ?? []).map(String);
  return { ...answer, headers: answer.headers ?? {}, cookies };
}

const plain: PageAnswer = { page: { title: 'A page', main: html`<h1>A page</h1>` } };

/** A browser that was given a form, and what it would send with it. */
async function givenForm(action: string, interaction?: string) {
  let hidden: Readonly<Record<string, string>> = {};
  const { cookies } = await ask(async (request) => {
    hidden = formTarget(request, action, interaction).hidden;
    return plain;
  });
  const cookie = cookies[0]?.split(';')[0] ?? '';
  return { cookie, hidden };
}

const posted = (fields: Readonly<Record<string, string>>) => new URLSearchParams(fields).toString();

describe('a page', () => {
  it('loads nothing but its own, is framed by nobody and kept by nobody', async () => {
    const { headers, body } = await ask(async () => plain);
    expect(headers).toMatchObject({
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Security-Policy':
        "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
      'X-Frame-Options': 'DENY',
      'X-Content-Type-Options': 'nosniff',
      'Referrer-Policy': 'no-referrer',
      'Cache-Control': 'no-store',
    });
    expect(body).toMatch(/^<!doctype html>\n<html lang="en">/);
  });

  it('is never for scripts of another origin', async () => {
    const { headers } = await ask(async () => plain, { headers: { Origin: 'https://app.example' } });
    expect(Object.keys(headers).filter((name) => /access-control/i.test(name))).toEqual([]);
  });

  it('of an account keeps no window of another site at hand; one that a client opened does', async () => {
    const opened = await ask(async () => plain, { path: '/t/{tenant}/account', parameters: { tenant: 'ten_1' } });
    expect(opened.headers).toMatchObject({ 'Cross-Origin-Opener-Policy': 'same-origin' });
    expect((await ask(async () => plain)).headers).not.toHaveProperty('Cross-Origin-Opener-Policy');
  });

  it('escapes what it is given', async () => {
    const hostile = '"><script>alert(1)</script>';
    const { body } = await ask(async () => ({
      page: { title: hostile, brand: { name: hostile, logo: hostile, colour: hostile }, main: html`<p>${hostile}</p>` },
    }));
    expect(body).not.toContain('<script>');
    expect(body).not.toContain(`"${hostile}`);
  });

  it('gives a browser a cookie of its own, once', async () => {
    const { cookies } = await ask(async () => plain);
    expect(cookies).toEqual([
      expect.stringMatching(/^__Host-browser=[\w-]{43}; Path=\/; Secure; HttpOnly; SameSite=Lax; Max-Age=31536000$/),
    ]);
    const again = await ask(async () => plain, { headers: { Cookie: cookies[0]?.split(';')[0] ?? '' } });
    expect(again.cookies).toEqual([]);
  });

  it('sets several cookies in one answer', async () => {
    const { cookies } = await ask(async () => ({ seeOther: '/next', cookies: ['a=1', 'b=2'] }));
    expect(cookies).toEqual([expect.stringContaining('__Host-browser='), 'a=1', 'b=2']);
  });

  it('reads a query whose parameters come once', async () => {
    const seen: (string | undefined)[] = [];
    const read = (values: string[]) =>
      ask(
        async ({ query }) => {
          seen.push(query.get('interaction'));
          return plain;
        },
        { query: { interaction: values } },
      );
    expect((await read(['itx_1'])).statusCode).toBe(200);
    expect((await read(['itx_1', 'itx_2'])).statusCode).toBe(400);
    expect(seen).toEqual(['itx_1']);
  });
});

describe('a form', () => {
  it('is taken from the browser that it was given to', async () => {
    const { cookie, hidden } = await givenForm('/thing');
    const sent = { method: 'POST', headers: { Cookie: cookie }, body: posted({ ...hidden, a: 'b' }) } as const;
    let seen: string | undefined;
    const { statusCode, headers } = await ask(async ({ form }) => {
      seen = form.get('a');
      return { seeOther: '/next' };
    }, sent);
    expect([statusCode, headers.Location, seen]).toEqual([303, `${issuer}/next`, 'b']);
  });

  it.each([
    ['without what it was given', async () => ({ ...(await givenForm('/thing')), hidden: {} })],
    [
      'of another browser',
      async () => ({ ...(await givenForm('/thing')), cookie: (await givenForm('/thing')).cookie }),
    ],
    ['from a browser without cookies', async () => ({ ...(await givenForm('/thing')), cookie: '' })],
    ['that was given for another page', () => givenForm('/other')],
    [
      'that was given for another interaction',
      async () => {
        const { cookie, hidden } = await givenForm('/thing', 'itx_1');
        return { cookie, hidden: { ...hidden, interaction: 'itx_2' } };
      },
    ],
    [
      'with a cookie that this server did not make',
      async () => ({ ...(await givenForm('/thing')), cookie: '__Host-browser=x' }),
    ],
  ])('%s is refused, and nothing is done', async (_, given) => {
    const { cookie, hidden } = await given();
    let done = false;
    const { statusCode, body } = await ask(
      async () => {
        done = true;
        return plain;
      },
      { method: 'POST', headers: { Cookie: cookie }, body: posted(hidden) },
    );
    expect([statusCode, done]).toEqual([403, false]);
    expect(body).toContain('This form cannot be accepted');
  });

  it.each(['cross-site', 'same-site', 'none'])('that the browser says is %s is refused', async (site) => {
    const { cookie, hidden } = await givenForm('/thing');
    const sent = (headers: Record<string, string>) =>
      ask(async () => plain, { method: 'POST', headers: { Cookie: cookie, ...headers }, body: posted(hidden) });
    expect((await sent({ 'Sec-Fetch-Site': site })).statusCode).toBe(403);
    expect((await sent({ 'Sec-Fetch-Site': 'same-origin' })).statusCode).toBe(200);
  });

  it('of any site is taken where the page says so, and takes the place of no cookie', async () => {
    const sent = { method: 'POST', headers: { 'Sec-Fetch-Site': 'cross-site' }, body: 'a=b' } as const;
    const { statusCode, cookies } = await ask(async () => plain, sent, pageForAnySite);
    expect([statusCode, cookies]).toEqual([200, []]);
  });

  it.each([
    ['too large', { body: `a=${'b'.repeat(65_536)}` }, 413],
    ['of another type', { headers: { 'Content-Type': 'text/plain' }, body: 'a=b' }, 400],
    ['that repeats a field', { body: 'a=b&a=c' }, 400],
  ])('%s is refused', async (_, sent, status) => {
    expect((await ask(async () => plain, { method: 'POST', ...sent })).statusCode).toBe(status);
  });
});

describe('a browser that leaves for another site', () => {
  const leave = (afterForm: boolean) => async () =>
    ({ leaveFor: 'https://app.example/cb?code=1&iss=2', afterForm }) as const;
  const navigating = { headers: { 'Sec-Fetch-Mode': 'navigate' } };

  it('is redirected', async () => {
    for (const answer of [await ask(leave(false), navigating), await ask(leave(true))])
      expect([answer.statusCode, answer.headers.Location]).toEqual([303, 'https://app.example/cb?code=1&iss=2']);
  });

  it('after a form goes by way of a page, since form-action holds for redirects too', async () => {
    const { statusCode, headers, body } = await ask(leave(true), navigating);
    expect([statusCode, headers.Location]).toEqual([200, undefined]);
    expect(body).toContain('<meta http-equiv="refresh" content="0;url=https://app.example/cb?code=1&amp;iss=2">');
    expect(body).toContain('<a class="button" href="https://app.example/cb?code=1&amp;iss=2">');
  });

  it('with a form may be redirected on by that site', async () => {
    const { headers } = await ask(async () => ({
      postTo: 'https://app.example/cb',
      page: { title: '', main: html`` },
    }));
    expect(headers['Content-Security-Policy']).not.toContain('form-action');
    expect(headers['Content-Security-Policy']).toContain("default-src 'none'");
  });
});

describe('an error', () => {
  it.each([
    [new InvalidRequest('the reason'), 400],
    [new UnsafeAuthorizationRequest(new InvalidClient('the reason', {})), 400],
    [new NotFound('the reason'), 404],
    [new ConcurrentChange('the reason'), 409],
    [new DependencyUnavailable(new Error('the reason')), 503],
    [new Error('the reason'), 500],
    ['the reason', 500],
  ])('is a page that says nothing of its cause: %s', async (error, status) => {
    const { statusCode, headers, body } = await ask(() => Promise.reject(error));
    expect(statusCode).toBe(status);
    expect(headers).toMatchObject({ 'X-Frame-Options': 'DENY', 'Cache-Control': 'no-store' });
    expect(headers['Retry-After']).toBe(status === 503 ? '1' : undefined);
    expect(body).toContain('request-1');
    expect(body).not.toContain('the reason');
  });
});
