import { createHmac } from 'node:crypto';
import * as client from 'openid-client';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { call, tokenOf } from './client.ts';
import { asks, authorize, Browser, createApp, goThrough, locationOf, newChecks, redirectUri } from './sign-in.ts';

const outputs = inject('oneOrigin');
const { member } = outputs.users;

let admin: string;
let app: Awaited<ReturnType<typeof createApp>>;
let webApp: Awaited<ReturnType<typeof createApp>>;
beforeAll(async () => {
  admin = await tokenOf(outputs, outputs.admin);
  app = await createApp(outputs, admin, ['issues:read', 'users:read']);
  webApp = await createApp(outputs, admin, ['issues:read'], {
    application_type: 'web',
    redirect_uris: ['https://app.example.com/callback'],
    post_logout_redirect_uris: ['https://app.example.com/bye'],
  });
});

/** An authorization request that would be answered, but for what is changed in it. */
async function request(changed: Record<string, string | undefined> = {}, of = app): Promise<URL> {
  const { parameters } = await newChecks();
  const url = client.buildAuthorizationUrl(of.configuration, { ...parameters, scope: 'openid issues:read' });
  for (const [name, value] of Object.entries(changed)) {
    if (value === undefined) url.searchParams.delete(name);
    else url.searchParams.set(name, value);
  }
  return url;
}

const registered = 'https://app.example.com/callback';

describe('a redirect URI that is not the registered one', () => {
  test('with the registered one, the sign-in page comes', async () => {
    const page = await new Browser().open((await request({ redirect_uri: registered }, webApp)).href);
    expect(asks(page, 'password')).toBe(true);
  });

  test.each([
    ['another host', 'https://evil.example/callback'],
    ['user info', 'https://app.example.com@evil.example/callback'],
    ['user info before the registered host', 'https://evil@app.example.com/callback'],
    ['an encoded slash', 'https://app.example.com%2Fcallback'],
    ['an encoded letter', 'https://app.example.com/%63allback'],
    ['another case of the host', 'https://APP.example.com/callback'],
    ['another case of the path', 'https://app.example.com/Callback'],
    ['a trailing dot', 'https://app.example.com./callback'],
    ['a trailing slash', 'https://app.example.com/callback/'],
    ['path traversal', 'https://app.example.com/callback/../evil'],
    ['the default port', 'https://app.example.com:443/callback'],
    ['another port', 'https://app.example.com:8443/callback'],
    ['another scheme', 'http://app.example.com/callback'],
    ['a query', 'https://app.example.com/callback?next=https://evil.example'],
    ['a fragment', 'https://app.example.com/callback#evil'],
    ['a backslash', 'https://app.example.com\\@evil.example/callback'],
    ['a line break', 'https://app.example.com/callback\r\nLocation: https://evil.example'],
    ['script', 'javascript:alert(1)//app.example.com/callback'],
    ['data', 'data:text/html,<script>alert(1)</script>'],
    ['nothing at all', undefined],
  ])('%s: an error page, and no redirect', async (_, redirectUriGiven) => {
    const url = await request({ redirect_uri: redirectUriGiven }, webApp);
    const response = await fetch(url, { redirect: 'manual' });
    expect(response.status).toBe(400);
    expect(response.headers.get('location')).toBeNull();
    const body = await response.text();
    expect(body).not.toContain('evil.example">');
    expect(body).not.toMatch(/<script>alert/);
  });

  test('of an unknown client: an error page, and no redirect', async () => {
    const url = await request({ client_id: 'int_00000000000000000000000000000000000000' });
    const response = await fetch(url, { redirect: 'manual' });
    expect([response.status, response.headers.get('location')]).toEqual([400, null]);
  });

  test('of a native app on loopback may have any port, and nothing else may differ', async () => {
    const otherPort = await new Browser().open(
      (await request({ redirect_uri: 'http://127.0.0.1:50123/callback' })).href,
    );
    expect(asks(otherPort, 'password')).toBe(true);
    for (const other of [
      'http://127.0.0.1:50123/other',
      'http://localhost:50123/callback',
      'http://127.0.0.2/callback',
    ]) {
      const response = await fetch(await request({ redirect_uri: other }), { redirect: 'manual' });
      expect([other, response.status, response.headers.get('location')]).toEqual([other, 400, null]);
    }
  });
});

