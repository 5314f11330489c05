import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { auditEventStore } from '../../../src/adapters/dynamodb/audit-event.ts';
import { sessions } from '../../../src/adapters/dynamodb/session.ts';
import { hashOf } from '../../../src/entities/recognizable-secret.ts';
import { password } from '../../pages/scene.ts';
import { deployScene, navigator, type Scene, signedInBrowser, signInOn } from './authorization-scene.ts';

vi.mock('../../../src/authentication/password-hash.ts', async (original) =>
  (await import('../../cheap-password-hash.ts')).withCheapHashes(original),
);

let scene: Scene;
beforeAll(async () => {
  scene = await deployScene();
});
afterAll(() => scene.close());

const open = (more: Record<string, string> = {}, by = navigator()) => by.open('/oauth2/authorize', scene.request(more));
const cookieName = () => `__Host-session-${scene.tenant.tenant.slice(4)}`;
const stored = () => sessions(scene.table).list(scene.tenant.tenant, scene.user.id);

describe('the sign-in page', () => {
  it('names the tenant and the application, and has what was hinted at in its field', async () => {
    const page = await open({ login_hint: 'ada"><b>' });
    expect(page.html).toContain('<span class="name">Analytical Engines</span>');
    expect(page.html).toContain('to continue to <strong>Punch card studio</strong>');
    expect(page.html).toContain('value="ada&quot;&gt;&lt;b&gt;"');
  });

  it('says the same of a wrong password and of nobody', async () => {
    const [wrong, nobody] = await Promise.all(
      [
        ['ada', 'wrong'],
        ['nobody', password],
      ].map(async ([username = '', wrong = '']) => {
        const by = navigator(`198.51.100.${username.length}`);
        return signInOn(by, await open({}, by), { username, password: wrong });
      }),
    );
    for (const page of [wrong, nobody])
      expect(page).toMatchObject({ status: 403, heading: 'Sign in', problem: 'Username or password is wrong.' });
  });

  it('tells the log of a wrong password by its user, of nobody by the tenant, and of neither what was typed', async () => {
    const { tenant } = scene.tenant;
    const typed = [
      ['ada', 'wrong-4711'],
      ['nobody-4711', password],
    ] as const;
    for (const [username, wrong] of typed) {
      const by = navigator('198.51.100.77');
      await signInOn(by, await open({}, by), { username, password: wrong });
    }
    const { items } = await auditEventStore(scene.table).list(tenant, { action: 'sign_in.refused' }, { limit: 100 });
    const told = items.filter(({ address }) => address === '198.51.100.77');
    expect(told).toMatchObject([
      { object: tenant, actor: 'anonymous', changes: { reason: 'password' } },
      { object: scene.user.id, actor: 'anonymous', changes: { reason: 'password' } },
    ]);
    expect(JSON.stringify(items)).not.toContain('4711');
  });

  it('asks for what is missing', async () => {
    const by = navigator();
    const page = await by.send(await open({}, by), { username: 'ada' });
    expect(page).toMatchObject({ status: 400, problem: 'Enter your username and your password.' });
    expect(page.html).toContain('value="ada"');
  });

  it('slows down those who guess, and says for how long', async () => {
    const by = navigator('192.0.2.9');
    let page = await open({}, by);
    for (let tries = 0; page.status !== 429 && tries < 30; tries++)
      page = await by.send(page, { username: 'guessed', password: `guess ${tries}` });
    expect(page).toMatchObject({
      status: 429,
      problem: expect.stringMatching(/^Too many attempts\. Try again in \d+ /),
    });
    expect(Number(page.headers['Retry-After'])).toBeGreaterThan(0);
  });

  it('never shows a password again', async () => {
    const by = navigator('192.0.2.10');
    const page = await by.send(await open({}, by), { username: 'ada', password: 'a wrong one' });
    expect(page.html).not.toContain('a wrong one');
  });
});

