import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { hasChromium } from '../chromium.ts';
import { appearances, faultsOf } from './appearances.ts';
import { appUri, type BrowserScene, openBrowserScene, signInOn } from './browser-scene.ts';

vi.mock('../../src/authentication/password-hash.ts', async (original) =>
  (await import('../cheap-password-hash.ts')).withCheapHashes(original),
);

describe.skipIf(!hasChromium())('in Chromium', () => {
  let scene: BrowserScene;
  beforeAll(async () => {
    scene = await openBrowserScene({ tenant: { branding: { colour: '#e8590c' } } });
  });
  afterAll(() => scene.close());

  describe.each(Object.entries(appearances))('%s', (_, appearance) => {
    const shows = async (page: Page, heading: string) => {
      expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe(heading);
      expect(await faultsOf(page)).toEqual([]);
      expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
      expect(await page.evaluate('document.documentElement.lang')).toBe('en');
    };
    const account = () => `${scene.issuer}/t/${scene.tenant.tenant}/account`;

    it('each page can be read by everybody, and does not scroll sideways', async () => {
      const page = await scene.open(appearance);
      await page.goto(scene.request());
      await shows(page, 'Sign in');
      await signInOn(page, 'wrong');
      await shows(page, 'Sign in');
      expect(await page.getByRole('alert').textContent()).toBe('Username or password is wrong.');
      await signInOn(page);
      await shows(page, 'Allow Punch card studio to act for you?');
      await page.getByRole('link', { name: 'Not you?' }).click();
      await shows(page, 'Choose an account');
      await page.getByRole('button', { name: 'Continue as Ada Lovelace' }).click();
      await page.getByRole('button', { name: 'Allow' }).click();
      await page.waitForURL(`${scene.client.origin}/**`);
      await page.goto(account());
      await shows(page, 'Your account');
      await page.getByText('What it may do').click();
      await shows(page, 'Your account');
      await page.goto(`${scene.issuer}/sign-in?interaction=none`);
      await shows(page, 'This page is over');
      await page.goto(account());
      await page.getByRole('button', { name: 'Sign out', exact: true }).click();
      await shows(page, 'You are signed out');
      await page.context().close();
    });
  });

  it('an app of this device is answered, and where nothing happens there is a link to it', async () => {
    const page = await scene.open();
    const opened = page.waitForRequest((request) => request.url().startsWith(appUri));
    await page.goto(scene.request({ redirect_uri: appUri }));
    await signInOn(page);
    await page.getByText('It runs on this device').waitFor();
    await page.getByRole('button', { name: 'Allow' }).click();
    expect((await opened).url()).toMatch(/\?code=\w{43}&/);
    const link = page.getByRole('link', { name: 'Continue' });
    expect(await link.getAttribute('href')).toMatch(/^com\.example\.app:\/callback\?code=\w{43}&/);
    expect(await faultsOf(page)).toEqual([]);
    await page.context().close();
  });

  it('pages are used with the keyboard alone', async () => {
    const page = await scene.open();
    await page.goto(scene.request());
    const focused = () => page.evaluate('document.activeElement.name || document.activeElement.textContent');
    expect(await focused()).toBe('username');
    await page.keyboard.type('ada');
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('password');
    await page.keyboard.type('correct horse battery staple');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Allow Punch card studio' }).waitFor();
    const reached: unknown[] = [];
    for (let tabs = 0; tabs < 3; tabs++) {
      await page.keyboard.press('Tab');
      reached.push(await page.evaluate('document.activeElement.textContent'));
    }
    expect(reached).toEqual(['Not you?', 'Deny', 'Allow']);
    expect(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')).toBe('solid');
    await page.keyboard.press('Enter');
    await page.waitForURL(`${scene.client.origin}/callback?code=**`);
    await page.context().close();
  });
});