describe('a request that the client hears of', () => {
  test.each([
    ['no PKCE', { code_challenge: undefined, code_challenge_method: undefined }, 'invalid_request'],
    ['PKCE plain', { code_challenge_method: 'plain' }, 'invalid_request'],
    ['PKCE without a method, which means plain', { code_challenge_method: undefined }, 'invalid_request'],
    ['an unknown response type', { response_type: 'code token' }, 'unsupported_response_type'],
    ['a legacy flow that the stage does not name', { response_type: 'token' }, 'unsupported_response_type'],
    ['prompt=none without a session', { prompt: 'none' }, 'login_required'],
    ['prompt=none with another', { prompt: 'none login' }, 'invalid_request'],
    ['a right that the app does not hold', { scope: 'openid issues:write' }, 'invalid_scope'],
    ['an unknown right', { scope: 'openid issues:destroy' }, 'invalid_scope'],
    ['an unknown resource', { resource: 'https://evil.example' }, 'invalid_target'],
    ['an unknown response mode', { response_mode: 'web_message' }, 'invalid_request'],
    ['a request to be fetched', { request_uri: 'https://evil.example/request' }, 'request_uri_not_supported'],
    ['a request object', { request: 'e30.e30.' }, 'request_not_supported'],
    ['a negative max_age', { max_age: '-1' }, 'invalid_request'],
    ['details that are none', { authorization_details: '{' }, 'invalid_authorization_details'],
  ])('%s: %s', async (_, changed, error) => {
    const url = await request(changed);
    const response = await fetch(url, { redirect: 'manual' });
    const location = new URL(response.headers.get('location') ?? 'missing:');
    expect(location.href.startsWith(redirectUri)).toBe(true);
    const answer = new URLSearchParams(location.search || location.hash.slice(1));
    expect(answer.get('error')).toBe(error);
    expect(answer.get('state')).toBe(url.searchParams.get('state'));
    expect(answer.get('iss')).toBe(outputs.issuer);
    expect(answer.get('code')).toBeNull();
  });

  test('the same without the fault is answered with the sign-in page', async () => {
    expect(asks(await new Browser().open((await request()).href), 'password')).toBe(true);
  });
});

describe('a request that means two things', () => {
  test.each([
    ['state', 'other'],
    ['redirect_uri', 'https://evil.example/callback'],
    ['client_id', 'int_00000000000000000000000000000000000000'],
    ['scope', 'users:read'],
  ])('%s twice: an error page, and no redirect', async (name, value) => {
    const url = await request();
    url.searchParams.append(name, value);
    const response = await fetch(url, { redirect: 'manual' });
    expect([response.status, response.headers.get('location')]).toEqual([400, null]);
  });
});

describe('a pushed request', () => {
  const push = async () => {
    const { parameters } = await newChecks();
    return client.buildAuthorizationUrlWithPAR(app.configuration, { ...parameters, scope: 'openid issues:read' });
  };
  const answerOf = async (url: URL) => {
    const response = await fetch(url, { redirect: 'manual' });
    return [response.status, new URL(response.headers.get('location') ?? 'none:').pathname];
  };

  test('is nothing with another client, and is not used up by it', async () => {
    const url = await push();
    const others = new URL(url);
    others.searchParams.set('client_id', webApp.integration.client_id);
    expect(await answerOf(others)).toEqual([400, '']);
    expect(await answerOf(url)).toEqual([303, '/auth/sign-in']);
  });

  test('is used once, and nothing beside it counts', async () => {
    const url = await push();
    url.searchParams.set('redirect_uri', 'https://evil.example/callback');
    url.searchParams.set('scope', 'users:read');
    expect(await answerOf(url)).toEqual([303, '/auth/sign-in']);
    expect(await answerOf(url)).toEqual([400, '']);
  });
});

describe('a code', () => {
  async function newCode() {
    const { parameters, checks } = await newChecks();
    const url = client.buildAuthorizationUrl(app.configuration, { ...parameters, scope: 'openid issues:read' });
    return { answer: locationOf(await goThrough(new Browser(), url, member)), checks };
  }
  const redeem = async (more: Record<string, string>, of = app, code?: string) => {
    const { integration } = of;
    const basic = Buffer.from(`${integration.client_id}:${integration.client_secret}`).toString('base64');
    return call('POST', outputs.token_endpoint, {
      headers: { authorization: `Basic ${basic}` },
      body: new URLSearchParams({ grant_type: 'authorization_code', code: code ?? '', ...more }),
    });
  };

  test('is worth nothing to another client, to another redirect URI, or without its verifier, and is not spent by them', async () => {
    const { answer, checks } = await newCode();
    const code = answer.searchParams.get('code') ?? '';
    const right = { redirect_uri: redirectUri, code_verifier: checks.pkceCodeVerifier };
    const other = await createApp(outputs, admin, ['issues:read']);
    const refused = { status: 400, body: { error: 'invalid_grant' } };
    expect(await redeem(right, other, code)).toMatchObject(refused);
    expect(await redeem({ ...right, redirect_uri: `${redirectUri}/other` }, app, code)).toMatchObject(refused);
    expect(await redeem({ ...right, code_verifier: client.randomPKCECodeVerifier() }, app, code)).toMatchObject(
      refused,
    );
    expect((await redeem({ redirect_uri: redirectUri }, app, code)).status).toBe(400);
    expect(await redeem(right, app, code)).toMatchObject({ status: 200 });
  });
});