describe('signing in', () => {
  it('begins a session whose cookie is for this host alone, and of which only a hash is kept', async () => {
    const before = await stored();
    const by = await signedInBrowser(scene.request());
    const cookie = by.cookies.get(cookieName()) ?? '';
    const [userId, id, secret = ''] = cookie.split('.');
    expect(userId).toBe(scene.user.id);
    const begun = (await stored()).filter((each) => !before.some((old) => old.id === each.id));
    expect(begun).toMatchObject([
      { id, secretHash: hashOf(secret), methods: ['pwd'], userGeneration: 0, address: '203.0.113.7' },
    ]);
    expect(JSON.stringify(begun)).not.toContain(secret);
  });

  it('is told of in the audit log, without what would sign in', async () => {
    const by = await signedInBrowser(scene.request());
    const [, id = '', secret = ''] = (by.cookies.get(cookieName()) ?? '').split('.');
    const { items } = await auditEventStore(scene.table).list(
      scene.tenant.tenant,
      { object: scene.user.id, action: 'session.started' },
      { limit: 1 },
    );
    expect(items).toMatchObject([{ actor: scene.user.id, changes: { session: id, methods: ['pwd'] } }]);
    expect(JSON.stringify(items)).not.toContain(secret);
  });

  it('does not go on under a cookie that was there before (session fixation)', async () => {
    const attacker = await signedInBrowser(scene.request());
    const planted = attacker.cookies.get(cookieName()) ?? '';
    const by = navigator();
    by.cookies.set(cookieName(), planted);
    await signInOn(by, await open({ prompt: 'login' }, by));
    expect(by.cookies.get(cookieName())).not.toBe(planted);
    attacker.cookies.set(cookieName(), planted);
    expect((await open({}, attacker)).heading).toBe('Sign in');
  });

  it('again goes on with the session under another secret, so that what hangs on it lives', async () => {
    const by = await signedInBrowser(scene.request());
    const [userId, id, secret] = (by.cookies.get(cookieName()) ?? '').split('.');
    await signInOn(by, await open({ prompt: 'login' }, by));
    const after = (by.cookies.get(cookieName()) ?? '').split('.');
    expect(after.slice(0, 2)).toEqual([userId, id]);
    expect(after[2]).not.toBe(secret);
  });

  it('as somebody else ends the session of who was there before', async () => {
    const by = await signedInBrowser(scene.request());
    const [, before] = (by.cookies.get(cookieName()) ?? '').split('.');
    const { user: other } = await scene.addUser({ username: 'charles', email: 'charles@example.com' });
    await by.send(await open({ prompt: 'login' }, by), { username: 'charles', password });
    expect(by.cookies.get(cookieName())).toMatch(new RegExp(`^${other.id}\\.`));
    expect((await stored()).map(({ id }) => id)).not.toContain(before);
  });
});

describe('a session', () => {
  const sees = async (change: (cookie: string) => string) => {
    const by = await signedInBrowser(scene.request());
    by.cookies.set(cookieName(), change(by.cookies.get(cookieName()) ?? ''));
    return (await open({}, by)).heading;
  };

  it.each([
    ['with another secret', (cookie: string) => cookie.slice(0, -1) + (cookie.endsWith('a') ? 'b' : 'a')],
    ['of another user', (cookie: string) => cookie.replace(/^usr_./, 'usr_-')],
    ['with more behind it', (cookie: string) => `${cookie}x`],
    ['that is empty', () => ''],
  ])('cookie %s is none', async (_, change) => {
    expect(await sees(change)).toBe('Sign in');
  });

  it('cookie as it was given signs in', async () => {
    expect(await sees((cookie) => cookie)).toBeUndefined();
  });
});

describe('a form that is sent twice at once', () => {
  it('signs in all the same', async () => {
    const by = navigator();
    const page = await open({ prompt: 'consent' }, by);
    const answers = await Promise.all([1, 2].map(() => signInOn(by, page)));
    for (const answer of answers) expect(answer.heading).toBe('Allow Punch card studio to act for you?');
  });
});
