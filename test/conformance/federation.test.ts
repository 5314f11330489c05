import * as client from 'openid-client';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { hasChromium, launchChromium } from '../chromium.ts';
import { startUpstreamProvider, type UpstreamProvider } from '../upstream-provider.ts';
import { call, freshName, tokenOf } from './client.ts';
import { asks, Browser, createApp, locationOf, newChecks, type Page, redirectUri } from './sign-in.ts';

describe.each(['oneOrigin', 'separateOrigins'] as const)('%s: a real oidc-provider upstream', (form) => {
  const outputs = inject(form);
  const name = freshName('Provider');
  let admin: string;
  let upstream: UpstreamProvider;
  let providerUrl: string;
  let app: Awaited<ReturnType<typeof createApp>>;

  beforeAll(async () => {
    admin = await tokenOf(outputs, outputs.admin);
    upstream = await startUpstreamProvider();
    const registered = await call('POST', `${outputs.admin_url}/identity-providers`, {
      token: admin,
      body: {
        name,
        issuer: upstream.issuer,
        client_id: upstream.client.id,
        client_secret: upstream.client.secret,
        create_users: true,
        allowed_email_domains: ['example.com'],
      },
    });
    expect(registered.status, registered.text).toBe(201);
    upstream.redirectUri = registered.body.redirect_uri;
    providerUrl = `${outputs.admin_url}/identity-providers/${registered.body.id}`;
    app = await createApp(outputs, admin, ['issues:read', 'users:read']);
  });
  afterAll(async () => {
    expect((await call('DELETE', providerUrl, { token: admin })).status).toBe(204);
    await upstream.close();
  });

  const somebody = () => {
    const username = `fed${freshName('').replaceAll(/\D/g, '')}`;
    const email = `${username}@example.com`;
    return { sub: `sub-${username}`, preferred_username: username, email, email_verified: true, name: 'Ada Lovelace' };
  };

  const pressed = (browser: Browser, page: Page) => {
    const button = page.document.querySelectorAll('form').find((each) => each.text.includes(name));
    if (button?.parentNode === undefined) throw new Error(`no button for ${name}: ${page.document.structuredText}`);
    const only = page.document.querySelectorAll('form').filter((each) => each !== button);
    for (const other of only) other.remove();
    return browser.submit(page);
  };

  async function signedIn(browser = new Browser(), more: Record<string, string> = {}) {
    const { parameters, checks } = await newChecks();
    const scope = 'openid profile email issues:read users:read';
    const url = client.buildAuthorizationUrl(app.configuration, { ...parameters, scope, ...more });
    const leaving = await pressed(browser, await browser.open(url.href));
    const back = await upstream.signIn(locationOf(leaving).href);
    let page = await browser.open(back.href);
    if (asks(page, 'decision')) page = await browser.submit(page, { decision: 'allow' });
    return client.authorizationCodeGrant(app.configuration, locationOf(page), checks);
  }

  test('a federated user signs in, reads who that is, and calls an API as a member', async () => {
    const ada = somebody();
    upstream.account = ada;
    const tokens = await signedIn();
    const claims = tokens.claims();
    expect(claims).toMatchObject({ sub: expect.stringMatching(/^usr_/), amr: ['fed'] });
    const userinfo = await client.fetchUserInfo(app.configuration, tokens.access_token, claims?.sub ?? '');
    expect(userinfo).toMatchObject({ preferred_username: ada.preferred_username, email: ada.email, name: ada.name });
    const users = await call('GET', `${outputs.api_url}/users`, { token: tokens.access_token });
    expect(users.status, users.text).toBe(200);
    expect((await signedIn()).claims()?.sub).toBe(claims?.sub);
  });

  test('who must sign in anew does so at the provider', async () => {
    upstream.account = somebody();
    const browser = new Browser();
    const first = (await signedIn(browser)).claims();
    const again = (await signedIn(browser, { prompt: 'login' })).claims();
    expect(again?.sub).toBe(first?.sub);
    expect((await signedIn(browser, { max_age: '0' })).claims()?.sub).toBe(first?.sub);
  });

  test('who is disabled here is not let in by the provider', async () => {
    upstream.account = somebody();
    const path = `${outputs.admin_url}/users/${(await signedIn()).claims()?.sub}`;
    const change = (status: string) => call('PATCH', path, { token: admin, body: { status } });
    expect((await change('disabled')).status).toBe(200);
    await expect(signedIn()).rejects.toThrow('You cannot sign in');
    expect((await change('active')).status).toBe(200);
    await signedIn();
  });

  test('an administrator links a user who is there already', async () => {
    const ada = somebody();
    const made = await call('POST', `${outputs.admin_url}/users`, {
      token: admin,
      body: { username: ada.preferred_username, email: ada.email, name: ada.name, roles: ['member'] },
    });
    upstream.account = { ...ada, sub: `other-${ada.sub}` };
    await expect(signedIn()).rejects.toThrow('You have an account already');
    const linked = await call('POST', `${outputs.admin_url}/users/${made.body.id}/federated-identities`, {
      token: admin,
      body: { identity_provider: providerUrl.split('/').at(-1), subject: ada.sub },
    });
    expect(linked.status, linked.text).toBe(201);
    upstream.account = ada;
    expect((await signedIn()).claims()?.sub).toBe(made.body.id);
    const link = `${outputs.admin_url}/users/${made.body.id}/federated-identities/${linked.body.id}`;
    expect((await call('DELETE', link, { token: admin })).status).toBe(204);
    await expect(signedIn()).rejects.toThrow('You have an account already');
  });

  test.skipIf(!hasChromium())('in Chromium the way leads to the provider and back', async () => {
    upstream.account = somebody();
    const chromium = await launchChromium();
    const page = await chromium.newPage();
    const { parameters, checks } = await newChecks();
    const url = client.buildAuthorizationUrl(app.configuration, { ...parameters, scope: 'openid issues:read' });
    await page.goto(url.href);
    await page.getByRole('button', { name: `Continue with ${name}` }).click();
    const arrived = page.waitForRequest((request) => request.url().startsWith(redirectUri));
    await page.getByRole('button', { name: 'Allow' }).click();
    const tokens = await client.authorizationCodeGrant(app.configuration, new URL((await arrived).url()), checks);
    expect(tokens.claims()).toMatchObject({ amr: ['fed'] });
    await chromium.close();
  });
});
