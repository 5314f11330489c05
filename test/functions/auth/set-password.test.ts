import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { handler } from '../../../functions/auth/set-password.ts';
import { signInPorts } from '../../../functions/shared/sign-in.ts';
import { auditEventStore } from '../../../src/adapters/dynamodb/audit-event.ts';
import { passwordLinks } from '../../../src/adapters/dynamodb/password-link-store.ts';
import { tenantItem } from '../../../src/adapters/dynamodb/tenant.ts';
import { users } from '../../../src/adapters/dynamodb/user.ts';
import { signIn } from '../../../src/authentication/sign-in.ts';
import { auditEvent } from '../../../src/entities/audit-event.ts';
import { newTenantId, newUserId } from '../../../src/entities/identifiers.ts';
import { newPasswordLink } from '../../../src/entities/password-link.ts';
import type { User } from '../../../src/entities/user.ts';
import { noCredentials } from '../../../src/entities/user-credentials.ts';
import { activeTenant } from '../../active-tenant.ts';
import type { EmbeddedTable } from '../../src/adapters/dynamodb/embedded-table.ts';
import { originOf } from '../../src/entities/origin.ts';
import { deployTable } from '../deployment.ts';
import { type PageClient, pageClient } from './page-client.ts';

vi.mock('../../../src/authentication/password-hash.ts', async (original) =>
  (await import('../../cheap-password-hash.ts')).withCheapHashes(original),
);

let embedded: EmbeddedTable;
beforeAll(async () => {
  embedded = await deployTable();
});
afterAll(() => embedded.close());
afterEach(() => {
  vi.useRealTimers();
});

const resource = '/t/{tenant}/set-password';
const browser = () => pageClient({ [resource]: handler });
const password = 'Correct horse battery';

let tenant: string;
let user: User;
let link: string;
beforeEach(async () => {
  tenant = newTenantId(randomBytes);
  await embedded.table.put(tenantItem({ tenant, name: 'Acme', operator: false, managers: 1 }));
  await embedded.table.put(activeTenant(tenant));
  user = {
    tenant,
    id: newUserId(randomBytes),
    username: 'ada',
    email: 'ada@example.com',
    name: 'Ada Lovelace',
    roles: ['member'],
    status: 'active',
    tokenGeneration: 0,
    version: 1,
    createdAt: '2026-11-21T10:00:00.000Z',
  };
  const made = newPasswordLink(user, Date.now(), randomBytes);
  link = made.text;
  await users(embedded.table).create(user, event('user.created'), made.link);
});

const event = (action: string) =>
  auditEvent({ tenant, action, object: user.id }, originOf('usr_1'), Date.now(), randomBytes);
const open = (by: PageClient, text = link, of = tenant) => by.get(`GET ${resource}`, { tenant: of }, { link: text });
const set = async (by: PageClient, fields: Record<string, string> = {}) => {
  const { hidden } = await open(by);
  return by.post(`POST ${resource}`, { tenant }, { ...hidden(), password, confirmation: password, ...fields });
};
const signInWith = (given: string, device?: string) =>
  signIn(signInPorts(), { tenant, username: 'ada', password: given, address: randomBytes(4).join('.'), device });
const stored = () => users(embedded.table).get(tenant, user.id);

