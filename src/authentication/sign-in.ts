import { newUserId } from '../entities/identifiers.ts';
import { foldedName } from '../entities/integration-name.ts';
import { counterName } from '../entities/sign-in-attempts.ts';
import type { User, UserDirectory } from '../entities/user.ts';
import {
  noCredentials,
  type SecondFactors,
  secondFactorsOf,
  type UserCredentials,
  type UserCredentialsStore,
} from '../entities/user-credentials.ts';
import type { RandomBytes } from '../ports.ts';
import { networkOf } from './address.ts';
import { type AttemptPorts, admit } from './attempt.ts';
import { decoyHash, isOutdated, isPassword, passwordHash, type ScryptParameters } from './password-hash.ts';

export interface SignInPorts extends AttemptPorts {
  readonly randomBytes: RandomBytes;
  readonly directory: UserDirectory;
  readonly credentials: UserCredentialsStore;
  readonly parameters: ScryptParameters;
}

export interface PasswordAttempt {
  readonly tenant: string;
  /** The username or the email, as it was typed. */
  readonly username: string;
  readonly password: string;
  /** `requestContext.identity.sourceIp`: never what a header says. */
  readonly address: string;
  /** A random value that the browser keeps for long; absent where there is no browser. */
  readonly device?: string | undefined;
}

export type SignInOutcome =
  | { readonly outcome: 'ok'; readonly user: User; readonly secondFactors: SecondFactors }
  /** Unknown, wrong, without a password, disabled: nobody is told which. `userId` is for the log, where there is a user. */
  | { readonly outcome: 'refused'; readonly userId: string | undefined }
  | { readonly outcome: 'slow-down'; readonly retryAfterSeconds: number };

/**
 * Checks a password. The steps and their cost are the same whether the account exists or not: counted first, then read,
 * then compared with what is stored or with a decoy.
 */
export async function signIn(ports: SignInPorts, attempt: PasswordAttempt): Promise<SignInOutcome> {
  const { tenant, device } = attempt;
  const found = await ports.directory.idOf(tenant, attempt.username);
  // A decoy's id reads as many items as a user's, and finds none of them.
  const userId = found ?? newUserId(ports.randomBytes);
  const known = device === undefined ? undefined : ({ kind: 'device', userId, device } as const);
  const admission = await admit(ports, {
    tenant,
    userId,
    strangers: [
      // As it was typed: a shared count would tell that a username and an email are of one person.
      { kind: 'account', folded: foldedName(attempt.username) },
      { kind: 'address', address: networkOf(attempt.address) },
    ],
    device: known,
  });
  if (!admission.admitted) return { outcome: 'slow-down', retryAfterSeconds: admission.retryAfterSeconds };
  const { user, credentials } = admission.state;
  const stored = credentials?.passwordHash;
  const isRight = await isPassword(attempt.password, stored ?? decoyHash(ports.parameters));
  if (!isRight || stored === undefined || user?.status !== 'active') return { outcome: 'refused', userId: found };

  const counter = known && counterName(known);
  if (counter === undefined || !admission.counters.includes(counter))
    await ports.attempts.forgive(tenant, admission.counters);
  // Counted anew: whoever gave the password there was not guessing.
  if (counter !== undefined) await ports.attempts.knowDevice(tenant, counter, ports.clock.now());
  if (credentials && isOutdated(stored, ports.parameters)) await upgrade(ports, credentials, attempt.password);
  return { outcome: 'ok', user, secondFactors: secondFactorsOf(credentials) };
}

/** The same password, hashed as it is today: nothing that was issued dies of it. */
async function upgrade(ports: SignInPorts, credentials: UserCredentials, password: string): Promise<void> {
  const hash = await passwordHash(password, ports.randomBytes, ports.parameters);
  await ports.credentials.upgradeHash(credentials, hash);
}

/** Whether it is this user's password: for those who are signed in already and are asked again. */
export async function confirmPassword(
  ports: SignInPorts,
  { tenant, userId, password }: { readonly tenant: string; readonly userId: string; readonly password: string },
): Promise<
  | Exclude<SignInOutcome, { readonly outcome: 'ok' }>
  | { readonly outcome: 'ok'; readonly user: User; readonly credentials: UserCredentials }
> {
  const strangers = [{ kind: 'second-factor', userId }] as const;
  const admission = await admit(ports, { tenant, userId, strangers });
  if (!admission.admitted) return { outcome: 'slow-down', retryAfterSeconds: admission.retryAfterSeconds };
  const { user, credentials = noCredentials(tenant, userId) } = admission.state;
  const stored = credentials.passwordHash;
  const isRight = await isPassword(password, stored ?? decoyHash(ports.parameters));
  if (!isRight || stored === undefined || user?.status !== 'active') return { outcome: 'refused', userId };
  await ports.attempts.forgive(tenant, admission.counters);
  return { outcome: 'ok', user, credentials };
}
