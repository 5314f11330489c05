import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { integrationItem } from '../../src/adapters/dynamodb/integration.ts';
import { deviceCodeGrant } from '../../src/entities/grant-type.ts';
import { hasChromium } from '../chromium.ts';
import { appearances, faultsOf } from './appearances.ts';
import { type BrowserScene, openBrowserScene, signInOn } from './browser-scene.ts';

vi.mock('../../src/authentication/password-hash.ts', async (original) =>
  (await import('../cheap-password-hash.ts')).withCheapHashes(original),
);

describe.skipIf(!hasChromium())('in Chromium', () => {
  let scene: BrowserScene;
  beforeAll(async () => {
    const grantTypes = ['authorization_code', deviceCodeGrant];
    scene = await openBrowserScene({
      tenant: { branding: { colour: '#e8590c' } },
      integration: { grantTypes, tokenEndpointAuthMethod: 'none', secrets: [] },
    });
  });
  afterAll(() => scene.close());

  async function shows(page: Page, heading: string) {
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe(heading);
    expect(await faultsOf(page)).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
  }

  const client_id = () => scene.client.integration.clientId;
  const post = async (path: string, parameters: Record<string, string>) => {
    const answer = await fetch(`${scene.issuer}${path}`, { method: 'POST', body: new URLSearchParams(parameters) });
    return (await answer.json()) as Record<string, string>;
  };
  const newDevice = () =>
    post('/oauth2/device_authorization', { client_id: client_id(), scope: 'openid issues:read issues:write' });

  it.each(Object.entries(appearances))(
    'a device is connected, and everybody can read how: %s',
    async (_, appearance) => {
      const device = await newDevice();
      const page = await scene.open(appearance);
      await page.goto(device.verification_uri ?? '');
      await shows(page, 'Connect a device');
      await page.getByLabel('Code').fill('nothing');
      await page.getByRole('button', { name: 'Continue' }).click();
      await shows(page, 'Connect a device');
      expect(await page.getByRole('alert').textContent()).toContain('This code is not right');
      await page.goto(device.verification_uri_complete ?? '');
      expect(await page.getByLabel('Code').inputValue()).toBe(device.user_code);
      await page.keyboard.press('Enter');
      await page.waitForLoadState();
      await signInOn(page);
      await shows(page, 'Connect Punch card studio on your device?');
      await page.getByRole('button', { name: 'Allow' }).click();
      await shows(page, 'Your device is connected');
      const poll = { client_id: client_id(), grant_type: deviceCodeGrant, device_code: device.device_code ?? '' };
      const { id_token = '' } = await post('/oauth2/token', poll);
      await page.goto(`${scene.issuer}/oauth2/logout`);
      await shows(page, 'Where do you want to sign out?');
      await page.goto(`${scene.issuer}/oauth2/logout?client_id=${client_id()}`);
      await shows(page, 'Sign out of Analytical Engines?');
      await page.goto(`${scene.issuer}/oauth2/logout?id_token_hint=${id_token}`);
      await shows(page, 'You are signed out');
      await page.goto(`${scene.issuer}/oauth2/logout`);
      await shows(page, 'You are signed out');
      await page.context().close();
    },
  );

  it("a client's own form asks the user to sign out, and the browser comes back to the client", async () => {
    const back = `${scene.client.origin}/signed-out`;
    await scene.table.put(integrationItem({ ...scene.client.integration, postLogoutRedirectUris: [back] }));
    const fields = { client_id: client_id(), post_logout_redirect_uri: back, state: 'a state' };
    const inputs = Object.entries(fields).map(
      ([name, value]) => `<input type="hidden" name="${name}" value="${value}">`,
    );
    scene.client.pages.set('/leave', {
      html: `<form method="post" action="${scene.issuer}/oauth2/logout">${inputs.join('')}<button>Leave</button></form>`,
    });
    const page = await scene.open();
    await page.goto(`${scene.issuer}/t/${scene.tenant.tenant}/account`);
    await signInOn(page);
    await page.goto(`${scene.client.origin}/leave`);
    await page.getByRole('button', { name: 'Leave' }).click();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.waitForURL(`${back}?state=a+state`);
    await page.goto(`${scene.issuer}/oauth2/logout`);
    await shows(page, 'You are signed out');
    await page.context().close();
  });
});
