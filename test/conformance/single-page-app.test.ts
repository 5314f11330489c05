import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { hasChromium, launchChromium } from '../chromium.ts';
import { createIntegration, tokenOf } from './client.ts';

/** A single-page app of nothing but oidc-client-ts, which says what it knows in its title. */
const page = `<!doctype html><html lang="en"><title>waiting</title><body><script src="/oidc-client-ts.js"></script><script>
  const settings = JSON.parse(new URLSearchParams(location.hash.slice(1)).get('settings') ?? sessionStorage.settings);
  sessionStorage.settings = JSON.stringify(settings);
  const manager = new oidc.UserManager({ ...settings, userStore: new oidc.WebStorageStateStore({ store: sessionStorage }) });
  window.manager = manager;
  const done = (text) => { document.title = text; };
  const parameters = new URLSearchParams(location.search);
  if (location.pathname === '/callback')
    manager.signinCallback().then((user) => { window.user = user; done('signed in'); }, (error) => done('failed: ' + error.message));
  else if (location.pathname === '/signed-out')
    manager.signoutCallback().then(() => done('signed out'), (error) => done('failed: ' + error.message));
  else done('ready');
</script>`;

describe.skipIf(!hasChromium())('oidc-client-ts in Chromium', () => {
  const outputs = inject('oneOrigin');
  const { member } = outputs.users;
  let app: Server;
  let origin: string;
  let chromium: Browser;
  let settings: Record<string, unknown>;

  beforeAll(async () => {
    const library = dirname(createRequire(import.meta.url).resolve('oidc-client-ts/package.json'));
    const script = readFileSync(join(library, 'dist/browser/oidc-client-ts.min.js'));
    app = createServer(({ url = '' }, response) => {
      if (url.startsWith('/oidc-client-ts.js')) response.setHeader('content-type', 'text/javascript').end(script);
      else response.setHeader('content-type', 'text/html').end(page);
    });
    await new Promise<void>((resolve) => app.listen(0, '127.0.0.1', resolve));
    origin = `http://127.0.0.1:${(app.address() as AddressInfo).port}`;
    chromium = await launchChromium();
    const admin = await tokenOf(outputs, outputs.admin);
    const { client_id } = await createIntegration(outputs, admin, ['issues:read'], {
      application_type: 'native',
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code', 'refresh_token'],
      redirect_uris: [`${origin}/callback`],
      post_logout_redirect_uris: [`${origin}/signed-out`],
    });
    settings = {
      authority: outputs.issuer,
      client_id,
      redirect_uri: `${origin}/callback`,
      post_logout_redirect_uri: `${origin}/signed-out`,
      scope: 'openid profile offline_access issues:read',
      automaticSilentRenew: false,
      loadUserInfo: true,
    };
  });
  afterAll(async () => {
    await chromium?.close();
    app?.close();
  });

  const open = async (): Promise<Page> => {
    const context = await chromium.newContext();
    const opened = await context.newPage();
    await opened.goto(`${origin}/#${new URLSearchParams({ settings: JSON.stringify(settings) })}`);
    await opened.waitForFunction("document.title === 'ready'");
    return opened;
  };

  /** What the app holds: oidc-client-ts runs in the page. */
  const evaluate = <Result>(opened: Page, expression: string): Promise<Result> => opened.evaluate(expression);

  test('signs a user in through the real pages, reads the API across origins, refreshes and signs out', async () => {
    const opened = await open();
    await evaluate(opened, 'void manager.signinRedirect()');
    await opened.getByLabel('Username').fill(member.username);
    await opened.getByLabel('Password').fill(member.password);
    await opened.getByRole('button', { name: 'Sign in' }).click();
    await opened.getByRole('button', { name: 'Allow' }).click();
    await opened.waitForFunction('/signed in|failed/.test(document.title)');
    expect(await opened.title()).toBe('signed in');
    expect(await evaluate(opened, 'user.profile.preferred_username')).toBe(member.username);
    expect(await evaluate(opened, 'user.scope')).toContain('issues:read');

    const before = await evaluate(opened, 'user.refresh_token');
    const after = await evaluate(opened, 'manager.signinSilent().then((renewed) => renewed.refresh_token)');
    expect(after).not.toBe(before);

    await evaluate(opened, 'void manager.signoutRedirect()');
    const confirm = opened.getByRole('button', { name: 'Sign out' });
    await Promise.race([opened.waitForURL(`${origin}/signed-out**`), confirm.waitFor().then(() => confirm.click())]);
    await opened.waitForURL(`${origin}/signed-out**`);
    await opened.waitForFunction('/signed out|failed/.test(document.title)');
    expect(await opened.title()).toBe('signed out');
  });

  test('tells the app that its user denied', async () => {
    const opened = await open();
    await evaluate(opened, 'void manager.signinRedirect()');
    await opened.getByLabel('Username').fill(member.username);
    await opened.getByLabel('Password').fill(member.password);
    await opened.getByRole('button', { name: 'Sign in' }).click();
    await opened.getByRole('button', { name: 'Deny' }).click();
    await opened.waitForFunction('/signed in|failed/.test(document.title)');
    expect(await opened.title()).toMatch(/^failed: /);
  });
});
