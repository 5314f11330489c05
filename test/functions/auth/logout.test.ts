import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { auditEventStore } from '../../../src/adapters/dynamodb/audit-event.ts';
import { logoutDeliveries } from '../../../src/adapters/dynamodb/logout-delivery.ts';
import { newUserId } from '../../../src/entities/identifiers.ts';
import { issuer } from '../../src/oauth/authorization-server.ts';
import {
  client,
  clientId,
  confirm,
  cookieOf,
  handlers,
  idToken,
  isThere,
  logout,
  newScene,
  registeredUri,
  scene,
  server,
  session,
  signedIn,
  withSession,
} from './logout-scene.ts';
import { pageClient } from './page-client.ts';

withSession();

describe('a hint that names the present session', () => {
  it('ends it at once, tells its clients, and sends the browser where the app registered, with its state', async () => {
    const hint = await idToken(session(), clientId());
    const answer = await logout({ id_token_hint: hint, post_logout_redirect_uri: registeredUri, state: 'a b&c' });
    expect(answer).toMatchObject({ status: 303, location: `${registeredUri}?state=a+b%26c` });
    expect(await isThere(session())).toBe(false);
    expect(cookieOf(scene())).toBeUndefined();
    const due = await logoutDeliveries(server().table).due(Date.now() + 1000, 100);
    expect(due.find(({ sessionId }) => sessionId === session().id)).toMatchObject({
      userId: session().userId,
      clientIds: [clientId()],
    });
    const { items } = await auditEventStore(server().table).list(
      scene().tenant,
      { action: 'session.ended' },
      { limit: 9 },
    );
    expect(items).toMatchObject([
      { actor: session().userId, object: session().userId, changes: { session: session().id } },
    ]);
  });

  it('says so where there is nowhere to go', async () => {
    const page = await logout({ id_token_hint: await idToken(session(), clientId()) });
    expect(page).toMatchObject({ status: 200, heading: 'You are signed out' });
    expect(await isThere(session())).toBe(false);
  });

  it('may have expired long ago', async () => {
    const hint = await idToken(session(), clientId(), { now: Date.now() - 30 * 86_400_000 });
    await logout({ id_token_hint: hint, client_id: clientId() });
    expect(await isThere(session())).toBe(false);
  });

  it('adds to a query that the registered URI has', async () => {
    const uri = `${registeredUri}?from=latchkey`;
    const hint = await idToken(session(), clientId());
    const answer = await logout({ id_token_hint: hint, post_logout_redirect_uri: uri, state: 's' });
    expect(answer.location).toBe(`${uri}&state=s`);
  });
});

describe('any other request', () => {
  it('asks first, by a form that only this browser was given, and goes on then', async () => {
    const page = await logout({ client_id: clientId(), post_logout_redirect_uri: registeredUri, state: 's' });
    expect(page).toMatchObject({ status: 200, heading: 'Sign out of Analytical Engines?' });
    expect(page.html).toContain('Punch card studio');
    expect(page.html).toContain('Ada Lovelace');
    expect(await isThere(session())).toBe(true);
    const done = await confirm(page);
    expect(await isThere(session())).toBe(false);
    expect(cookieOf(scene())).toBeUndefined();
    expect(done).toMatchObject({ status: 303, location: `${registeredUri}?state=s` });
  });

  it.each([
    ['of another session of the user', async () => idToken(await signedIn(pageClient(handlers), scene()), clientId())],
    ['of another user', async () => idToken({ ...session(), userId: newUserId(randomBytes) }, clientId())],
  ])('asks first with a hint %s', async (_, hint) => {
    const page = await logout({ id_token_hint: await hint() });
    expect(page.heading).toBe('Sign out of Analytical Engines?');
    expect(await isThere(session())).toBe(true);
  });

  it.each([
    ['without the form', {}, {}],
    ['with the form of another browser', { csrf: 'x' }, {}],
    ['sent by another site', undefined, { 'Sec-Fetch-Site': 'cross-site' }],
  ])('is not confirmed %s', async (_, fields, headers) => {
    const page = await logout({ client_id: clientId() });
    const sent = fields === undefined ? page.hidden() : { client_id: clientId(), ...fields };
    expect((await client().post('POST /sign-out', {}, sent, headers as Record<string, string>)).status).toBe(403);
    expect(await isThere(session())).toBe(true);
  });

  it('goes on at once where nobody is signed in', async () => {
    const stranger = pageClient(handlers);
    const answer = await logout({ client_id: clientId(), post_logout_redirect_uri: registeredUri }, stranger);
    expect(answer).toMatchObject({ status: 303, location: registeredUri });
    expect(await logout({ client_id: clientId() }, stranger)).toMatchObject({ heading: 'You are signed out' });
    expect(await isThere(session())).toBe(true);
  });

  it('that is posted goes on with a GET, with which the browser sends its cookies', async () => {
    const hint = await idToken(session(), clientId());
    const sent = { id_token_hint: hint, post_logout_redirect_uri: registeredUri, state: 's', unknown: 'x' };
    const answer = await pageClient(handlers).post('POST /oauth2/logout', {}, sent, { 'Sec-Fetch-Site': 'cross-site' });
    expect(answer.status).toBe(303);
    const url = new URL(answer.location ?? '');
    expect(url.origin + url.pathname).toBe(`${issuer}/oauth2/logout`);
    const { unknown, ...kept } = sent;
    expect(Object.fromEntries(url.searchParams)).toEqual(kept);
    expect(await isThere(session())).toBe(true);
  });
});

describe('sessions in other tenants', () => {
  it('stay as they are', async () => {
    const other = await newScene();
    const there = await signedIn(client(), other);
    await logout({ id_token_hint: await idToken(session(), clientId()) });
    expect(await isThere(session())).toBe(false);
    expect(await isThere(there)).toBe(true);
    expect(cookieOf(other)).toBeDefined();
    const page = await logout({ client_id: other.app.integration.clientId });
    expect(page.heading).toBe('Sign out of Analytical Engines?');
  });

  it('are listed where the request names no client, and ended by nobody', async () => {
    const other = await newScene();
    await signedIn(client(), other);
    client().cookies.set('__Host-session-0000000000000000', 'x');
    const page = await logout();
    expect(page).toMatchObject({ status: 200, heading: 'Where do you want to sign out?' });
    for (const { tenant } of [scene(), other]) expect(page.html).toContain(`/auth/t/${tenant}/account`);
    expect(await isThere(session())).toBe(true);
    expect(await logout({}, pageClient(handlers))).toMatchObject({ heading: 'You are signed out' });
  });
});
