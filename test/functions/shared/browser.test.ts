import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { browserOf, sessionClearCookie, sessionSetCookie } from '../../../functions/shared/browser.ts';
import { newId, newTenantId, newUserId } from '../../../src/entities/identifiers.ts';

const tenant = newTenantId(randomBytes);
const session = { userId: newUserId(randomBytes), sessionId: newId('ses', randomBytes), secret: 'a'.repeat(43) };
const pairOf = (setCookie: string) => setCookie.split(';')[0] ?? '';
const browserWith = (...cookies: readonly string[]) =>
  browserOf({ headers: { Cookie: cookies.join('; ') }, multiValueHeaders: {} });
const known = () => pairOf(browserWith().newCookie ?? '');

describe('a browser', () => {
  it('is the same while it keeps its cookie, and another one without', () => {
    const cookie = known();
    expect(browserWith(cookie).hash).toBe(browserWith(cookie, 'other=1').hash);
    expect(browserWith(cookie).newCookie).toBeUndefined();
    expect(browserWith().hash).not.toBe(browserWith().hash);
  });

  it('is known by cookies in several headers, as HTTP/2 may send them', () => {
    const cookie = known();
    const multiValueHeaders = { cookie: [cookie, 'other=1'] };
    expect(browserOf({ headers: { cookie: 'other=1' }, multiValueHeaders }).hash).toBe(browserWith(cookie).hash);
  });

  it('is given another cookie where its own was not made here', () => {
    for (const value of ['', 'short', `${'a'.repeat(42)}!`])
      expect(browserWith(`__Host-browser=${value}`).newCookie).toBeDefined();
  });
});

describe('the session cookie', () => {
  it('is of one host, one tenant and its lifetime, and out of the reach of scripts', () => {
    expect(sessionSetCookie(tenant, session, 60.9)).toBe(
      `__Host-session-${tenant.slice(4)}=${session.userId}.${session.sessionId}.${session.secret}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=60`,
    );
    expect(sessionClearCookie(tenant)).toBe(
      `__Host-session-${tenant.slice(4)}=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0`,
    );
  });

  it('is read for its tenant alone', () => {
    const browser = browserWith(pairOf(sessionSetCookie(tenant, session, 60)));
    expect(browser.unverifiedSession(tenant)).toEqual(session);
    expect(browser.unverifiedSession(newTenantId(randomBytes))).toBeUndefined();
  });

  it('that is not of its form never becomes part of a key', () => {
    for (const value of [
      'x',
      `${session.userId}.${session.sessionId}`,
      `usr_#.${session.sessionId}.${session.secret}`,
      `${session.userId}.${session.sessionId}.${session.secret}.more`,
    ])
      expect(browserWith(`__Host-session-${tenant.slice(4)}=${value}`).unverifiedSession(tenant)).toBeUndefined();
  });
});
