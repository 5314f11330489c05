import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { interactions } from '../../../src/adapters/dynamodb/interaction.ts';
import { tenantItem } from '../../../src/adapters/dynamodb/tenant.ts';
import { tenantOfInteraction } from '../../../src/entities/interaction.ts';
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

let scene: Scene;
beforeAll(async () => {
  scene = await deployScene();
});
afterAll(() => scene.close());

const path = '/oauth2/authorize';
const callback = 'https://studio.example/callback';

/** Where the browser is sent, apart from the answer's parameters. */
const addressOf = ({ url }: { readonly url: URL }) => url.origin + url.pathname;

const signedIn = () => signedInBrowser(scene.request());
/** Asks although the user agreed before. */
const asking = () => scene.request({ prompt: 'consent' });

describe('a request', () => {
  it('is answered after the user signed in and agreed', async () => {
    const by = navigator();
    const signIn = await by.open(path, asking());
    expect(signIn).toMatchObject({ status: 200, heading: 'Sign in' });
    const consent = await signInOn(by, signIn);
    expect(consent).toMatchObject({ status: 200, heading: 'Allow Punch card studio to act for you?' });
    const answer = await by.send(consent, { decision: 'allow' });
    expect([answer.status, addressOf(answer)]).toEqual([303, callback]);
    expect(Object.fromEntries(answer.url.searchParams)).toEqual({
      code: expect.stringMatching(/^\w{43}$/),
      state: 'a state',
      iss: 'https://auth.example/auth',
    });
  });

  it('is one whatever parameters it brings that nobody knows, named like our own or not', async () => {
    const page = await navigator().open(path, scene.request({ interaction: 'mine', other: 'x' }));
    expect(page).toMatchObject({ status: 200, heading: 'Sign in' });
  });

  it('is answered at once where both were done before', async () => {
    const by = await signedIn();
    const answer = await by.open(path, scene.request());
    expect([answer.status, addressOf(answer)]).toEqual([303, callback]);
    expect(answer.url.searchParams.has('code')).toBe(true);
  });

  it('without a user to be asked is refused to its client, where it says prompt=none', async () => {
    const answer = await navigator().open(path, scene.request({ prompt: 'none' }));
    expect(addressOf(answer)).toBe(callback);
    expect(answer.url.searchParams.get('error')).toBe('login_required');
  });

  it('asks who is signed in to sign in again, where it says prompt=login', async () => {
    const by = await signedIn();
    const again = await by.open(path, scene.request({ prompt: 'login' }));
    expect(again.heading).toBe('Sign in');
    const answer = await signInOn(by, again);
    expect(addressOf(answer)).toBe(callback);
  });

  it('of a client that nobody knows, or to an address that is not its own, sends the browser nowhere', async () => {
    for (const [name, value] of [
      ['client_id', 'int_0000000000000000aaaaaaaaaaaaaaaaaaaaaa'],
      ['redirect_uri', 'https://evil.example/'],
    ] as const) {
      const page = await navigator().open(path, scene.request({ [name]: value }));
      expect(page).toMatchObject({ status: 400, location: undefined, heading: 'The request cannot be answered' });
      expect(page.html).not.toContain('evil.example');
    }
  });

  it('that is wrong otherwise is refused to its client', async () => {
    const answer = await navigator().open(path, scene.request({ code_challenge_method: 'plain' }));
    expect(addressOf(answer)).toBe(callback);
    expect(answer.url.searchParams.get('error')).toBe('invalid_request');
  });

  it('is answered by a form that posts itself, and has a button, where it says form_post', async () => {
    const by = await signedIn();
    const page = await by.open(path, scene.request({ response_mode: 'form_post' }));
    expect(page).toMatchObject({ status: 200, heading: 'One moment' });
    expect(page.hidden(callback)).toEqual({
      code: expect.stringMatching(/^\w{43}$/),
      state: 'a state',
      iss: 'https://auth.example/auth',
    });
    expect(page.html).toMatch(/<script src="\/auth\/assets\/submit-\w+\.js" defer>/);
    expect(page.html).toContain('<button>Continue</button>');
  });

  it('is over once it was answered', async () => {
    const by = navigator();
    const consent = await signInOn(by, await by.open(path, asking()));
    const interaction = consent.url.searchParams.get('interaction') ?? '';
    expect(consent.hidden()).toMatchObject({ interaction });
    const answer = await by.send(consent, { decision: 'allow' });
    expect(addressOf(answer)).toBe(callback);
    expect(await by.open(path, { interaction })).toMatchObject({ status: 400, heading: 'This page is over' });
  });
});

