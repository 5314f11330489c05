import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { users } from '../../../src/adapters/dynamodb/user.ts';
import { confirmPassword, signIn } from '../../../src/authentication/sign-in.ts';
import { newTenantId } from '../../../src/entities/identifiers.ts';
import type { User } from '../../../src/entities/user.ts';
import { password, type SignInScene, signInScene } from './scene.ts';

let scene: SignInScene;
beforeAll(async () => {
  scene = await signInScene();
});
afterAll(() => scene.close());

let addresses = 0;
const newAddress = () => `203.0.${Math.floor(++addresses / 250)}.${addresses % 250}`;
/** From an address of its own, unless it says otherwise. */
const attempt = (username: string, more: { password?: string; address?: string; device?: string } = {}) =>
  signIn(scene.ports, { tenant: scene.tenant, username, password, address: newAddress(), ...more });
const wrong = { password: 'Wrong horse battery' };
const refused = expect.objectContaining({ outcome: 'refused' });
const times = (count: number) => Array.from({ length: count }, (_, at) => at);

describe('a sign-in', () => {
  it.each([
    ['the username', ({ username }: User) => username],
    ['the username in another case', ({ username }: User) => username.toUpperCase()],
    ['the email', ({ email }: User) => email],
    ['the email in another case', ({ email }: User) => email.toUpperCase()],
  ])('with %s and the password succeeds', async (_, typed) => {
    const user = await scene.newUser();
    expect(await attempt(typed(user))).toEqual({
      outcome: 'ok',
      user,
      secondFactors: { totp: false, passkeys: false, recoveryCodes: 0 },
    });
  });

  it('takes a password that was typed in another normal form', async () => {
    const user = await scene.newUser();
    expect((await attempt(user.username, { password: password.replace('o', 'ｏ') })).outcome).toBe('ok');
  });

  it('is refused in the same way, at the same cost, for a wrong password and for whoever is not there', async () => {
    const user = await scene.newUser();
    const disabled = await scene.newUser({ status: 'disabled' });
    const cost = async (username: string, given?: { password: string }) => {
      for (const name of Object.keys(scene.calls)) delete scene.calls[name];
      const { outcome } = await attempt(username, given);
      return { outcome, calls: { ...scene.calls } };
    };
    const first = await cost(user.username, wrong);
    expect(first).toEqual({ outcome: 'refused', calls: { get: 1, batchGet: 1, transact: 1 } });
    expect(await cost('nobody', wrong)).toEqual(first);
    expect(await cost('nobody@example.com', wrong)).toEqual(first);
    expect(await cost(disabled.username)).toEqual(first);
    expect(await cost(disabled.username, wrong)).toEqual(first);
  });

  it.each(['', ' ', 'x'.repeat(5000), '#', '\u{200D}', 'a@b@c'])('as %j finds nobody', async (typed) => {
    expect(await attempt(typed)).toEqual(refused);
  });

  it('in another tenant finds nobody', async () => {
    const user = await scene.newUser();
    const other = { tenant: newTenantId(randomBytes), username: user.username, password, address: newAddress() };
    expect(await signIn(scene.ports, other)).toEqual(refused);
  });

  it('is refused to who was deleted, and to a new user of that name without a password', async () => {
    const user = await scene.newUser();
    await users(scene.table).delete(user, scene.event('user.deleted', user.id));
    expect(await attempt(user.username)).toEqual(refused);
    await users(scene.table).create({ ...user, id: `usr_${'0'.repeat(22)}` }, scene.event('user.created', user.id));
    expect(await attempt(user.username)).toEqual(refused);
  });

  it('hashes the password again where it was hashed with other parameters', async () => {
    const user = await scene.newUser({}, { logN: 5, r: 1, p: 1 });
    expect((await stored(user)).passwordHash).toMatch(/^\$scrypt\$ln=5,/);
    expect(await attempt(user.username, wrong)).toEqual(refused);
    expect((await stored(user)).passwordHash).toMatch(/^\$scrypt\$ln=5,/);
    expect((await attempt(user.username)).outcome).toBe('ok');
    expect((await stored(user)).passwordHash).toMatch(/^\$scrypt\$ln=4,/);
    expect((await attempt(user.username)).outcome).toBe('ok');
    expect(await users(scene.table).get(scene.tenant, user.id)).toEqual(user);
  });
});

async function stored({ id }: User) {
  const found = await scene.ports.credentials.get(scene.tenant, id);
  if (found === undefined) throw new Error('has no credentials');
  return found;
}

