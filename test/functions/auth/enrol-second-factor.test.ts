import { describe, expect, it, vi } from 'vitest';
import { auditEventStore } from '../../../src/adapters/dynamodb/audit-event.ts';
import { sessions } from '../../../src/adapters/dynamodb/session.ts';
import { newAuthenticator } from '../../src/authentication/authenticator.ts';
import { issuer } from '../../src/oauth/authorization-server.ts';
import { navigator } from './authorization-scene.ts';
import {
  codeOf,
  codesOn,
  credentials,
  deployed,
  eventOf,
  follow,
  optionsOn,
  path,
  required,
  scene,
  secretOn,
  setUpApp,
  signInAt,
  storedSessions,
  withApp,
  withUser,
} from './second-factor-scene.ts';

vi.mock('../../../src/authentication/password-hash.ts', async (original) =>
  (await import('../../cheap-password-hash.ts')).withCheapHashes(original),
);

withUser();

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
    const { items } = await auditEventStore(deployed().table).list(scene().tenant.tenant, {}, { limit: 9 });
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
    const { tenant, user } = scene();
    await sessions(deployed().table).end(tenant.tenant, user.id, session.id, eventOf('session.ended'));
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