describe('a link to set a password', () => {
  it('shows whose it is, as often as it is opened, and sets the password', async () => {
    const by = browser();
    expect(await open(by)).toMatchObject({ status: 200, heading: 'Set your password' });
    const page = await open(by);
    expect(page.html).toContain('ada');
    expect(page.headers).toMatchObject({ 'Cache-Control': 'no-store', 'Referrer-Policy': 'no-referrer' });
    expect((await signInWith(password)).outcome).toBe('refused');
    const done = await set(by);
    expect(done).toMatchObject({ status: 200, heading: 'Your password is set' });
    expect(done.html).toContain(`href="/auth/t/${tenant}/account"`);
    expect((await signInWith(password)).outcome).toBe('ok');
  });

  it('works once, and ends what was issued before', async () => {
    const by = browser();
    await set(by);
    expect(await stored()).toMatchObject({ tokenGeneration: 1, version: 2 });
    expect(await open(by)).toMatchObject({ status: 404, heading: 'This link no longer works' });
    const again = newPasswordLink({ ...user, tokenGeneration: 1 }, Date.now(), randomBytes);
    await passwordLinks(embedded.table).issue(again.link, event('user.password_link_issued'));
    link = again.text;
    await set(by, { password: `${password} 2`, confirmation: `${password} 2` });
    expect(await stored()).toMatchObject({ tokenGeneration: 2, version: 3 });
    expect((await signInWith(password)).outcome).toBe('refused');
    expect((await signInWith(`${password} 2`)).outcome).toBe('ok');
  });

  it('of which ten are sent at once sets one password', async () => {
    const by = browser();
    const { hidden } = await open(by);
    const chosen = Array.from({ length: 10 }, (_, at) => `${password} ${at}`);
    const answers = await Promise.all(
      chosen.map((each) =>
        by.post(`POST ${resource}`, { tenant }, { ...hidden(), password: each, confirmation: each }),
      ),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.every(({ status }) => [200, 404, 409].includes(status))).toBe(true);
    expect(await stored()).toMatchObject({ tokenGeneration: 1 });
    const winner = answers.findIndex(({ status }) => status === 200);
    expect((await signInWith(chosen[winner] ?? '')).outcome).toBe('ok');
  });

  it('is told of in the audit log, without a secret', async () => {
    await set(browser());
    const { items } = await auditEventStore(embedded.table).list(tenant, { object: user.id }, { limit: 1 });
    expect(items).toMatchObject([{ action: 'user.password_set', actor: user.id }]);
    expect(JSON.stringify(items)).not.toContain(link);
  });

  it('lets its holder in whatever strangers guess meanwhile', async () => {
    for (let guess = 0; guess < 5; guess++) await signInWith('Wrong horse battery');
    const by = browser();
    await set(by);
    expect((await signInWith(password)).outcome).toBe('slow-down');
    const { hash } = await import('node:crypto');
    const device = hash('sha256', by.cookies.get('__Host-browser') ?? '', 'base64url');
    expect((await signInWith(password, device)).outcome).toBe('ok');
  });

  it.each([
    ['another', () => newPasswordLink(user, Date.now(), randomBytes).text],
    ['mistyped', () => `${link.slice(0, -1)}${link.endsWith('0') ? '1' : '0'}`],
    ['no', () => 'lkl_0'],
    ['an empty', () => ''],
  ])('is refused where it is %s text', async (_, of) => {
    expect(await open(browser(), of())).toMatchObject({ status: 404, heading: 'This link no longer works' });
    expect((await open(browser())).status).toBe(200);
  });

  it('is refused after 24 hours, also to a form that was opened before', async () => {
    const by = browser();
    const { hidden } = await open(by);
    vi.useFakeTimers({ now: Date.now() + 24 * 3_600_000 - 60_000, toFake: ['Date'] });
    expect((await open(by)).status).toBe(200);
    vi.setSystemTime(Date.now() + 60_000);
    expect((await open(by)).status).toBe(404);
    const late = await by.post(`POST ${resource}`, { tenant }, { ...hidden(), password, confirmation: password });
    expect(late.status).toBe(404);
    expect(await stored()).toMatchObject({ tokenGeneration: 0 });
  });

  it('is refused where another has replaced it', async () => {
    const next = newPasswordLink(user, Date.now(), randomBytes);
    await passwordLinks(embedded.table).issue(next.link, event('user.password_link_issued'));
    expect((await open(browser())).status).toBe(404);
    expect((await open(browser(), next.text)).status).toBe(200);
  });

  it('is refused once the user has another password: whoever finds it later changes nothing', async () => {
    const { credentials } = signInPorts();
    const now = await stored();
    if (now === undefined) throw new Error('no user');
    const none = (await credentials.get(tenant, user.id)) ?? noCredentials(tenant, user.id);
    await credentials.changePassword(now, none, 'a hash', event('user.password_changed'));
    expect((await open(browser())).status).toBe(404);
    expect((await credentials.get(tenant, user.id))?.passwordHash).toBe('a hash');
  });

  it('is refused in another tenant, and where there is none', async () => {
    const other = newTenantId(randomBytes);
    await embedded.table.put(tenantItem({ tenant: other, name: 'Other', operator: false, managers: 1 }));
    await embedded.table.put(activeTenant(other));
    expect((await open(browser(), link, other)).status).toBe(404);
    expect((await open(browser(), link, newTenantId(randomBytes))).heading).toBe('Page not found');
    expect((await open(browser(), link, 'ten_1')).heading).toBe('Page not found');
  });

  it.each([
    [{ password: 'short', confirmation: 'short' }, /at least/],
    [{ password: 'password1234', confirmation: 'password1234' }, /easy to guess/],
    [{ confirmation: 'Another horse battery' }, /not the same/],
    [{ confirmation: '' }, /not the same/],
  ])('sets no password from %j, and still works', async (fields, why) => {
    const by = browser();
    const answer = await set(by, fields);
    expect(answer.status).toBe(400);
    expect(answer.problem).toMatch(why);
    expect(answer.html).not.toContain('Another horse');
    expect(await stored()).toMatchObject({ tokenGeneration: 0 });
    expect((await set(by)).status).toBe(200);
  });

  it('is used by no form that this browser was not given', async () => {
    const fields = { link, password, confirmation: password };
    expect((await browser().post(`POST ${resource}`, { tenant }, fields)).status).toBe(403);
    const { hidden } = await open(browser());
    expect((await browser().post(`POST ${resource}`, { tenant }, { ...hidden(), ...fields })).status).toBe(403);
    expect(await stored()).toMatchObject({ tokenGeneration: 0 });
  });
});
