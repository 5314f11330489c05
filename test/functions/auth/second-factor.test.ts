import { randomBytes } from 'node:crypto';
import { TOTP } from 'otpauth';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { auditEventStore } from '../../../src/adapters/dynamodb/audit-event.ts';
import { sessions } from '../../../src/adapters/dynamodb/session.ts';
import { tenants } from '../../../src/adapters/dynamodb/tenant.ts';
import { users } from '../../../src/adapters/dynamodb/user.ts';
import { userCredentials } from '../../../src/adapters/dynamodb/user-credentials-store.ts';
import { auditEvent } from '../../../src/entities/audit-event.ts';
import { newAuthenticator } from '../../src/authentication/authenticator.ts';
import { originOf } from '../../src/entities/origin.ts';
import { issuer } from '../../src/oauth/authorization-server.ts';
import { deployScene, type Navigator, navigator, type Opened, type Scene, signInOn } from './authorization-scene.ts';

vi.mock('../../../src/authentication/password-hash.ts', async (original) => ({
  ...(await original<object>()),
  // What a hash costs is not what is tested.
  currentParameters: { logN: 4, r: 1, p: 1 },
}));

let deployed: Scene;
let scene: Awaited<ReturnType<Scene['furnishAnother']>>;
beforeAll(async () => {
  deployed = await deployScene();
});
afterAll(() => deployed.close());
afterEach(() => {
  vi.useRealTimers();
});
beforeEach(async () => {
  scene = await deployed.furnishAnother({});
});

const path = () => `/t/${scene.tenant.tenant}/second-factor`;
const later = (seconds: number) => vi.useFakeTimers({ now: Date.now() + seconds * 1000, toFake: ['Date'] });
const codeOf = (secret: string) => new TOTP({ secret }).generate();
const secretOn = ({ html }: Opened) => /Key: <code>([A-Z2-7 ]+)</.exec(html)?.[1]?.replaceAll(' ', '') ?? '';
const codesOn = ({ html }: Opened) => [...html.matchAll(/<li><code>([^<]+)<\/code>/g)].map(([, code = '']) => code);
const optionsOn = ({ html }: Opened) =>
  JSON.parse((/data-options="([^"]*)"/.exec(html)?.[1] ?? '').replaceAll('&quot;', '"'));
const credentials = () => userCredentials(deployed.table).get(scene.tenant.tenant, scene.user.id);
const storedSessions = () => sessions(deployed.table).list(scene.tenant.tenant, scene.user.id);
const linkOn = ({ html }: Opened, text: string) =>
  new RegExp(`href="/auth([^"?]*)\\??([^"]*)"[^>]*>${text}`).exec(html);
const follow = async (by: Navigator, page: Opened, text: string) => {
  const [, target = '', query = ''] = linkOn(page, text) ?? [];
  return by.open(target, Object.fromEntries(new URLSearchParams(query)));
};
const signInAt = async (by: Navigator) => signInOn(by, await by.open(path()));
const eventOf = (action: string) =>
  auditEvent(
    { tenant: scene.tenant.tenant, action, object: scene.user.id },
    originOf('usr_1'),
    Date.now(),
    randomBytes,
  );
/** The same password, set anew: what counts is that it was set. */
const newPassword = async () => {
  const [before, user] = [await credentials(), await users(deployed.table).get(scene.tenant.tenant, scene.user.id)];
  if (before?.passwordHash === undefined || user === undefined) throw new Error('no password');
  await userCredentials(deployed.table).changePassword(user, before, before.passwordHash, eventOf('user.password_set'));
};
const required = async () => {
  const store = tenants(deployed.table);
  const before = await store.get(scene.tenant.tenant);
  if (before === undefined) throw new Error('no tenant');
  await store.update(before, { ...before, policy: { secondFactorRequired: true } }, eventOf('tenant.changed'));
};

