import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { UpstreamAccount } from '../../upstream-provider.ts';
import {
  atSignIn,
  changeProvider,
  deleteProvider,
  deployFederation,
  type Federation,
  newTenant,
  parametersOf,
  press,
  register,
} from './upstream-scene.ts';

let scene: Federation;
beforeAll(async () => {
  scene = await deployFederation();
});
afterAll(() => scene.close());

const ada: UpstreamAccount = {
  sub: 'subject-of-ada',
  preferred_username: 'ada',
  name: 'Ada Lovelace',
  email: 'ada@example.com',
  email_verified: true,
};

let tenant: string;
let providerId: string;
let caller: Awaited<ReturnType<typeof newTenant>>['caller'];
beforeEach(async () => {
  scene.upstream.account = ada;
  scene.upstream.intercept = () => false;
  ({ tenant, providerId, caller } = await newTenant(scene));
});

describe('the sign-in page', () => {
  it('offers the active providers of its tenant, and no other', async () => {
    await register(caller, scene.otherUpstream, { name: 'Second <b>' });
    await register(caller, scene.otherUpstream, { name: 'Off', status: 'disabled' });
    await register((await newTenant(scene)).caller, scene.otherUpstream, { name: 'Foreign' });
    const { shown } = await atSignIn(tenant);
    expect(shown.html).toContain('Continue with Example ID');
    expect(shown.html).toContain('Continue with Second &lt;b&gt;');
    expect(shown.html).not.toMatch(/Off|Foreign/);
  });
});

describe('on the way to the provider', () => {
  it('the browser carries state, nonce and a PKCE challenge, and the table none of what they prove', async () => {
    const browser = await atSignIn(tenant);
    const { status, location = '' } = await press(browser, providerId);
    const url = new URL(location);
    expect([status, url.origin]).toEqual([303, scene.upstream.issuer]);
    expect(parametersOf(url)).toEqual({
      response_type: 'code',
      client_id: scene.upstream.client.id,
      redirect_uri: `https://one.example/auth/upstream/${providerId}/callback`,
      scope: 'openid profile email',
      state: expect.stringMatching(new RegExp(`^${browser.interaction}\\.\\w{43}$`)),
      nonce: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge_method: 'S256',
    });
    const { items } = await scene.embedded.table.query({ partition: `INTERACTION#${tenant}#${browser.interaction}#` });
    for (const name of ['state', 'nonce', 'code_challenge'])
      expect(JSON.stringify(items)).not.toContain(url.searchParams.get(name));
  });

  it('a browser that keeps forms on our pages is told where it is taken', async () => {
    const browser = await atSignIn(tenant);
    const fields = browser.shown.hidden(`/auth/upstream/${providerId}/start`);
    const row = 'POST /upstream/{identity_provider}/start';
    const headers = { 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Site': 'same-origin' };
    const shown = await browser.client.post(row, { identity_provider: providerId }, fields, headers);
    expect([shown.status, shown.heading]).toEqual([200, 'One moment']);
    expect(shown.html).toContain('You are being taken to <strong>Example ID</strong>.');
    expect(shown.html).toContain(`href="${scene.upstream.issuer}/auth?`);
  });

  it('a form that this browser was not given goes nowhere', async () => {
    const [browser, other] = [await atSignIn(tenant), await atSignIn(tenant)];
    expect((await press({ ...browser, shown: other.shown }, providerId)).status).toBe(403);
    expect((await press(browser, providerId)).status).toBe(303);
  });

  it.each(['disabled', 'deleted', "another tenant's"])('a provider that is %s is none', async (how) => {
    const browser = await atSignIn(tenant);
    if (how === 'disabled') await changeProvider(caller, providerId, { status: 'disabled' });
    if (how === 'deleted') await deleteProvider(caller, providerId);
    if (how === "another tenant's") {
      const foreign = await newTenant(scene);
      const elsewhere = await atSignIn(foreign.tenant);
      const fields = elsewhere.shown.hidden(`/auth/upstream/${foreign.providerId}/start`);
      const path = { identity_provider: foreign.providerId };
      const row = 'POST /upstream/{identity_provider}/start';
      const csrf = { interaction: browser.interaction, csrf: fields.csrf ?? '' };
      expect((await browser.client.post(row, path, csrf)).status).toBe(403);
      return;
    }
    const answer = await press(browser, providerId);
    expect([answer.status, answer.heading]).toEqual([403, 'That sign-in is not available']);
  });

  it('a provider that does not answer is not available, with a way back', async () => {
    const browser = await atSignIn(tenant);
    scene.upstream.intercept = (request) => {
      request.socket.destroy();
      return true;
    };
    const answer = await press(browser, providerId);
    expect([answer.status, answer.heading]).toEqual([403, 'That sign-in is not available']);
    expect(answer.html).toContain(`href="/auth/sign-in?interaction=${browser.interaction}"`);
  });
});
