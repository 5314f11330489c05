import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Holdings } from '../../../src/entities/holdings.ts';
import { accountPage } from '../../../src/pages/account.ts';
import { accountsPage } from '../../../src/pages/accounts.ts';
import { consentPage } from '../../../src/pages/consent.ts';
import { deviceCodePage, deviceConfirmationPage } from '../../../src/pages/device.ts';
import { authenticatorPage, enrolSecondFactorPage } from '../../../src/pages/enrol-second-factor.ts';
import { errorPage } from '../../../src/pages/error.ts';
import { layout, type Page } from '../../../src/pages/layout.ts';
import { leavingPage, postingPage } from '../../../src/pages/leaving.ts';
import { linkedAccountsPage } from '../../../src/pages/linked-accounts.ts';
import { setPasswordPage } from '../../../src/pages/set-password.ts';
import { signInPage } from '../../../src/pages/sign-in.ts';
import { signOutPage } from '../../../src/pages/sign-out.ts';
import { upstreamRefusalPage } from '../../../src/pages/upstream-refusal.ts';

const hostile = `"'><script>alert(1)</script><img src=x onerror=alert(1)>&amp;`;
const brand = { name: hostile };
const target = { action: '/auth/here', hidden: { csrf: hostile } };
const user = { name: hostile, username: hostile };
const application = { name: hostile, description: hostile };
const rights: Holdings = { global: ['users:read'], byProject: { [hostile]: ['issues:read'] } };
const asked = { brand, target, user, application, scopes: ['openid', hostile], rights, otherAccount: '/auth/accounts' };
const named = [{ key: hostile, name: hostile }];
const at = '2026-11-21T10:00:00.000Z';

const pages: Readonly<Record<string, Page>> = {
  'sign-in': signInPage({
    ...{ brand, target, application: hostile, username: hostile, problem: hostile },
    providers: [{ name: hostile, target }],
  }),
  consent: consentPage({ ...asked, projects: named, destination: hostile, onThisDevice: false, problem: hostile }),
  'consent without the project': consentPage({ ...asked, projects: [], destination: hostile, onThisDevice: true }),
  accounts: accountsPage({ brand, target, application: hostile, user }),
  'device code': deviceCodePage({ target, userCode: hostile, problem: hostile }),
  device: deviceConfirmationPage({ ...asked, projects: named, userCode: hostile, problem: hostile }),
  error: errorPage({ title: hostile, text: hostile, requestId: hostile }),
  leaving: leavingPage(`https://app.example/?${hostile}`, brand, hostile),
  posting: postingPage({ action: `https://app.example/?${hostile}`, fields: { [hostile]: hostile } }, brand),
  'sign-out': signOutPage({ brand, target, user, application, account: '/auth/account' }),
  'set password': setPasswordPage({ brand, target, username: hostile, fault: hostile }),
  'enrolment choice': enrolSecondFactorPage({
    ...{ brand, target, authenticatorUrl: '/auth/here', required: true, problem: hostile },
    passkey: { user: { name: hostile } },
  }),
  authenticator: authenticatorPage({
    brand,
    target,
    uri: `otpauth://totp/${hostile}`,
    secret: 'ABCD',
    problem: hostile,
  }),
  'linked accounts': linkedAccountsPage({
    ...{ brand, accountUrl: '/auth/account', problem: hostile },
    links: [{ id: hostile, createdAt: at, provider: hostile, remove: target }],
    offered: [{ name: hostile, target }],
  }),
  'upstream refusal': upstreamRefusalPage({
    ...{ brand, refusal: 'email', provider: hostile },
    back: { url: '/auth/sign-in', text: hostile },
  }),
  account: accountPage({
    ...{ brand, user: { ...user, email: hostile }, signOut: target },
    sessions: [
      {
        ...{
          id: 'ses_1',
          createdAt: at,
          authenticatedAt: at,
          expiresAt: at,
          methods: ['pwd'],
          current: false,
          end: target,
        },
        ...{
          tenant: 'ten_1',
          userId: 'usr_1',
          secretHash: '',
          userGeneration: 0,
          userAgent: hostile,
          address: hostile,
        },
      },
    ],
    consents: [
      {
        ...{ clientId: hostile, id: 'cns_1', scopes: [hostile], rights, createdAt: at, updatedAt: at, name: hostile },
        ...{ tenant: 'ten_1', userId: 'usr_1', withdraw: target },
      },
    ],
    links: { password: '/auth/p', linkedAccounts: '/auth/l', secondFactors: '/auth/s' },
  }),
};

describe('what tenants, apps, users and providers call themselves is text', () => {
  it.each(Object.keys(pages))('on the page %s', async (name) => {
    const page = pages[name];
    if (page === undefined) throw new Error('no page');
    const text = String(await layout('/auth', page));
    expect(text).toContain('&lt;script&gt;');
    expect(text).not.toMatch(/<script>|<img src=x|"'>/);
  });

  it('nowhere is a value put in unescaped, or outside quotes', () => {
    const folder = new URL('../../../src/pages/', import.meta.url);
    const all = readdirSync(folder).map((file) => readFileSync(new URL(file, folder), 'utf8'));
    const raw = all.flatMap((text) => text.match(/\braw\([^)]*\)/g) ?? []);
    expect(raw.sort()).toEqual([`raw(' class="wide"')`, 'raw(renderSVG(uri, { border: 2 })']);
    for (const text of all) expect(text).not.toMatch(/ [a-z-]+=\$\{/);
  });
});