describe('a request in a form', () => {
  const post = (by: Navigator, fields: Record<string, string>) =>
    by.send({ ...nothing, hidden: () => ({}) }, fields, path);
  const nothing = {
    status: 200,
    location: undefined,
    headers: {},
    html: '',
    heading: undefined,
    problem: undefined,
    url: new URL('https://a.example'),
  };

  it('keeps its parameters and goes on with a GET', async () => {
    const by = navigator();
    const consent = await signInOn(by, await post(by, asking()));
    const answer = await by.send(consent, { decision: 'allow' });
    expect([addressOf(answer), answer.url.searchParams.get('state')]).toEqual([callback, 'a state']);
  });

  it('keeps nothing that it does not know, which may be a secret sent by mistake', async () => {
    const signIn = await post(navigator(), { ...scene.request(), client_secret: 'lks_secret', other: 'x' });
    const id = signIn.url.searchParams.get('interaction') ?? '';
    const kept = await interactions(scene.table).get(tenantOfInteraction(id) ?? '', id);
    const names = kept?.purpose.kind === 'authorization' ? Object.keys(kept.purpose.parameters) : [];
    expect(names.sort()).toEqual(Object.keys(scene.request()).sort());
  });

  it('belongs to the first browser that goes on with it', async () => {
    const by = navigator();
    const signIn = await post(by, scene.request());
    const interaction = signIn.url.searchParams.get('interaction') ?? '';
    expect(await navigator().open(path, { interaction })).toMatchObject({ status: 400, heading: 'This page is over' });
    expect(await by.open(path, { interaction })).toMatchObject({ status: 200, heading: 'Sign in' });
  });

  it('that is not to be trusted sends the browser nowhere', async () => {
    const page = await post(navigator(), scene.request({ redirect_uri: 'https://evil.example/' }));
    expect(page).toMatchObject({ status: 400, location: undefined });
  });
});

describe('an interaction', () => {
  async function begun() {
    const by = navigator();
    const page = await by.open(path, scene.request());
    return { by, page, interaction: page.url.searchParams.get('interaction') ?? '' };
  }

  it('is of the browser that began it alone', async () => {
    const { by, interaction } = await begun();
    for (const page of [path, '/sign-in', '/accounts', '/consent']) {
      expect(await navigator().open(page, { interaction })).toMatchObject({
        status: 400,
        heading: 'This page is over',
      });
      expect((await by.open(page, { interaction })).status).toBe(200);
    }
  });

  it('is over after half an hour', async () => {
    const { by, interaction } = await begun();
    const store = interactions(scene.table);
    const found = await store.get(tenantOfInteraction(interaction) ?? '', interaction);
    if (found === undefined) throw new Error('not stored');
    await store.update(found, { expiresAt: '2026-01-01T00:00:00.000Z' } as never);
    expect(await by.open('/sign-in', { interaction })).toMatchObject({ status: 400, heading: 'This page is over' });
  });

  it.each([
    '',
    'itx_',
    'itx_0000000000000000aaaaaaaaaaaaaaaaaaaaaa',
    '../../x',
    'int_0000000000000000aaaaaaaaaaaaaaaaaaaaaa',
  ])('that does not exist is over: %j', async (interaction) => {
    const page = await navigator().open('/sign-in', { interaction });
    expect(page).toMatchObject({ status: 400, heading: 'This page is over' });
  });
});

describe('a session of one tenant', () => {
  it('is none in another, and stays when the browser signs in there', async () => {
    const by = await signedIn();
    const other = await scene.furnishAnother({ tenant: { name: 'Other' } });
    const request = scene.request({}, other.client.integration);
    const signIn = await by.open(path, request);
    expect(signIn.heading).toBe('Sign in');
    await signInOn(by, signIn);
    expect([...by.cookies.keys()].filter((name) => name.startsWith('__Host-session-'))).toHaveLength(2);
    expect(addressOf(await by.open(path, scene.request()))).toBe(callback);
  });

  it('does not count under the cookie of another', async () => {
    const by = await signedIn();
    const other = await scene.furnishAnother({ tenant: { name: 'Other' } });
    const cookie = by.cookies.get(`__Host-session-${scene.tenant.tenant.slice(4)}`) ?? '';
    by.cookies.set(`__Host-session-${other.tenant.tenant.slice(4)}`, cookie);
    expect((await by.open(path, scene.request({}, other.client.integration))).heading).toBe('Sign in');
  });
});

describe('a tenant that demands a second factor', () => {
  it('has users without one enrol it before anybody is told that they are signed in', async () => {
    const strict = await scene.furnishAnother({ tenant: { policy: { secondFactorRequired: true } } });
    const by = navigator();
    const signIn = await by.open(path, scene.request({}, strict.client.integration));
    const enrol = await signInOn(by, signIn);
    expect([enrol.status, enrol.url.pathname]).toEqual([200, '/auth/enrol-second-factor']);
    expect([...by.cookies.keys()]).toEqual(['__Host-browser']);
  });

  it('asks those who signed in before it did', async () => {
    const before = await scene.furnishAnother({});
    const by = navigator();
    const request = scene.request({}, before.client.integration);
    await signInOn(by, await by.open(path, request));
    await scene.table.put(tenantItem({ ...before.tenant, policy: { secondFactorRequired: true } }));
    const enrol = await by.open(path, request);
    expect([enrol.status, enrol.url.pathname]).toEqual([200, '/auth/enrol-second-factor']);
  });
});