/** Sets an app up from the choice on; answers the page with the recovery codes. */
async function setUpApp(by: Navigator, choice: Opened) {
  const page = await follow(by, choice, 'Use an authenticator app');
  const secret = secretOn(page);
  return { secret, page: await by.send(page, { code: codeOf(secret) }) };
}

/** A browser of a user who has set up an app by themself. */
async function withApp() {
  const by = navigator();
  const choice = await by.send(await signInAt(by), { action: 'add' });
  const { secret, page } = await setUpApp(by, choice);
  return { by, secret, page, codes: codesOn(page) };
}

describe('setting up a second factor', () => {
  it('shows a secret, takes a code of it, and shows ten recovery codes once', async () => {
    const by = navigator();
    const own = await signInAt(by);
    expect(own).toMatchObject({ status: 200, heading: 'Two-step sign-in' });
    const choice = await by.send(own, { action: 'add' });
    expect(choice).toMatchObject({ status: 200, heading: 'Set up two-step sign-in' });
    const page = await follow(by, choice, 'Use an authenticator app');
    expect(page.html).toContain('<svg');
    expect(await by.send(page, { code: '000000' })).toMatchObject({
      status: 403,
      problem: expect.stringMatching(/code is wrong/),
    });
    expect((await credentials())?.totp).toBeUndefined();
    const done = await by.send(page, { code: codeOf(secretOn(page)) });
    expect(done).toMatchObject({ status: 200, heading: 'Keep your recovery codes' });
    expect(new Set(codesOn(done)).size).toBe(10);
    expect(done.headers['Cache-Control']).toBe('no-store');
    const back = await follow(by, done, 'I have kept them');
    expect(back.html).toContain('Authenticator app');
    expect(back.html).toContain('10 left');
    const stored = JSON.stringify(await credentials());
    for (const secret of [secretOn(page), ...codesOn(done)]) expect(stored).not.toContain(secret);
    const { items } = await auditEventStore(deployed.table).list(scene.tenant.tenant, {}, { limit: 9 });
    expect(items.map(({ action }) => action)).toContain('user.second_factor_added');
    expect(JSON.stringify(items)).not.toContain(secretOn(page));
  });

  it('is what comes after the password where the tenant demands it, and nothing passes it', async () => {
    await required();
    const by = navigator();
    const choice = await signInAt(by);
    expect(choice).toMatchObject({ status: 200, heading: 'Set up two-step sign-in' });
    expect(await storedSessions()).toEqual([]);
    expect(await by.open(path())).toMatchObject({ heading: 'Sign in' });
    const { page } = await setUpApp(by, choice);
    expect(page.heading).toBe('Keep your recovery codes');
    expect(await storedSessions()).toMatchObject([{ methods: ['pwd', 'otp'] }]);
    expect(await by.open(path())).toMatchObject({ heading: 'Two-step sign-in' });
  });

  it('is over with the session that it was asked for in', async () => {
    const by = navigator();
    const choice = await by.send(await signInAt(by), { action: 'add' });
    const setUp = await follow(by, choice, 'Use an authenticator app');
    const [session] = await storedSessions();
    if (session === undefined) throw new Error('no session');
    const { tenant, user } = scene;
    await sessions(deployed.table).end(tenant.tenant, user.id, session.id, eventOf('session.ended'));
    expect(await by.send(setUp, { code: codeOf(secretOn(setUp)) })).toMatchObject({ heading: 'This page is over' });
    expect((await credentials())?.totp).toBeUndefined();
    expect(await storedSessions()).toEqual([]);
  });

  it('never shows one browser the secret that another was shown', async () => {
    await required();
    const [thief, owner] = [navigator(), navigator()];
    const seen = await follow(thief, await signInAt(thief), 'Use an authenticator app');
    const page = await follow(owner, await signInAt(owner), 'Use an authenticator app');
    expect(secretOn(page)).not.toBe(secretOn(seen));
    expect(await thief.send(seen, { code: codeOf(secretOn(seen)) })).toMatchObject({ status: 403 });
    expect((await credentials())?.totp).toBeUndefined();
    const again = await follow(owner, await signInAt(owner), 'Use an authenticator app');
    expect(await owner.send(again, { code: codeOf(secretOn(again)) })).toMatchObject({
      heading: 'Keep your recovery codes',
    });
  });

  it('is no way around a second factor that is there: a password alone leads to that', async () => {
    await withApp();
    const by = navigator();
    const step = await signInAt(by);
    expect(step.heading).toBe('Confirm it is you');
    const interaction = step.url.searchParams.get('interaction') ?? '';
    for (const way of ['/enrol-second-factor', '/enrol-second-factor/authenticator'])
      expect((await by.open(way, { interaction })).heading).toBe('Confirm it is you');
    expect(await storedSessions()).toHaveLength(1);
  });

  it('takes a passkey too, whose challenge counts once', async () => {
    const by = navigator();
    const authenticator = newAuthenticator(new URL(issuer).origin);
    const choice = await by.send(await signInAt(by), { action: 'add' });
    const sent = authenticator.create(optionsOn(choice));
    const stale = newAuthenticator(new URL(issuer).origin).create({ challenge: 'AAAA' });
    const again = await by.send(choice, { response: stale });
    expect(again).toMatchObject({ status: 403, problem: expect.stringMatching(/cannot be added/) });
    expect((await by.send(again, { response: sent })).status).toBe(403);
    expect((await credentials())?.passkeys ?? []).toEqual([]);
    const last = await by.open('/enrol-second-factor', Object.fromEntries(choice.url.searchParams));
    const done = await by.send(last, { response: authenticator.create(optionsOn(last)) });
    expect(done.heading).toBe('Keep your recovery codes');
    expect(await storedSessions()).toMatchObject([{ methods: ['pwd', 'hwk'] }]);
  });
});