describe('guessing', () => {
  it.each([
    ['who is there', async () => (await scene.newUser()).username],
    ['who is not', async () => `n${randomBytes(6).toString('hex')}`],
  ])(
    'is slowed down alike for %s: five free, then twice as long each time, at most a quarter of an hour',
    async (_, of) => {
      const username = await of();
      for (const _ of times(5)) expect(await attempt(username, wrong)).toEqual(refused);
      const waits: number[] = [];
      for (const _ of times(12)) {
        const answer = await attempt(username, wrong);
        if (answer.outcome !== 'slow-down') throw new Error(answer.outcome);
        waits.push(answer.retryAfterSeconds);
        scene.later(answer.retryAfterSeconds - 1);
        expect((await attempt(username, wrong)).outcome).toBe('slow-down');
        scene.later(1);
        expect(await attempt(username, wrong)).toEqual(refused);
      }
      expect(waits.slice(0, 4)).toEqual([2, 4, 8, 16]);
      expect(Math.max(...waits)).toBe(900);
      expect(waits.at(-1)).toBe(900);
    },
  );

  it('the right password does not pass while there is waiting to do, and passes after it', async () => {
    const { username } = await scene.newUser();
    for (const _ of times(5)) await attempt(username, wrong);
    expect(await attempt(username)).toEqual({ outcome: 'slow-down', retryAfterSeconds: 2 });
    scene.later(2);
    expect((await attempt(username)).outcome).toBe('ok');
  });

  it('in parallel gains nothing: of twenty at once five are checked', async () => {
    const { username } = await scene.newUser();
    const outcomes = await Promise.all(times(20).map(() => attempt(username, wrong)));
    expect(outcomes.filter(({ outcome }) => outcome === 'refused').length).toBeLessThanOrEqual(5);
    expect(outcomes.filter(({ outcome }) => outcome === 'refused').length).toBeGreaterThan(0);
    expect(outcomes.filter(({ outcome }) => outcome === 'ok')).toEqual([]);
  });

  it('of a username says nothing of an email of the same person', async () => {
    const user = await scene.newUser();
    for (const _ of times(5)) await attempt(user.username, wrong);
    expect((await attempt(user.username, wrong)).outcome).toBe('slow-down');
    expect(await attempt(user.email, wrong)).toEqual(refused);
  });

  it('at many accounts from one address is slowed down; another address is not', async () => {
    const address = newAddress();
    for (const at of times(30)) expect(await attempt(`nobody${at}`, { ...wrong, address })).toEqual(refused);
    const { username } = await scene.newUser();
    expect((await attempt(username, { address })).outcome).toBe('slow-down');
    expect((await attempt(username)).outcome).toBe('ok');
  });

  it('from addresses of one IPv6 network counts together', async () => {
    for (const at of times(30)) await attempt(`other${at}`, { ...wrong, address: `2001:db8:0:7::${at}` });
    expect((await attempt('nobody', { address: '2001:db8:0:7:ffff::1' })).outcome).toBe('slow-down');
    expect((await attempt('nobody', { address: '2001:db8:0:8::1' })).outcome).toBe('refused');
  });

  it('is forgiven with time, and right passwords cost nothing', async () => {
    const { username } = await scene.newUser();
    for (const _ of times(5)) await attempt(username, wrong);
    scene.later(5 * 1800);
    for (const _ of times(12)) expect((await attempt(username)).outcome).toBe('ok');
    for (const _ of times(5)) expect(await attempt(username, wrong)).toEqual(refused);
    expect((await attempt(username, wrong)).outcome).toBe('slow-down');
  });
});

describe('a browser that the user signed in with before', () => {
  const guessedAt = async (username: string) => {
    for (const _ of times(5)) await attempt(username, wrong);
    expect((await attempt(username)).outcome).toBe('slow-down');
  };

  it('is not slowed down by what strangers do', async () => {
    const { username, email } = await scene.newUser();
    const device = randomBytes(32).toString('base64url');
    expect((await attempt(username, { device })).outcome).toBe('ok');
    await guessedAt(username);
    expect((await attempt(username, { device })).outcome).toBe('ok');
    expect((await attempt(email, { device })).outcome).toBe('ok');
    expect((await attempt(username, { device: 'another' })).outcome).toBe('slow-down');
    expect((await attempt(username)).outcome).toBe('slow-down');
  });

  it("helps with nobody else's account", async () => {
    const [mine, other] = [await scene.newUser(), await scene.newUser()];
    const device = randomBytes(32).toString('base64url');
    expect((await attempt(mine.username, { device })).outcome).toBe('ok');
    await guessedAt(other.username);
    expect((await attempt(other.username, { device })).outcome).toBe('slow-down');
  });

  it('is slowed down by its own guesses, also in parallel', async () => {
    const { username } = await scene.newUser();
    const device = randomBytes(32).toString('base64url');
    await attempt(username, { device });
    const outcomes = await Promise.all(times(20).map(() => attempt(username, { ...wrong, device })));
    expect(outcomes.filter(({ outcome }) => outcome === 'refused').length).toBeLessThanOrEqual(10);
    while ((await attempt(username, { ...wrong, device })).outcome === 'refused');
    expect((await attempt(username, { device })).outcome).toBe('slow-down');
    expect((await attempt(username)).outcome).toBe('ok');
  });

  it('is known only after a right password', async () => {
    const { username } = await scene.newUser();
    const device = randomBytes(32).toString('base64url');
    await attempt(username, { ...wrong, device });
    await guessedAt(username).catch(() => undefined);
    expect((await attempt(username, { device })).outcome).toBe('slow-down');
  });
});

describe('asking for the password again', () => {
  const again = ({ id }: User, given = password) =>
    confirmPassword(scene.ports, { tenant: scene.tenant, userId: id, password: given });

  it('finds the user, and refuses a wrong one', async () => {
    const user = await scene.newUser();
    expect(await again(user)).toMatchObject({ outcome: 'ok', user });
    expect(await again(user, wrong.password)).toEqual(refused);
  });

  it('is slowed down too', async () => {
    const user = await scene.newUser();
    const outcomes = await Promise.all(times(12).map(() => again(user, wrong.password)));
    expect(outcomes.filter(({ outcome }) => outcome === 'refused').length).toBeLessThanOrEqual(5);
    expect((await attempt(user.username)).outcome).toBe('ok');
  });
});
