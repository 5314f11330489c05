import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { auditEventStore } from '../../../src/adapters/dynamodb/audit-event.ts';
import { parseSession, sessions } from '../../../src/adapters/dynamodb/session.ts';
import {
  type AtSignIn,
  atSignIn,
  comeBack,
  deployFederation,
  type Federation,
  linkedPath,
  newTenant,
  register,
  signedInAs,
  signInWith,
} from './upstream-scene.ts';

let scene: Federation;
beforeAll(async () => {
  scene = await deployFederation();
});
afterAll(() => scene.close());

const verified = { email_verified: true };
const ada = { sub: 'ada', preferred_username: 'ada', email: 'ada@example.com', ...verified };

let tenant: string;
let firstId: string;
let secondId: string;
let browser: AtSignIn;
let userId: string | undefined;
beforeEach(async () => {
  scene.upstream.account = ada;
  const made = await newTenant(scene);
  ({ tenant, providerId: firstId } = made);
  secondId = await register(made.caller, scene.otherUpstream, { name: 'Second ID' });
  scene.otherUpstream.account = { sub: 'countess', email: 'countess@elsewhere.example', ...verified };
  browser = await atSignIn(tenant);
  await signInWith(scene.upstream, browser, firstId);
  userId = signedInAs(browser, tenant);
});

const shown = ({ client }: AtSignIn) => client.get(`GET ${linkedPath}`, { tenant });
/** The hidden fields of the form that has this one among them. */
const formWith = async (at: AtSignIn, name: string, value: string) => {
  const { html } = await shown(at);
  const form = (html.match(/<form .*?<\/form>/gs) ?? []).find((each) =>
    each.includes(`name="${name}" value="${value}"`),
  );
  const fields = (form ?? '').matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g);
  return Object.fromEntries([...fields].map(([, field = '', text = '']) => [field, text]));
};
const link = async (at: AtSignIn, providerId = secondId) =>
  at.client.post(`POST ${linkedPath}`, { tenant }, await formWith(at, 'identity_provider', providerId));
const linked = async (at: AtSignIn) => {
  const { location = '' } = await link(at);
  return comeBack(at, secondId, await scene.otherUpstream.signIn(location));
};
const signedInWithSecond = async () => {
  const other = await atSignIn(tenant);
  await signInWith(scene.otherUpstream, other, secondId);
  return signedInAs(other, tenant);
};
/** Signs in as another user, who comes from the first provider. */
const eve = async () => {
  scene.upstream.account = { ...ada, sub: 'eve', preferred_username: 'eve', email: 'eve@example.com' };
  const other = await atSignIn(tenant);
  await signInWith(scene.upstream, other, firstId);
  return other;
};

describe('a user who is signed in', () => {
  it('links an account of a provider, whatever its email, and is signed in by it from then on', async () => {
    expect(await signedInWithSecond()).toBeUndefined();
    const answer = await linked(browser);
    expect([answer.status, answer.location]).toEqual([303, `https://one.example/auth/t/${tenant}/account/linked`]);
    expect(await signedInWithSecond()).toBe(userId);
    const { html } = await shown(browser);
    expect(html).toContain('Second ID');
    expect(html).not.toContain('Link Second ID');
    const events = await auditEventStore(scene.embedded.table).list(
      tenant,
      { action: 'user.identity_linked' },
      { limit: 5 },
    );
    expect(events.items).toMatchObject([{ actor: userId, object: userId, changes: { identity_provider: secondId } }]);
  });

  it('does not link one that is another user’s, who keeps it', async () => {
    const other = await eve();
    expect((await linked(other)).status).toBe(303);
    const answer = await linked(browser);
    expect([answer.status, answer.heading]).toEqual([403, 'It is linked to another user']);
    expect(await signedInWithSecond()).toBe(signedInAs(other, tenant));
  });

  it('who is another by the time the answer comes is not linked', async () => {
    const { location = '' } = await link(browser);
    const url = await scene.otherUpstream.signIn(location);
    const other = await eve();
    const cookie = `__Host-session-${tenant.slice(4)}`;
    const own = browser.client.cookies.get(cookie) ?? '';
    browser.client.cookies.set(cookie, other.client.cookies.get(cookie) ?? '');
    expect((await comeBack(browser, secondId, url)).status).toBe(400);
    browser.client.cookies.set(cookie, own);
    expect(await signedInWithSecond()).toBeUndefined();
  });

  it('who signed out by then is not linked', async () => {
    const { location = '' } = await link(browser);
    const url = await scene.otherUpstream.signIn(location);
    browser.client.cookies.delete(`__Host-session-${tenant.slice(4)}`);
    expect((await comeBack(browser, secondId, url)).status).toBe(400);
    expect(await signedInWithSecond()).toBeUndefined();
  });

  it('signs in anew first where that was long ago', async () => {
    const { items } = await scene.embedded.table.query({ partition: `SESSION#${tenant}#${userId}#` });
    const [session] = items.map(parseSession);
    if (session === undefined) throw new Error('no session');
    const authenticatedAt = new Date(Date.now() - 601_000).toISOString();
    await sessions(scene.embedded.table).renew(session, { ...session, authenticatedAt });
    expect((await link(browser)).location).toMatch(/\/auth\/sign-in\?interaction=itx_\w+$/);
    await sessions(scene.embedded.table).renew(session, session);
    expect((await link(browser)).location).toContain(scene.otherUpstream.issuer);
  });

  it('removes a link, though not the last way to sign in', async () => {
    const page = await shown(browser);
    const id = /value="(fid_\w+)"/.exec(page.html)?.[1] ?? '';
    const remove = async () =>
      browser.client.post(`POST ${linkedPath}/remove`, { tenant }, await formWith(browser, 'id', id));
    const refused = await remove();
    expect([refused.status, refused.problem]).toEqual([403, expect.stringContaining('this account alone')]);
    await linked(browser);
    expect((await remove()).status).toBe(303);
    expect((await shown(browser)).html).not.toContain(id);
    expect(await signedInWithSecond()).toBe(userId);
    const again = await atSignIn(tenant);
    expect((await signInWith(scene.upstream, again, firstId)).heading).toBe('You have an account already');
  });

  it("does not remove another user's link", async () => {
    const other = await eve();
    const id = /value="(fid_\w+)"/.exec((await shown(other)).html)?.[1] ?? '';
    const own = /value="(fid_\w+)"/.exec((await shown(browser)).html)?.[1] ?? '';
    const fields = await formWith(browser, 'id', own);
    expect((await browser.client.post(`POST ${linkedPath}/remove`, { tenant }, { ...fields, id })).status).toBe(404);
    expect((await shown(other)).html).toContain(id);
  });
});

it('who is not signed in signs in first, and comes back to the page', async () => {
  const stranger = await atSignIn(tenant);
  const { location = '' } = await stranger.client.get(`GET ${linkedPath}`, { tenant });
  expect(location).toMatch(/\/auth\/sign-in\?interaction=itx_\w+$/);
});