describe('the pages', () => {
  test('cannot be framed, run no foreign script, are kept by nobody, and are not read across origins', async () => {
    const page = await new Browser().open((await request()).href);
    const policy = page.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/unsafe-inline|unsafe-eval|\*/);
    expect(page.headers.get('x-frame-options')).toBe('DENY');
    expect(page.headers.get('cache-control')).toContain('no-store');
    expect(page.headers.get('access-control-allow-origin')).toBeNull();
  });

  test('take no form that this browser was not given (CSRF), and sign nobody in with it', async () => {
    const victim = new Browser();
    const attackers = await new Browser().open((await request()).href);
    // The attacker's form, sent by the victim's browser.
    const refused = await victim.submit(attackers, { ...member });
    expect(refused.status).toBeGreaterThanOrEqual(400);
    expect([...victim.cookies.keys()].filter((name) => name.startsWith('__Host-session'))).toEqual([]);
  });

  test('give a session another secret at sign-in: one that was planted before is worth nothing', async () => {
    const browser = new Browser();
    const page = await browser.open((await request()).href);
    const before = new Map(browser.cookies);
    await browser.submit(page, { ...member });
    const session = [...browser.cookies].find(([name]) => name.startsWith('__Host-session'));
    expect(session).toBeDefined();
    expect(before.get(session?.[0] ?? '')).not.toBe(session?.[1]);
  });

  test('say the same of a wrong password and of a user who does not exist', async () => {
    const answers = [];
    for (const username of [member.username, 'nobody-of-that-name']) {
      const browser = new Browser();
      const page = await browser.submit(await browser.open((await request()).href), {
        username,
        password: 'wrong-wrong',
      });
      answers.push([page.status, page.document.querySelector('[role="alert"]')?.textContent.trim()]);
    }
    expect(answers[0]).toEqual(answers[1]);
    expect(answers[0]?.[1]).toBeTruthy();
  });
});

describe('a token that is none of ours', () => {
  test('ID tokens are no access tokens, whatever they are signed with', async () => {
    const tokens = await authorize(app.configuration, member, 'openid issues:read');
    const [, claims = ''] = (tokens.id_token ?? '').split('.');
    const { keys } = (await call('GET', `${outputs.issuer}/.well-known/jwks.json`)).body;
    const header = (members: object) => Buffer.from(JSON.stringify(members)).toString('base64url');
    const none = `${header({ alg: 'none', typ: 'at+jwt' })}.${claims}.`;
    const hmacInput = `${header({ alg: 'HS256', typ: 'at+jwt', kid: keys[0].kid })}.${claims}`;
    const hmac = `${hmacInput}.${createHmac('sha256', JSON.stringify(keys[0])).update(hmacInput).digest('base64url')}`;
    for (const token of [tokens.id_token ?? '', none, hmac]) {
      expect((await call('GET', `${outputs.api_url}/issues`, { token })).status).toBe(401);
      expect((await call('GET', `${outputs.issuer}/oauth2/userinfo`, { token })).status).toBe(401);
    }
    expect((await call('GET', `${outputs.api_url}/issues`, { token: tokens.access_token })).status).toBe(200);
  });

  test('a token of one API is refused at another', async () => {
    const tokens = await authorize(app.configuration, member, 'openid issues:read');
    expect((await call('GET', `${outputs.admin_url}/tenant`, { token: tokens.access_token })).status).toBe(401);
    const machine = await tokenOf(outputs, outputs.admin);
    expect((await call('GET', `${outputs.issuer}/oauth2/userinfo`, { token: machine })).status).toBe(401);
  });
});

describe('signing out', () => {
  test.each([
    ['an address that is not registered', 'https://evil.example/'],
    ['the redirect URI', redirectUri],
  ])('leads never to %s', async (_, address) => {
    const url = client.buildEndSessionUrl(app.configuration, { post_logout_redirect_uri: address });
    const response = await fetch(url, { redirect: 'manual' });
    expect(response.headers.get('location') ?? '').not.toContain(new URL(address).host);
  });
});
