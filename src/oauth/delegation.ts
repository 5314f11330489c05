import type { LivenessState } from '../entities/liveness.ts';
import { isCurrent } from '../entities/session.ts';

/** What a token that acts for a user hangs on, besides its own kind's. */
export interface Delegation {
  /** The user's token generation when it began. */
  readonly generation: number;
  /** The consent that it was given under, where one was asked for. */
  readonly consentId?: string | undefined;
  /** The session that it ends with, where it ends with one. */
  readonly sessionId?: string | undefined;
}

/** What was read of the user. */
type UserState = Pick<LivenessState, 'user' | 'consent' | 'session'>;

/** One way to die; a delegation stands while none of them says why it should not. */
type Check = (delegation: Delegation, state: UserState, now: number) => string | undefined;

const unless = (stands: boolean, fault: string) => (stands ? undefined : fault);

/** In the order in which it is reported. */
const checks: readonly Check[] = [
  (_, { user }) => unless(user !== undefined, 'user deleted'),
  (_, { user }) => unless(user?.status === 'active', 'user disabled'),
  ({ generation }, { user }) => unless(user?.tokenGeneration === generation, 'password changed'),
  ({ consentId }, { consent }) => unless(consentId === undefined || consent?.id === consentId, 'consent withdrawn'),
  ({ sessionId }, { user, session }, now) =>
    unless(
      sessionId === undefined || (user !== undefined && session?.id === sessionId && isCurrent(session, user, now)),
      'session ended',
    ),
];

/**
 * Why nobody may act for the user any more, for the log; undefined where they may.
 *
 * @param now milliseconds since the epoch
 */
export function faultOfDelegation(delegation: Delegation, state: UserState, now: number): string | undefined {
  for (const check of checks) {
    const fault = check(delegation, state, now);
    if (fault !== undefined) return fault;
  }
  return undefined;
}
