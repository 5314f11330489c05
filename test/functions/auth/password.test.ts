import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { auditEventStore } from '../../../src/adapters/dynamodb/audit-event.ts';
import { users } from '../../../src/adapters/dynamodb/user.ts';
import { password } from '../../pages/scene.ts';
import { deployScene, type Navigator, navigator, type Opened, type Scene, signInOn } from './authorization-scene.ts';

vi.mock('../../../src/authentication/password-hash.ts', async (original) =>
  (await import('../../cheap-password-hash.ts')).withCheapHashes(original),
);

let deployed: Scene;
let scene: Awaited<ReturnType<Scene['furnishAnother']>>;
beforeAll(async () => {
  deployed = await deployScene();
});
afterAll(() => deployed.close());
beforeEach(async () => {
  scene = await deployed.furnishAnother({});
});

const path = () => `/t/${scene.tenant.tenant}/password`;
const next = 'Another horse battery';
const open = async (by: Navigator) => {
  const page = await by.open(path());
  return page.heading === 'Sign in' ? signInOn(by, page) : page;
};
const change = (by: Navigator, page: Opened, fields: Record<string, string> = {}) =>
  by.send(page, { current: password, password: next, confirmation: next, ...fields });
const generation = async () => (await users(deployed.table).get(scene.tenant.tenant, scene.user.id))?.tokenGeneration;
const cookie = (by: Navigator) => by.cookies.get(`__Host-session-${scene.tenant.tenant.slice(4)}`);

describe('a password', () => {
  it('is changed by who knows it; that session goes on under another secret, and every other is over', async () => {
    const [by, other] = [navigator(), navigator()];
    const page = await open(by);
    await open(other);
    const before = cookie(by);
    expect(page).toMatchObject({ status: 200, heading: 'Change your password' });
    expect(await change(by, page)).toMatchObject({ status: 200, heading: 'Your password is changed' });
    expect(await generation()).toBe(1);
    expect(cookie(by)).not.toBe(before);
    expect((await by.open(path())).heading).toBe('Change your password');
    const again = await other.open(path());
    expect(again.heading).toBe('Sign in');
    expect((await signInOn(other, again)).status).toBe(403);
    expect((await signInOn(other, again, { password: next })).heading).toBe('Change your password');
    const { items } = await auditEventStore(deployed.table).list(scene.tenant.tenant, {}, { limit: 9 });
    expect(items.map(({ action }) => action)).toContain('user.password_changed');
  });

  it.each([
    [{ current: 'Wrong horse battery' }, 403, /not your current password/],
    [{ current: '' }, 403, /not your current password/],
    [{ password: 'short', confirmation: 'short' }, 400, /at least/],
    [{ password: 'AdaLovelace1', confirmation: 'AdaLovelace1' }, 400, /easy to guess/],
    [{ confirmation: 'Yet another horse' }, 400, /not the same/],
  ])('is not changed by %j', async (fields, status, why) => {
    const by = navigator();
    const page = await open(by);
    const answer = await change(by, page, fields as Record<string, string>);
    expect(answer).toMatchObject({ status, problem: expect.stringMatching(why) });
    expect(await generation()).toBe(0);
    expect((await change(by, page)).heading).toBe('Your password is changed');
  });

  it('is not guessed in a session that somebody left open', async () => {
    const by = navigator();
    const page = await open(by);
    let answer = page;
    for (let guess = 0; answer.status !== 429 && guess < 10; guess++)
      answer = await change(by, page, { current: `Wrong ${guess}` });
    expect(answer).toMatchObject({ status: 429, problem: expect.stringMatching(/^Too many attempts/) });
    expect((await change(by, page)).status).toBe(429);
    expect(await generation()).toBe(0);
  });

  it('is changed by no form that this browser was not given', async () => {
    const [by, other] = [navigator(), navigator()];
    const page = await open(by);
    await open(other);
    expect(await change(other, page)).toMatchObject({ status: 403, heading: 'This form cannot be accepted' });
    expect(await generation()).toBe(0);
  });
});