describe('the second step', () => {
  it('is over once the password is another: whoever knew the old one neither enrols nor signs in', async () => {
    await required();
    const early = navigator();
    const choice = await signInAt(early);
    const setUp = await follow(early, choice, 'Use an authenticator app');
    await newPassword();
    expect(await early.send(setUp, { code: codeOf(secretOn(setUp)) })).toMatchObject({ heading: 'This page is over' });
    expect((await credentials())?.totp).toBeUndefined();

    const { secret } = await withApp();
    later(60);
    const by = navigator();
    const step = await signInAt(by);
    await newPassword();
    expect(await by.send(step, { code: codeOf(secret) })).toMatchObject({ status: 400, heading: 'This page is over' });
    expect(await by.open(path())).toMatchObject({ heading: 'Sign in' });
  });

  it.each(['app', 'recovery code'])('with a code of the %s signs in, once', async (kind) => {
    const { secret, codes } = await withApp();
    later(60);
    const by = navigator();
    const step = await signInAt(by);
    expect(step).toMatchObject({ status: 200, heading: 'Confirm it is you' });
    const code = kind === 'app' ? codeOf(secret) : (codes[3] ?? '');
    expect(await by.send(step, { code: '000000' })).toMatchObject({
      status: 403,
      problem: expect.stringMatching(/wrong, or was used/),
    });
    expect(await by.send(step, { code })).toMatchObject({ status: 200, heading: 'Two-step sign-in' });
    const other = navigator();
    expect(await other.send(await signInAt(other), { code })).toMatchObject({ status: 403 });
    expect((await storedSessions()).map(({ methods }) => methods)).toContainEqual([
      'pwd',
      kind === 'app' ? 'otp' : 'rec',
    ]);
  });

  it('with a passkey signs in; what it signed counts once', async () => {
    const first = navigator();
    const authenticator = newAuthenticator(new URL(issuer).origin);
    const choice = await first.send(await signInAt(first), { action: 'add' });
    await first.send(choice, { response: authenticator.create(optionsOn(choice)) });
    const by = navigator();
    const step = await signInAt(by);
    const response = authenticator.get(optionsOn(step));
    const other = navigator();
    expect(await other.send(await signInAt(other), { response })).toMatchObject({ status: 403 });
    expect(await by.send(step, { response })).toMatchObject({ status: 200, heading: 'Two-step sign-in' });
    expect((await credentials())?.passkeys).toMatchObject([{ signatures: 1 }]);
  });

  it('slows down who guesses', async () => {
    await withApp();
    const by = navigator();
    let page = await signInAt(by);
    for (let guess = 0; page.status !== 429 && guess < 10; guess++)
      page = await by.send(page, { code: `10000${guess}` });
    expect(page).toMatchObject({ status: 429, problem: expect.stringMatching(/^Too many attempts/) });
    expect(Number(page.headers['Retry-After'])).toBeGreaterThan(0);
  });

  it('is of the browser that gave the password alone', async () => {
    const { secret } = await withApp();
    later(60);
    const by = navigator();
    const step = await signInAt(by);
    const thief = navigator();
    const interaction = step.url.searchParams.get('interaction') ?? '';
    expect(await thief.open('/second-factor', { interaction })).toMatchObject({ status: 400 });
    expect(await thief.send(step, { code: codeOf(secret) })).toMatchObject({ status: 403 });
    expect((await by.send(step, { code: codeOf(secret) })).heading).toBe('Two-step sign-in');
  });

  it('is not there before the password', async () => {
    const by = navigator();
    const page = await by.open(path());
    const interaction = page.url.searchParams.get('interaction') ?? '';
    for (const way of ['/second-factor', '/enrol-second-factor'])
      expect(await by.open(way, { interaction })).toMatchObject({ status: 400, heading: 'This page is over' });
  });
});

