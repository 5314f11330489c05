import type { FirstFactor } from '../../src/entities/interaction.ts';
import type { AuthenticationMethod } from '../../src/entities/session.ts';
import type { User } from '../../src/entities/user.ts';
import { noCredentials, type UserCredentials } from '../../src/entities/user-credentials.ts';
import { InteractionOver } from './http-errors.ts';
import type { Ongoing } from './interaction.ts';
import { clock } from './services.ts';
import { userStore } from './user-change.ts';
import { secondFactorPorts } from './user-secrets.ts';

/** Milliseconds after a sign-in in which what users sign in with may be changed. */
const freshFor = 10 * 60_000;

/** Whether somebody proved lately that they are there. */
export const isFresh = (at: string): boolean => clock.now() - Date.parse(at) < freshFor;

/** The methods, and one more. */
export const withMethod = (methods: readonly AuthenticationMethod[], method: AuthenticationMethod) => [
  ...new Set([...methods, method]),
];

/** Somebody who gave a password, or came from an upstream provider, in an interaction. */
export interface HalfWay {
  readonly user: User;
  readonly credentials: UserCredentials;
  readonly first: FirstFactor;
}

/**
 * Who is in the middle of an interaction.
 *
 * @throws InteractionOver where nobody is, is not active any more, has another password by now, or has signed out
 */
export async function halfWay({ interaction, signedIn }: Pick<Ongoing, 'interaction' | 'signedIn'>): Promise<HalfWay> {
  const { firstFactor: first } = interaction;
  if (first === undefined) throw new InteractionOver('no first factor');
  if (first.sessionId !== undefined && first.sessionId !== signedIn?.session.id)
    throw new InteractionOver('the session has ended');
  const { tenant } = interaction;
  const [user, credentials] = await Promise.all([
    userStore().get(tenant, first.userId),
    secondFactorPorts().credentials.get(tenant, first.userId),
  ]);
  if (user?.status !== 'active') throw new InteractionOver('the user is not active');
  if (first.generation < user.tokenGeneration) throw new InteractionOver('the password is another by now');
  return { user, credentials: credentials ?? noCredentials(tenant, user.id), first };
}
