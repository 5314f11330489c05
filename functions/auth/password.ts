import { userPageRoutes } from '../../src/api/routes/user-pages.ts';
import { passwordHash } from '../../src/authentication/password-hash.ts';
import { confirmPassword } from '../../src/authentication/sign-in.ts';
import { auditEvent } from '../../src/entities/audit-event.ts';
import { randomText } from '../../src/entities/identifiers.ts';
import { hashOf } from '../../src/entities/recognizable-secret.ts';
import { changePasswordPage, passwordChangedPage } from '../../src/pages/set-password.ts';
import { type AtAccount, atAccount } from '../shared/account.ts';
import { accountPaths } from '../shared/account-paths.ts';
import { sessionSetCookie } from '../shared/browser.ts';
import { chosenPassword } from '../shared/new-password.ts';
import {
  basePath,
  formTarget,
  type PageAnswer,
  type PageRequest,
  page,
  pageEndpoint,
} from '../shared/page-endpoint.ts';
import { refusalLog } from '../shared/refusal-log.ts';
import { clock, randomBytes } from '../shared/services.ts';
import { sessionStore } from '../shared/session-end.ts';
import { signInPorts } from '../shared/sign-in.ts';

const pathOf = (tenant: string) => accountPaths(tenant).password;

type Problem = Parameters<typeof changePasswordPage>[0]['problem'];

function shown(call: PageRequest, { brand, tenant, signedIn }: AtAccount, problem?: Problem) {
  return {
    page: changePasswordPage({
      brand,
      target: formTarget(call, pathOf(tenant.tenant)),
      username: signedIn.user.username,
      accountUrl: basePath() + accountPaths(tenant.tenant).account,
      problem,
    }),
  };
}

async function submitted(call: PageRequest, at: AtAccount): Promise<PageAnswer> {
  const { tenant, id: userId } = at.signedIn.user;
  const chosen = chosenPassword(call.form, at.signedIn.user);
  if ('fault' in chosen) return { ...shown(call, at, { of: 'new', text: chosen.fault }), refusal: 'incomplete' };
  const ports = signInPorts();
  const password = call.form.get('current') ?? '';
  const confirmed = await confirmPassword(ports, { tenant, userId, password });
  if (confirmed.outcome === 'refused') {
    const refused = { tenant, action: 'sign_in.refused', object: userId, reason: 'current password' } as const;
    await refusalLog.note(refused, call.source);
    return { ...shown(call, at, { of: 'current', text: 'This is not your current password.' }), refusal: 'refused' };
  }
  if (confirmed.outcome === 'slow-down') {
    const { retryAfterSeconds } = confirmed;
    const text = `Too many attempts. Try again in ${Math.ceil(retryAfterSeconds / 60)} minutes.`;
    return { ...shown(call, at, { of: 'current', text }), refusal: 'slow-down', retryAfterSeconds };
  }
  const { user, credentials } = confirmed;
  const hash = await passwordHash(chosen.password, randomBytes, ports.parameters);
  const change = { tenant, action: 'user.password_changed', object: userId };
  const event = auditEvent(change, call.originOf(userId, at.signedIn.session.id), clock.now(), randomBytes);
  await ports.credentials.changePassword(user, credentials, hash, event);
  const cookie = await goOn(at, user.tokenGeneration + 1);
  return { cookies: [cookie], page: passwordChangedPage(at.brand, basePath() + accountPaths(tenant).account) };
}

/** Every session of an earlier generation is over; this one goes on, under a secret that nobody had before. */
async function goOn({ signedIn: { session, user } }: AtAccount, userGeneration: number): Promise<string> {
  const secret = randomText(randomBytes, 43);
  await sessionStore().renew(session, { ...session, secretHash: hashOf(secret), userGeneration });
  const lifetime = (Date.parse(session.expiresAt) - clock.now()) / 1000;
  return sessionSetCookie(user.tenant, { userId: user.id, sessionId: session.id, secret }, lifetime);
}

export const handler = pageEndpoint(
  page(userPageRoutes.changePasswordPage, (call) => atAccount(call, async (at) => shown(call, at), pathOf)),
  page(userPageRoutes.changePassword, (call) => atAccount(call, (at) => submitted(call, at), pathOf)),
);
