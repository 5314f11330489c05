import { randomBytes } from 'node:crypto';
import { TOTP } from 'otpauth';
import { afterAll, afterEach, beforeAll, beforeEach, vi } from 'vitest';
import { sessions } from '../../../src/adapters/dynamodb/session.ts';
import { tenants } from '../../../src/adapters/dynamodb/tenant.ts';
import { users } from '../../../src/adapters/dynamodb/user.ts';
import { userCredentials } from '../../../src/adapters/dynamodb/user-credentials-store.ts';
import { auditEvent } from '../../../src/entities/audit-event.ts';
import { originOf } from '../../src/entities/origin.ts';
import { deployScene, type Navigator, navigator, type Opened, type Scene, signInOn } from './authorization-scene.ts';

let server: Scene;
let furnished: Awaited<ReturnType<Scene['furnishAnother']>>;

/** A user with a password alone; each test in a tenant of its own. */
export function withUser(): void {
  beforeAll(async () => {
    server = await deployScene();
  });
  afterAll(() => server.close());
  afterEach(() => {
    vi.useRealTimers();
  });
  beforeEach(async () => {
    furnished = await server.furnishAnother({});
  });
}

export const deployed = () => server;
export const scene = () => furnished;

export const path = () => `/t/${furnished.tenant.tenant}/second-factor`;
export const later = (seconds: number) => vi.useFakeTimers({ now: Date.now() + seconds * 1000, toFake: ['Date'] });
export const codeOf = (secret: string) => new TOTP({ secret }).generate();
export const secretOn = ({ html }: Opened) => /Key: <code>([A-Z2-7 ]+)</.exec(html)?.[1]?.replaceAll(' ', '') ?? '';
export const codesOn = ({ html }: Opened) =>
  [...html.matchAll(/<li><code>([^<]+)<\/code>/g)].map(([, code = '']) => code);
export const optionsOn = ({ html }: Opened) =>
  JSON.parse((/data-options="([^"]*)"/.exec(html)?.[1] ?? '').replaceAll('&quot;', '"'));
export const credentials = () => userCredentials(server.table).get(furnished.tenant.tenant, furnished.user.id);
export const storedSessions = () => sessions(server.table).list(furnished.tenant.tenant, furnished.user.id);
const linkOn = ({ html }: Opened, text: string) =>
  new RegExp(`href="/auth([^"?]*)\\??([^"]*)"[^>]*>${text}`).exec(html);
export const follow = async (by: Navigator, page: Opened, text: string) => {
  const [, target = '', query = ''] = linkOn(page, text) ?? [];
  return by.open(target, Object.fromEntries(new URLSearchParams(query)));
};
export const signInAt = async (by: Navigator) => signInOn(by, await by.open(path()));
export const eventOf = (action: string) =>
  auditEvent(
    { tenant: furnished.tenant.tenant, action, object: furnished.user.id },
    originOf('usr_1'),
    Date.now(),
    randomBytes,
  );
/** The same password, set anew: what counts is that it was set. */
export const newPassword = async () => {
  const [before, user] = [
    await credentials(),
    await users(server.table).get(furnished.tenant.tenant, furnished.user.id),
  ];
  if (before?.passwordHash === undefined || user === undefined) throw new Error('no password');
  await userCredentials(server.table).changePassword(user, before, before.passwordHash, eventOf('user.password_set'));
};
export const required = async () => {
  const store = tenants(server.table);
  const before = await store.get(furnished.tenant.tenant);
  if (before === undefined) throw new Error('no tenant');
  await store.update(before, { ...before, policy: { secondFactorRequired: true } }, eventOf('tenant.changed'));
};

/** Sets an app up from the choice on; answers the page with the recovery codes. */
export async function setUpApp(by: Navigator, choice: Opened) {
  const page = await follow(by, choice, 'Use an authenticator app');
  const secret = secretOn(page);
  return { secret, page: await by.send(page, { code: codeOf(secret) }) };
}

/** A browser of a user who has set up an app by themself. */
export async function withApp() {
  const by = navigator();
  const choice = await by.send(await signInAt(by), { action: 'add' });
  const { secret, page } = await setUpApp(by, choice);
  return { by, secret, page, codes: codesOn(page) };
}
