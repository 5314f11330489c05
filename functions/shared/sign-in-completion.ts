import { auditEvent } from '../../src/entities/audit-event.ts';
import { newId, randomText } from '../../src/entities/identifiers.ts';
import { hashOf } from '../../src/entities/recognizable-secret.ts';
import type { AuthenticationMethod, Session } from '../../src/entities/session.ts';
import type { User } from '../../src/entities/user.ts';
import { hasSecondFactor, type SecondFactors } from '../../src/entities/user-credentials.ts';
import { environment } from '../../src/environment.ts';
import { sessionSetCookie } from './browser.ts';
import { decidedAt, type Ongoing, reach } from './interaction.ts';
import type { PageAnswer, PageRequest } from './page-endpoint.ts';
import { clock, randomBytes, variable } from './services.ts';
import { endOwnSession, sessionStore } from './session-end.ts';
import type { SignedIn } from './visit.ts';

/**
 * Goes on after a password or an upstream provider: to the second factor that the user has or the tenant demands, else
 * the user is signed in.
 */
export async function completeFirstFactor(
  request: PageRequest,
  at: Ongoing,
  user: User,
  methods: readonly AuthenticationMethod[],
  secondFactors: SecondFactors,
): Promise<PageAnswer> {
  const hasOne = hasSecondFactor(secondFactors);
  if (!hasOne && !at.tenant.policy?.secondFactorRequired) return completeSignIn(request, at, user, methods);
  const { id } = at.interaction;
  await reach(at.interaction, {
    firstFactor: {
      userId: user.id,
      methods,
      at: new Date(clock.now()).toISOString(),
      generation: user.tokenGeneration,
    },
  });
  return { seeOther: `${hasOne ? '/second-factor' : '/enrol-second-factor'}?interaction=${id}` };
}

/**
 * Signs the user in with this browser: a session under a cookie that nobody had before. Who was signed in before is
 * signed out; the same user's session goes on under another secret.
 *
 * @param methods every one that the user proved to be there with, in this interaction
 */
export async function completeSignIn(
  request: PageRequest,
  { interaction, signedIn }: Pick<Ongoing, 'interaction' | 'signedIn'>,
  user: User,
  methods: readonly AuthenticationMethod[],
): Promise<PageAnswer> {
  const now = new Date(clock.now()).toISOString();
  await reach(interaction, { firstFactor: undefined, signedInAt: now, accountChosenAt: now });
  const cookie = await startSession(request, signedIn, user, methods);
  return { seeOther: decidedAt(interaction), cookies: [cookie] };
}

/** @returns the `Set-Cookie` value of the session */
async function startSession(
  request: PageRequest,
  before: SignedIn | undefined,
  user: User,
  methods: readonly AuthenticationMethod[],
): Promise<string> {
  const now = clock.now();
  const secret = randomText(randomBytes, 43);
  const proved = { authenticatedAt: new Date(now).toISOString(), methods: [...methods] };
  const secretHash = hashOf(secret);
  const same = before?.user.id === user.id ? before.session : undefined;
  const session: Session = same
    ? { ...same, ...proved, secretHash }
    : {
        tenant: user.tenant,
        userId: user.id,
        id: newId('ses', randomBytes),
        secretHash,
        userGeneration: user.tokenGeneration,
        ...proved,
        createdAt: proved.authenticatedAt,
        expiresAt: new Date(now + Number(variable(environment.sessionLifetimeSeconds)) * 1000).toISOString(),
        ...(request.userAgent !== undefined && { userAgent: request.userAgent }),
        address: request.address,
      };
  if (same) await sessionStore().renew(same, session);
  else {
    if (before) await endOwnSession(request, before.user, before.session.id);
    const { tenant, id } = user;
    const started = { tenant, action: 'session.started', object: id, changes: { session: session.id, methods } };
    const event = auditEvent(started, request.originOf(id, session.id), now, randomBytes);
    await sessionStore().create(session, event);
  }
  const lifetime = (Date.parse(session.expiresAt) - now) / 1000;
  return sessionSetCookie(user.tenant, { userId: user.id, sessionId: session.id, secret }, lifetime);
}
