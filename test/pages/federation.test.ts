import { randomBytes } from 'node:crypto';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { federatedIdentities } from '../../src/adapters/dynamodb/federated-identity.ts';
import { identityProviders } from '../../src/adapters/dynamodb/identity-provider.ts';
import { auditEvent } from '../../src/entities/audit-event.ts';
import { newId } from '../../src/entities/identifiers.ts';
import { type IdentityProvider, newIdentityProviderId, standardClaims } from '../../src/entities/identity-provider.ts';
import { hasChromium } from '../chromium.ts';
import { originOf } from '../src/entities/origin.ts';
import { appearances, faultsOf } from './appearances.ts';
import { type BrowserScene, openBrowserScene, signInOn } from './browser-scene.ts';

vi.mock('../../src/authentication/password-hash.ts', async (original) =>
  (await import('../cheap-password-hash.ts')).withCheapHashes(original),
);

describe.skipIf(!hasChromium())('in Chromium', () => {
  let scene: BrowserScene;
  beforeAll(async () => {
    scene = await openBrowserScene({});
    const first = await provide('Example ID');
    await provide('University of Somewhere');
    const identity = {
      tenant: first.tenant,
      id: newId('fid', randomBytes),
      providerId: first.id,
      issuer: first.issuer,
      subject: 'ada',
      userId: scene.user.id,
      createdAt: first.createdAt,
    };
    await federatedIdentities(scene.table).link(identity, undefined, event('user.identity_linked'));
  });
  afterAll(() => scene.close());

  const event = (action: string) =>
    auditEvent({ tenant: scene.tenant.tenant, action, object: 'idp' }, originOf('usr_1'), Date.now(), randomBytes);

  /** A provider that nobody can reach. */
  async function provide(name: string): Promise<IdentityProvider> {
    const { tenant } = scene.tenant;
    const provider: IdentityProvider = {
      tenant,
      id: newIdentityProviderId(tenant, randomBytes),
      name,
      issuer: 'https://127.0.0.1',
      clientId: 'latchkey',
      claimMapping: standardClaims,
      allowedEmailDomains: [],
      createUsers: false,
      roles: ['member'],
      status: 'active',
      version: 1,
      createdAt: '2026-11-21T10:00:00.000Z',
    };
    await identityProviders(scene.table).create(provider, event('identity_provider.created'));
    return provider;
  }

  const shows = async (page: Page, heading: string) => {
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe(heading);
    expect(await faultsOf(page)).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
  };

  it.each(Object.entries(appearances))('the pages of federation can be read by everybody %s', async (_, appearance) => {
    const page = await scene.open(appearance);
    await page.goto(scene.request());
    await shows(page, 'Sign in');
    await page.getByRole('button', { name: 'Continue with Example ID' }).click();
    await shows(page, 'That sign-in is not available');
    await page.getByRole('link', { name: 'Back to sign in' }).click();
    await signInOn(page);
    await page.goto(`${scene.issuer}/t/${scene.tenant.tenant}/account`);
    await page.getByRole('link', { name: 'Linked accounts' }).click();
    await shows(page, 'Linked accounts');
    await page.getByRole('button', { name: 'Link University of Somewhere' }).click();
    await shows(page, 'That sign-in is not available');
    await page.getByRole('link', { name: 'Back to your account' }).click();
    await page.getByRole('button', { name: 'Remove' }).waitFor();
    await shows(page, 'Linked accounts');
    await page.context().close();
  });
});
