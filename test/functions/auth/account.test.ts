import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { consents } from '../../../src/adapters/dynamodb/consent.ts';
import { sessions } from '../../../src/adapters/dynamodb/session.ts';
import {
  deployScene,
  type Navigator,
  navigator,
  type Scene,
  signedInBrowser,
  signInOn,
} from './authorization-scene.ts';

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

const account = (rest = '') => `/t/${scene.tenant.tenant}/account${rest}`;
const signedIn = () => signedInBrowser(deployed.request({}, scene.client.integration));
const storedSessions = () => sessions(deployed.table).list(scene.tenant.tenant, scene.user.id);
const sessionOf = ({ cookies }: Navigator) => {
  const [, id = ''] = (cookies.get(`__Host-session-${scene.tenant.tenant.slice(4)}`) ?? '').split('.');
  return id;
};

describe('the account page', () => {
  it('asks who comes by themself to sign in, and goes on from there', async () => {
    const by = navigator();
    const signIn = await by.open(account());
    expect(signIn).toMatchObject({ status: 200, heading: 'Sign in' });
    const page = await signInOn(by, signIn);
    expect(page).toMatchObject({ status: 200, heading: 'Your account' });
    expect(page.url.pathname).toBe(`/auth${account()}`);
  });

  it('lists sessions and what acts for the user', async () => {
    const [by] = [await signedIn(), await signedIn()];
    const { html } = await by.open(account());
    expect(html.match(/this browser/g)).toHaveLength(1);
    expect(html.match(/Sign out there/g)).toHaveLength(1);
    expect(html).toContain('Punch card studio');
    expect(html).toContain('Read issues');
  });

  it.each(['ten_0000000000000000', 'ten_0', '..', 'TEN_0000000000000000'])(
    'of no tenant is not there: %s',
    async (id) => {
      expect(await navigator().open(`/t/${id}/account`)).toMatchObject({ status: 404, heading: 'Page not found' });
    },
  );
});

describe('a session', () => {
  it('that is ended elsewhere is over', async () => {
    const [by, other] = [await signedIn(), await signedIn()];
    const page = await by.open(account());
    await by.send(page, { session: sessionOf(other) }, account('/sessions'));
    expect((await other.open(account())).heading).toBe('Sign in');
    expect((await by.open(account())).heading).toBe('Your account');
  });

  it('of another user is not ended', async () => {
    const by = await signedIn();
    const page = await by.open(account());
    await scene.addUser({ username: 'charles', email: 'charles@example.com' });
    const charles = navigator();
    await signInOn(charles, await charles.open(account()), { username: 'charles' });
    await by.send(page, { session: sessionOf(charles) }, account('/sessions'));
    expect((await charles.open(account())).heading).toBe('Your account');
  });

  it('ends when its user signs out, here and in no other tenant', async () => {
    const by = await signedIn();
    const elsewhere = await deployed.furnishAnother({});
    const there = `/t/${elsewhere.tenant.tenant}/account`;
    await signInOn(by, await by.open(there));
    const out = await by.send(await by.open(account()), {}, account('/sign-out'));
    expect(out).toMatchObject({ status: 200, heading: 'You are signed out' });
    expect(await storedSessions()).toEqual([]);
    expect((await by.open(there)).heading).toBe('Your account');
    expect((await by.open(account())).heading).toBe('Sign in');
  });

  it('is not ended by a form that this browser was not given', async () => {
    const by = await signedIn();
    const forged = { ...(await by.open(account())), hidden: () => ({}) };
    expect(await by.send(forged, {}, account('/sign-out'))).toMatchObject({ status: 403 });
    expect(await storedSessions()).toHaveLength(1);
  });
});

describe('a consent', () => {
  it('is withdrawn by the user', async () => {
    const by = await signedIn();
    const { clientId } = scene.client.integration;
    const page = await by.send(await by.open(account()), { client_id: clientId }, account('/consents'));
    expect(page.html).toContain('You have not allowed any application yet');
    expect(await consents(deployed.table).get(scene.tenant.tenant, scene.user.id, clientId)).toBeUndefined();
  });

  it('to a client of another tenant is not there', async () => {
    const by = await signedIn();
    const other = await deployed.furnishAnother({});
    const { clientId } = other.client.integration;
    const page = await by.send(await by.open(account()), { client_id: clientId }, account('/consents'));
    expect(page).toMatchObject({ status: 404, heading: 'Page not found' });
  });
});
