import { setTimeout as sleep } from 'node:timers/promises';
import * as client from 'openid-client';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { call, tokenOf } from './client.ts';
import {
  asks,
  authorize,
  Browser,
  createApp,
  goThrough,
  locationOf,
  newChecks,
  redirectUri,
  signedOutUri,
} from './sign-in.ts';

/** The revocation bound, and a moment for the clock. */
const bound = 5_200;

describe.each(['oneOrigin', 'separateOrigins'] as const)('%s: openid-client', (form) => {
  const outputs = inject(form);
  const { member, project_administrator: projectAdministrator, administrator } = outputs.users;
  let admin: string;
  beforeAll(async () => {
    admin = await tokenOf(outputs, outputs.admin);
  });

  test('signs a user in, reads who that is, refreshes, and signs out', async () => {
    const { configuration } = await createApp(outputs, admin, ['issues:read', 'users:read']);
    const browser = new Browser();
    const scope = 'openid profile email offline_access issues:read';
    const tokens = await authorize(configuration, member, scope, { browser });
    expect(tokens.token_type).toBe('bearer');
    expect(tokens.scope?.split(' ').sort()).toEqual(scope.split(' ').sort());
    const claims = tokens.claims();
    expect(claims).toMatchObject({ sub: expect.stringMatching(/^usr_/), auth_time: expect.any(Number), amr: ['pwd'] });
    expect(claims?.sid).toMatch(/^ses_/);

    const userinfo = await client.fetchUserInfo(configuration, tokens.access_token, claims?.sub ?? '');
    expect(userinfo).toMatchObject({ preferred_username: member.username, email: expect.stringContaining('@') });

    const refreshed = await client.refreshTokenGrant(configuration, tokens.refresh_token ?? '');
    expect(refreshed.refresh_token).not.toBe(tokens.refresh_token);
    const issues = await call('GET', `${outputs.api_url}/issues`, { token: refreshed.access_token });
    expect(issues.status, issues.text).toBe(200);

    const endSession = client.buildEndSessionUrl(configuration, {
      id_token_hint: tokens.id_token ?? '',
      post_logout_redirect_uri: signedOutUri,
      state: 'bye',
    });
    let page = await browser.open(endSession.href);
    if (page.status === 200) page = await browser.submit(page);
    expect(locationOf(page).href).toBe(`${signedOutUri}?state=bye`);
    const { parameters } = await newChecks();
    const again = client.buildAuthorizationUrl(configuration, { ...parameters, scope: 'openid', prompt: 'none' });
    expect(locationOf(await browser.open(again.href)).searchParams.get('error')).toBe('login_required');
  });

  test('pushes its request first (RFC 9126)', async () => {
    const { configuration } = await createApp(outputs, admin, ['issues:read'], {
      require_pushed_authorization_requests: true,
    });
    const { parameters, checks } = await newChecks();
    const asked = { ...parameters, scope: 'openid issues:read' };
    const pushed = await client.buildAuthorizationUrlWithPAR(configuration, asked);
    const answer = locationOf(await goThrough(new Browser(), pushed, member));
    const tokens = await client.authorizationCodeGrant(configuration, answer, checks);
    expect(tokens.scope).toContain('issues:read');

    const plain = client.buildAuthorizationUrl(configuration, asked);
    const refused = await new Browser().open(plain.href);
    expect(asks(refused, 'password')).toBe(false);
  });

  test('gives a device tokens, once its user allowed it (RFC 8628)', async () => {
    const { configuration } = await createApp(outputs, admin, ['issues:read'], {
      grant_types: ['urn:ietf:params:oauth:grant-type:device_code'],
      token_endpoint_auth_method: 'none',
      redirect_uris: undefined,
      post_logout_redirect_uris: undefined,
    });
    const started = await client.initiateDeviceAuthorization(configuration, { scope: 'openid issues:read' });
    const polling = client.pollDeviceAuthorizationGrant(configuration, { ...started, interval: 1 });
    polling.catch(() => undefined);
    const browser = new Browser();
    let page = await browser.open(started.verification_uri);
    page = await browser.submit(page, { user_code: started.user_code.toLowerCase() });
    if (asks(page, 'password')) page = await browser.submit(page, { ...member });
    await browser.submit(page, { decision: 'allow' });
    const tokens = await polling;
    expect(tokens.scope).toContain('issues:read');
    expect((await call('GET', `${outputs.api_url}/issues`, { token: tokens.access_token })).status).toBe(200);
  });

  test('what only the user lacks is left out as far as they lack it, and what the app lacks is refused', async () => {
    const { configuration } = await createApp(outputs, admin, ['issues:read', 'issues:write', 'projects:read']);
    const tokens = await authorize(configuration, member, 'openid issues:write projects:read');
    expect(tokens.scope?.split(' ').sort()).toEqual(['issues:read', 'openid', 'projects:read']);

    const { parameters } = await newChecks();
    const wider = client.buildAuthorizationUrl(configuration, { ...parameters, scope: 'openid users:read' });
    const refused = locationOf(await new Browser().open(wider.href));
    expect(refused.searchParams.get('error')).toBe('invalid_scope');
    expect(refused.searchParams.get('iss')).toBe(outputs.issuer);
  });

  test('what a user holds in one project travels for that project, and opens no other', async () => {
    const { configuration } = await createApp(outputs, admin, ['issues:write']);
    const tokens = await authorize(configuration, projectAdministrator, 'openid issues:write');
    expect(tokens.authorization_details).toEqual([
      { type: 'project', identifier: outputs.project, actions: ['issues:write'] },
    ]);
    const create = (project: string) =>
      call('POST', `${outputs.api_url}/projects/${project}/issues`, {
        token: tokens.access_token,
        body: { title: 'From an app', body: '' },
      });
    expect((await create(outputs.project)).status).toBe(201);
    expect((await create('OTHER')).status).toBe(403);
  });

  test('a token dies with the session it was given in, and lives on where it was asked to', async () => {
    const { configuration } = await createApp(outputs, admin, ['issues:read']);
    const browser = new Browser();
    const bound1 = await authorize(configuration, member, 'openid issues:read', { browser });
    const offline = await authorize(configuration, member, 'openid offline_access issues:read', { browser });
    const read = (token: string) => call('GET', `${outputs.api_url}/issues`, { token });
    expect((await read(bound1.access_token)).status).toBe(200);
    expect((await read(offline.access_token)).status).toBe(200);
    const endSession = client.buildEndSessionUrl(configuration, { id_token_hint: offline.id_token ?? '' });
    const page = await browser.open(endSession.href);
    if (asks(page, 'decision') || page.document.querySelector('form') !== null) await browser.submit(page);
    await sleep(bound);
    expect((await read(bound1.access_token)).status).toBe(401);
    expect((await read(offline.access_token)).status).toBe(200);
  });

  test('a code that comes twice is refused, and what it gave dies', async () => {
    const { configuration } = await createApp(outputs, admin, ['issues:read']);
    const { parameters, checks } = await newChecks();
    const url = client.buildAuthorizationUrl(configuration, { ...parameters, scope: 'openid issues:read' });
    const answer = locationOf(await goThrough(new Browser(), url, member));
    const redeem = () => client.authorizationCodeGrant(configuration, answer, checks);
    const outcomes = await Promise.allSettled(Array.from({ length: 10 }, redeem));
    const won = outcomes.filter((outcome) => outcome.status === 'fulfilled');
    expect(won).toHaveLength(1);
    await sleep(bound);
    const token = won[0]?.value.access_token ?? '';
    expect((await call('GET', `${outputs.api_url}/issues`, { token })).status).toBe(401);
    await expect(client.refreshTokenGrant(configuration, won[0]?.value.refresh_token ?? '')).rejects.toMatchObject({
      error: 'invalid_grant',
    });
  });

  test('ten uses of one refresh token at once are one; a thief who comes later ends them all', async () => {
    const { configuration } = await createApp(outputs, admin, ['issues:read']);
    const first = await authorize(configuration, member, 'openid offline_access issues:read');
    const use = () => client.refreshTokenGrant(configuration, first.refresh_token ?? '');
    const answers = await Promise.all(Array.from({ length: 10 }, use));
    expect(new Set(answers.map(({ refresh_token }) => refresh_token)).size).toBe(1);
    const next = await client.refreshTokenGrant(configuration, answers[0]?.refresh_token ?? '');
    await expect(use()).rejects.toMatchObject({ error: 'invalid_grant' });
    await expect(client.refreshTokenGrant(configuration, next.refresh_token ?? '')).rejects.toMatchObject({
      error: 'invalid_grant',
    });
    await sleep(bound);
    const issues = await call('GET', `${outputs.api_url}/issues`, { token: next.access_token });
    expect(issues.status).toBe(401);
  });

  test('an app with openid alone does not reach the admin API', async () => {
    const { configuration } = await createApp(outputs, admin, ['issues:read']);
    const tokens = await authorize(configuration, administrator, 'openid');
    expect((await call('GET', `${outputs.admin_url}/tenant`, { token: tokens.access_token })).status).toBe(401);
    expect((await call('GET', `${outputs.api_url}/projects`, { token: tokens.access_token })).status).toBe(401);
    expect((await call('GET', `${outputs.issuer}/oauth2/userinfo`, { token: tokens.access_token })).status).toBe(200);
  });

  test('a user who denies is reported as such, with state and issuer', async () => {
    const { configuration } = await createApp(outputs, admin, ['issues:read']);
    const { parameters } = await newChecks();
    const url = client.buildAuthorizationUrl(configuration, { ...parameters, scope: 'openid issues:read' });
    const answer = locationOf(await goThrough(new Browser(), url, member, 'deny'));
    expect(answer.origin + answer.pathname).toBe(redirectUri);
    expect(Object.fromEntries(answer.searchParams)).toMatchObject({
      error: 'access_denied',
      state: parameters.state,
      iss: outputs.issuer,
    });
  });

  test('a personal access token works until its user revokes it', async () => {
    const { configuration } = await createApp(outputs, admin, ['issues:read', 'personal-access-tokens:manage']);
    const tokens = await authorize(configuration, member, 'openid issues:read personal-access-tokens:manage');
    const manage = { token: tokens.access_token };
    const made = await call('POST', `${outputs.admin_url}/personal-access-tokens`, {
      ...manage,
      body: { name: 'nightly script', rights: ['issues:read'], expires_in: 3600 },
    });
    expect(made.status, made.text).toBe(201);
    expect(made.body.token).toMatch(/^lkp_/);
    expect((await call('GET', `${outputs.api_url}/issues`, { token: made.body.token })).status).toBe(200);
    expect((await call('GET', `${outputs.api_url}/users`, { token: made.body.token })).status).toBe(403);
    expect((await call('DELETE', `${outputs.admin_url}/personal-access-tokens/${made.body.id}`, manage)).status).toBe(
      204,
    );
    await sleep(bound);
    expect((await call('GET', `${outputs.api_url}/issues`, { token: made.body.token })).status).toBe(401);
  });
});
