import { createHmac, timingSafeEqual } from 'node:crypto';
import type { APIGatewayProxyEvent } from 'aws-lambda';
import { hashOf } from '../../src/entities/recognizable-secret.ts';
import { randomBytes } from './services.ts';

/** The browser that asks, as its cookies tell. */
export interface Browser {
  /** What interactions are bound to: SHA-256 of the browser's own cookie. */
  readonly hash: string;
  /** What a form of ours carries, for where it goes and the interaction it belongs to. */
  csrfToken(action: string, interaction: string | undefined): string;
  /** Whether a form carries what this browser was given for it; false for a browser that was given nothing. */
  gave(token: string | undefined, action: string, interaction: string | undefined): boolean;
  /** A secret that this browser alone brings back, and nothing keeps: for a purpose, and what it belongs to. */
  secretFor(purpose: 'nonce' | 'code-verifier', of: string): string;
  /** The tenants of which it has a session cookie; nothing of any is checked. */
  unverifiedTenants(): readonly string[];
  /** What the tenant's session cookie says; nothing of it is checked. */
  unverifiedSession(tenant: string): CookieSession | undefined;
  /** A `Set-Cookie` value where the browser has no cookie of its own yet. */
  readonly newCookie: string | undefined;
}

/** What a session's cookie holds. */
export interface CookieSession {
  readonly userId: string;
  readonly sessionId: string;
  readonly secret: string;
}

/** `__Host-`: Secure, of this host alone, for every path (RFC 6265bis §4.1.3.2), so that no sibling domain can set it. */
const browserCookie = '__Host-browser';
const sessionCookie = (tenant: string) => `__Host-session-${tenant.slice(4)}`;
const sessionCookiePattern = /^__Host-session-([0-9A-Za-z]{16})$/;

const attributes = 'Path=/; Secure; HttpOnly; SameSite=Lax';
const aYear = 31_536_000;

const browserPattern = /^[0-9A-Za-z_-]{43}$/;
const sessionPattern = /^(usr_[0-9A-Za-z]{22})\.(ses_[0-9A-Za-z]{22})\.([0-9A-Za-z_-]{43})$/;

type CookieHeaders = Pick<APIGatewayProxyEvent, 'headers' | 'multiValueHeaders'>;

/** Reads the cookies of a request; a browser without one of its own is given one. */
export function browserOf(event: CookieHeaders): Browser {
  const cookies = cookiesOf(event);
  const sent = cookies.get(browserCookie);
  const known = sent !== undefined && browserPattern.test(sent);
  const value = known ? sent : Buffer.from(randomBytes(32)).toString('base64url');
  const csrfToken = (action: string, interaction = '') =>
    createHmac('sha256', value).update(`${action}|${interaction}`).digest('base64url');
  return {
    hash: hashOf(value),
    csrfToken,
    // No form's action is such a purpose: each begins with a slash.
    secretFor: (purpose, of) => createHmac('sha256', value).update(`${purpose}|${of}`).digest('base64url'),
    gave: (token, action, interaction) => known && token !== undefined && equal(token, csrfToken(action, interaction)),
    unverifiedTenants: () =>
      [...cookies.keys()].flatMap((name) => {
        const part = sessionCookiePattern.exec(name)?.[1];
        return part === undefined ? [] : [`ten_${part}`];
      }),
    unverifiedSession: (tenant) => {
      const [, userId, sessionId, secret] = sessionPattern.exec(cookies.get(sessionCookie(tenant)) ?? '') ?? [];
      return userId === undefined || sessionId === undefined || secret === undefined
        ? undefined
        : { userId, sessionId, secret };
    },
    newCookie: known ? undefined : `${browserCookie}=${value}; ${attributes}; Max-Age=${aYear}`,
  };
}

/** The `Set-Cookie` value that signs the browser in to the tenant. */
export function sessionSetCookie(
  tenant: string,
  { userId, sessionId, secret }: CookieSession,
  lifetimeSeconds: number,
): string {
  const value = `${userId}.${sessionId}.${secret}`;
  return `${sessionCookie(tenant)}=${value}; ${attributes}; Max-Age=${Math.max(0, Math.floor(lifetimeSeconds))}`;
}

/** The `Set-Cookie` value that signs the browser out of the tenant, and of no other. */
export function sessionClearCookie(tenant: string): string {
  return `${sessionCookie(tenant)}=; ${attributes}; Max-Age=0`;
}

/**
 * By name; the first of two with one name counts (RFC 6265 §5.4). HTTP/2 lets a browser send them in several headers
 * (RFC 9113 §8.2.3), of which `headers` has the last alone.
 */
function cookiesOf({ headers, multiValueHeaders }: CookieHeaders): ReadonlyMap<string, string> {
  const all = [...Object.entries(multiValueHeaders ?? {}), ...Object.entries(headers ?? {})];
  const values = all.filter(([name]) => name.toLowerCase() === 'cookie').flatMap(([, value]) => value ?? []);
  const found = new Map<string, string>();
  for (const pair of values.flatMap((value) => value.split(';'))) {
    const at = pair.indexOf('=');
    const name = pair.slice(0, at).trim();
    if (at > 0 && !found.has(name)) found.set(name, pair.slice(at + 1).trim());
  }
  return found;
}

function equal(one: string, other: string): boolean {
  const [left, right] = [Buffer.from(one), Buffer.from(other)];
  return left.length === right.length && timingSafeEqual(left, right);
}