describe('what somebody signs in with', () => {
  it('is changed only soon after a sign-in', async () => {
    const { by } = await withApp();
    later(10 * 60 + 1);
    const page = await by.open(path());
    expect(page.heading).toBe('Two-step sign-in');
    for (const fields of [{ action: 'add' }, { action: 'codes' }, { action: 'remove', factor: 'totp' }] as Record<
      string,
      string
    >[])
      expect(await by.send(page, fields)).toMatchObject({ heading: 'Sign in' });
    expect((await credentials())?.totp).toBeDefined();
  });

  it('is changed only with a second factor where there is one, also by who signed in before it was', async () => {
    const early = navigator();
    const page = await signInAt(early);
    await withApp();
    expect(await early.send(page, { action: 'remove', factor: 'totp' })).toMatchObject({ heading: 'Sign in' });
    expect((await credentials())?.totp).toBeDefined();
  });

  it('is removed, the recovery codes with the last of it', async () => {
    const { by } = await withApp();
    const page = await by.send(await by.open(path()), { action: 'remove', factor: 'totp' });
    expect(page).toMatchObject({ status: 200, heading: 'Two-step sign-in' });
    expect(await credentials()).toMatchObject({ passkeys: [], recoveryCodes: [] });
    expect((await credentials())?.totp).toBeUndefined();
    expect((await signInAt(navigator())).heading).toBe('Two-step sign-in');
  });

  it('is not removed where it is the last and the tenant demands one', async () => {
    const { by } = await withApp();
    await required();
    const page = await by.send(await by.open(path()), { action: 'remove', factor: 'totp' });
    expect(page).toMatchObject({ status: 403, problem: expect.stringMatching(/asks for a second step/) });
    expect((await credentials())?.totp).toBeDefined();
  });

  it('has new recovery codes in the place of the old', async () => {
    const { by, codes } = await withApp();
    const page = await by.send(await by.open(path()), { action: 'codes' });
    const fresh = codesOn(page);
    expect(fresh).toHaveLength(10);
    const other = navigator();
    expect(await other.send(await signInAt(other), { code: codes[0] ?? '' })).toMatchObject({ status: 403 });
    expect(await other.send(await signInAt(other), { code: fresh[0] ?? '' })).toMatchObject({ status: 200 });
  });
});
