import { TOTP } from 'otpauth';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { newPasswordLink } from '../../src/entities/password-link.ts';
import { environment } from '../../src/environment.ts';
import { hasChromium } from '../chromium.ts';
import { originOf } from '../src/entities/origin.ts';
import { appearances, faultsOf } from './appearances.ts';
import { type BrowserScene, openBrowserScene, signInOn } from './browser-scene.ts';

vi.mock('../../src/authentication/password-hash.ts', async (original) =>
  (await import('../cheap-password-hash.ts')).withCheapHashes(original),
);

describe.skipIf(!hasChromium())('in Chromium', () => {
  let scene: BrowserScene;
  let issuer: string;
  beforeAll(async () => {
    scene = await openBrowserScene({ tenant: { branding: { colour: '#1971c2' } } });
    // Passkeys are of a name, never of an address (WebAuthn §5.1.2).
    issuer = scene.issuer.replace('127.0.0.1', 'localhost');
    process.env[environment.issuer] = issuer;
  });
  afterAll(() => scene.close());

  const own = (rest: string) => `${issuer}/t/${scene.tenant.tenant}/${rest}`;
  const shows = async (page: Page, heading: string, picture?: string) => {
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe(heading);
    if (picture !== undefined && process.env.PICTURES !== undefined)
      await page.screenshot({ path: `${process.env.PICTURES}/${picture}.png`, fullPage: true });
    expect(await faultsOf(page)).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
  };
  const press = async (page: Page, name: string) => {
    await page.getByRole('button', { name }).or(page.getByRole('link', { name })).first().click();
    await page.waitForLoadState();
  };

  it.each(Object.entries(appearances))(
    'each page of passwords can be read by everybody, %s',
    async (as, appearance) => {
      const page = await scene.open(appearance);
      await page.goto(`${own('set-password')}?link=none`);
      await shows(page, 'This link no longer works', `link-over ${as}`);
      const { passwordLinks } = await import('../../src/adapters/dynamodb/password-link-store.ts');
      const { table } = await import('../../functions/shared/table.ts');
      const { randomBytes } = await import('node:crypto');
      const { auditEvent } = await import('../../src/entities/audit-event.ts');
      const { users } = await import('../../src/adapters/dynamodb/user.ts');
      const user = (await users(table()).get(scene.user.tenant, scene.user.id)) ?? scene.user;
      const { text, link } = newPasswordLink(user, Date.now(), randomBytes);
      const change = { tenant: scene.user.tenant, action: 'user.password_link_issued', object: scene.user.id };
      const origin = originOf('usr_1');
      await passwordLinks(table()).issue(link, auditEvent(change, origin, Date.now(), randomBytes));
      await page.goto(`${own('set-password')}?link=${text}`);
      await shows(page, 'Set your password', `set-password ${as}`);
      await page.getByLabel('New password').fill('short');
      await page.getByLabel('The same again').fill('short');
      await press(page, 'Set password');
      await shows(page, 'Set your password', `set-password-problem ${as}`);
      await page.getByLabel('New password').fill('correct horse battery staple');
      await page.getByLabel('The same again').fill('correct horse battery staple');
      await press(page, 'Set password');
      await shows(page, 'Your password is set', `password-set ${as}`);
      await page.goto(own('password'));
      await signInOn(page);
      await shows(page, 'Change your password', `change-password ${as}`);
      await page.context().close();
    },
  );

  it.each(Object.entries(appearances))(
    'each page of second factors can be read by everybody, %s',
    async (as, appearance) => {
      const page = await scene.open(appearance);
      await page.goto(own('second-factor'));
      await signInOn(page);
      await shows(page, 'Two-step sign-in', `account-without ${as}`);
      await press(page, 'Set up');
      await shows(page, 'Set up two-step sign-in', `enrol ${as}`);
      await press(page, 'Use an authenticator app');
      await page.getByText('Enter it by hand instead').click();
      await shows(page, 'Set up your app', `authenticator ${as}`);
      const secret = (await page.locator('details code').textContent())?.replaceAll(' ', '') ?? '';
      await page.getByRole('textbox', { name: 'Code' }).fill(new TOTP({ secret }).generate());
      await press(page, 'Continue');
      await shows(page, 'Keep your recovery codes', `recovery-codes ${as}`);
      const [code = '', second = ''] = await page.locator('.codes code').allTextContents();
      await press(page, 'I have kept them');
      await shows(page, 'Two-step sign-in', `account-with ${as}`);
      const other = await scene.open(appearance);
      await other.goto(own('second-factor'));
      await signInOn(other);
      await shows(other, 'Confirm it is you', `second-factor ${as}`);
      await other.getByRole('textbox', { name: 'Code' }).fill('000000');
      await press(other, 'Continue');
      await shows(other, 'Confirm it is you', `second-factor-problem ${as}`);
      await other.getByRole('textbox', { name: 'Code' }).fill(second === '' ? code : second);
      await press(other, 'Continue');
      await press(other, 'Remove');
      await shows(other, 'Two-step sign-in');
      await Promise.all([page.context().close(), other.context().close()]);
    },
  );

  it('a passkey is made, and signs in', async () => {
    const page = await scene.open();
    const devtools = await page.context().newCDPSession(page);
    await devtools.send('WebAuthn.enable');
    await devtools.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        transport: 'internal',
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    });
    await page.goto(own('second-factor'));
    await signInOn(page);
    await press(page, 'Set up');
    await page.getByRole('button', { name: 'Use a passkey' }).click();
    await page.getByRole('heading', { name: 'Keep your recovery codes' }).waitFor();
    await press(page, 'I have kept them');
    expect(await page.getByText('Passkey', { exact: true }).count()).toBe(1);
    await page.context().clearCookies();
    await page.goto(own('second-factor'));
    await signInOn(page);
    await shows(page, 'Confirm it is you', 'second-factor-passkey');
    await page.getByRole('button', { name: 'Use your passkey' }).click();
    await page.getByRole('heading', { name: 'Two-step sign-in' }).waitFor();
    await press(page, 'Remove');
    await page.context().close();
  });
});
