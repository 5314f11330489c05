import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { auditEventStore } from '../../../src/adapters/dynamodb/audit-event.ts';
import { users } from '../../../src/adapters/dynamodb/user.ts';
import type { UpstreamAccount } from '../../upstream-provider.ts';
import {
  accountUrl,
  atSignIn,
  changeProvider,
  comeBack,
  deleteProvider,
  deployFederation,
  existingUser,
  type Federation,
  newTenant,
  press,
  register,
  signedInAs,
  signInWith,
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

const userOf = async (id: string | undefined) => users(scene.embedded.table).get(tenant, id ?? '');
const everyone = async () => (await users(scene.embedded.table).list(tenant, { limit: 10 })).items;
const withProvider = async () => {
  const browser = await atSignIn(tenant);
  return { browser, answer: await signInWith(scene.upstream, browser, providerId) };
};
const refused = async (heading: string) => {
  const { browser, answer } = await withProvider();
  expect([answer.status, answer.heading]).toEqual([403, heading]);
  expect(signedInAs(browser, tenant)).toBeUndefined();
};

describe('who arrives', () => {
  it('for the first time becomes a user with the roles of the provider, and is signed in', async () => {
    const { browser, answer } = await withProvider();
    expect([answer.status, answer.location]).toEqual([303, accountUrl(tenant)]);
    const user = await userOf(signedInAs(browser, tenant));
    expect(user).toMatchObject({
      username: 'ada',
      email: 'ada@example.com',
      name: 'Ada Lovelace',
      roles: ['member'],
      status: 'active',
    });
    const { items } = await auditEventStore(scene.embedded.table).list(
      tenant,
      { action: 'user.created' },
      { limit: 10 },
    );
    expect(items).toMatchObject([
      { object: user?.id, changes: { username: 'ada', identity_provider: providerId, roles: ['member'] } },
    ]);
  });

  it('again is the same user, whatever the provider says of them by then', async () => {
    const first = signedInAs((await withProvider()).browser, tenant);
    scene.upstream.account = {
      ...ada,
      preferred_username: 'countess',
      email: 'x@other.example',
      email_verified: false,
    };
    const second = signedInAs((await withProvider()).browser, tenant);
    expect(second).toBe(first);
    expect(await everyone()).toHaveLength(1);
  });

  it('ten times at once becomes one user', async () => {
    const arriving = Array.from({ length: 10 }, withProvider);
    const ids = (await Promise.all(arriving)).map(({ browser }) => signedInAs(browser, tenant));
    const [user] = await everyone();
    expect(new Set(ids.filter((id) => id !== undefined))).toEqual(new Set([user?.id]));
    expect(await everyone()).toHaveLength(1);
  });

  it('with an email that a user has is refused and never linked, while another becomes a user', async () => {
    const there = await existingUser(scene, tenant, { username: 'someone' });
    await refused('You have an account already');
    expect(await everyone()).toEqual([there]);
    scene.upstream.account = { ...ada, sub: 'other', email: 'other@example.com' };
    const { browser } = await withProvider();
    expect(signedInAs(browser, tenant)).not.toBe(there.id);
    expect(signedInAs(browser, tenant)).toBeDefined();
  });

  it('with a username that a user has becomes a user under another', async () => {
    await existingUser(scene, tenant, { email: 'first@example.com' });
    const { browser } = await withProvider();
    expect((await userOf(signedInAs(browser, tenant)))?.username).toMatch(/^ada-\w{6}$/);
  });

  it.each<[string, Partial<UpstreamAccount>]>([
    ['unverified', { email_verified: false }],
    ['verified in words alone', { email_verified: 'true' }],
    ['of a foreign domain', { email: 'ada@evil.example' }],
    ['of a domain that only begins like it', { email: 'ada@example.com.evil.example' }],
    ['of a domain below it', { email: 'ada@sub.example.com' }],
    ['with two domains', { email: 'ada@evil.example@example.com' }],
    ['missing', { email: undefined }],
    ['no text', { email: ['ada@example.com'] }],
  ])('with an email that is %s does not become a user', async (_, more) => {
    scene.upstream.account = { ...ada, ...more } as UpstreamAccount;
    await refused('This account cannot be used here');
    expect(await everyone()).toEqual([]);
  });

  it('becomes no user where the tenant makes none', async () => {
    await changeProvider(caller, providerId, { create_users: false });
    await refused('No account is linked');
    expect(await everyone()).toEqual([]);
  });

  it('takes the claims that the mapping names', async () => {
    await changeProvider(caller, providerId, { claim_mapping: { username: 'name' } });
    const { browser } = await withProvider();
    expect((await userOf(signedInAs(browser, tenant)))?.username).toBe('Ada-Lovelace');
  });

  it('and is disabled is refused, and let in again once enabled', async () => {
    const id = signedInAs((await withProvider()).browser, tenant);
    const user = await userOf(id);
    if (user === undefined) throw new Error('no user');
    const event = (await auditEventStore(scene.embedded.table).list(tenant, {}, { limit: 1 })).items[0];
    if (event === undefined) throw new Error('no event');
    const store = users(scene.embedded.table);
    await store.update(user, { ...user, status: 'disabled' }, { ...event, id: 'evt_1' });
    await refused('You cannot sign in');
    const disabled = (await userOf(id)) ?? user;
    await store.update(disabled, { ...disabled, status: 'active' }, { ...event, id: 'evt_2' });
    expect(signedInAs((await withProvider()).browser, tenant)).toBe(id);
  });

  it('after the user was deleted becomes another one', async () => {
    const first = await userOf(signedInAs((await withProvider()).browser, tenant));
    if (first === undefined) throw new Error('no user');
    const event = (await auditEventStore(scene.embedded.table).list(tenant, {}, { limit: 1 })).items[0];
    if (event === undefined) throw new Error('no event');
    await users(scene.embedded.table).delete(first, { ...event, id: 'evt_1' });
    const second = signedInAs((await withProvider()).browser, tenant);
    expect(second).toBeDefined();
    expect(second).not.toBe(first.id);
    expect(signedInAs((await withProvider()).browser, tenant)).toBe(second);
  });

  it('at one provider is nobody at another with the same subject', async () => {
    const first = signedInAs((await withProvider()).browser, tenant);
    const otherId = await register(caller, scene.otherUpstream);
    scene.otherUpstream.account = { ...ada, email: 'second@example.com' };
    const browser = await atSignIn(tenant);
    await signInWith(scene.otherUpstream, browser, otherId);
    expect(signedInAs(browser, tenant)).toBeDefined();
    expect(signedInAs(browser, tenant)).not.toBe(first);
  });

  it('shows a second factor where the tenant demands one', async () => {
    ({ tenant, providerId, caller } = await newTenant(scene, { policy: { secondFactorRequired: true } } as object));
    const { browser, answer } = await withProvider();
    expect(answer.location).toContain('/enrol-second-factor?interaction=');
    expect(signedInAs(browser, tenant)).toBeUndefined();
  });
});

describe('an answer of the provider', () => {
  const going = async () => {
    const browser = await atSignIn(tenant);
    const { location = '' } = await press(browser, providerId);
    return { browser, url: await scene.upstream.signIn(location) };
  };

  it('is taken once: brought again it is over', async () => {
    const { browser, url } = await going();
    expect((await comeBack(browser, providerId, url)).status).toBe(303);
    const again = await comeBack(browser, providerId, url);
    expect([again.status, again.heading]).toEqual([400, 'This page is over']);
  });

  it('ten times at once signs in once', async () => {
    const { browser, url } = await going();
    scene.upstream.requests();
    const answers = await Promise.all(Array.from({ length: 10 }, () => comeBack(browser, providerId, url)));
    expect(answers.filter(({ status }) => status === 303)).toHaveLength(1);
    expect(scene.upstream.requests().filter((path) => path === '/token')).toHaveLength(1);
  });

  it('brought by another browser is over, and the right one may bring it still', async () => {
    const { browser, url } = await going();
    const other = await atSignIn(tenant);
    expect((await comeBack(other, providerId, url)).status).toBe(400);
    expect((await comeBack({ ...browser, client: { ...other.client } }, providerId, url)).status).toBe(400);
    expect((await comeBack(browser, providerId, url)).status).toBe(303);
  });

  it.each<[string, (url: URL, interaction: string) => Record<string, string>]>([
    ['another state', (_, interaction) => ({ state: `${interaction}.${'x'.repeat(43)}` })],
    ['the interaction alone as state', (_, interaction) => ({ state: interaction })],
    ['no state', () => ({ state: '' })],
    ['a state of nothing', () => ({ state: 'x' })],
  ])('with %s is over, nothing exchanged', async (_, more) => {
    const { browser, url } = await going();
    scene.upstream.requests();
    expect((await comeBack(browser, providerId, url, more(url, browser.interaction))).status).toBe(400);
    expect(scene.upstream.requests()).toEqual([]);
    expect((await comeBack(browser, providerId, url)).status).toBe(303);
  });

  it('to an older question is over once another was asked', async () => {
    const { browser, url } = await going();
    await press(browser, providerId);
    expect((await comeBack(browser, providerId, url)).status).toBe(400);
  });

  it.each<[string, Record<string, string>]>([
    ['of another issuer (mix-up)', { iss: 'https://other.example' }],
    ['without the issuer that is announced', { iss: '' }],
    ['with a code that is not its own', { code: 'stolen' }],
    ['without a code', { code: '' }],
    ['with an ID token beside the code', { id_token: 'x.y.z' }],
  ])('%s signs nobody in', async (_, more) => {
    const { browser, url } = await going();
    const answer = await comeBack(browser, providerId, url, more);
    expect([answer.status, answer.heading]).toEqual([403, 'You were not signed in']);
    expect(signedInAs(browser, tenant)).toBeUndefined();
  });

  it('at the redirect URI of another provider is over', async () => {
    const otherId = await register(caller, scene.otherUpstream);
    const { browser, url } = await going();
    scene.otherUpstream.requests();
    expect((await comeBack(browser, otherId, url)).status).toBe(400);
    expect(scene.otherUpstream.requests()).toEqual([]);
  });

  it('that another browser was given proves nothing to this one (code injection)', async () => {
    const [mine, theirs] = [await going(), await going()];
    const code = theirs.url.searchParams.get('code') ?? '';
    const answer = await comeBack(mine.browser, providerId, mine.url, { code });
    expect([answer.status, answer.heading]).toEqual([403, 'You were not signed in']);
    expect(signedInAs(mine.browser, tenant)).toBeUndefined();
  });

  it('that says no is told in words, and the next try may succeed', async () => {
    scene.upstream.account = undefined;
    const { browser, answer } = await withProvider();
    expect([answer.status, answer.heading]).toEqual([403, 'You were not signed in']);
    expect(answer.html).toContain('The provider did not sign you in');
    scene.upstream.account = ada;
    expect((await signInWith(scene.upstream, browser, providerId)).status).toBe(303);
  });

  it('after the provider was disabled or deleted signs nobody in', async () => {
    const [first, second] = [await going(), await going()];
    await changeProvider(caller, providerId, { status: 'disabled' });
    expect((await comeBack(first.browser, providerId, first.url)).heading).toBe('That sign-in is not available');
    await changeProvider(caller, providerId, { status: 'active' });
    await deleteProvider(caller, providerId);
    expect((await comeBack(second.browser, providerId, second.url)).heading).toBe('That sign-in is not available');
  });

  it('where our secret there is wrong signs nobody in', async () => {
    await changeProvider(caller, providerId, { client_secret: 'wrong' });
    await refused('You were not signed in');
    await changeProvider(caller, providerId, { client_secret: scene.upstream.client.secret });
    expect((await withProvider()).answer.status).toBe(303);
  });
});
