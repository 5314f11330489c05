import type { AuditEvent } from '../entities/audit-event.ts';
import type { RandomBytes } from '../entities/identifiers.ts';
import type { Passkey, TotpSecret, UserCredentials, UserCredentialsStore } from '../entities/user-credentials.ts';
import type { Clock, SecretProtector } from '../ports.ts';
import { newRecoveryCodes } from './recovery-codes.ts';
import { newTotpSecret, stepOfCode } from './totp.ts';

export interface EnrolmentPorts {
  readonly clock: Clock;
  readonly randomBytes: RandomBytes;
  readonly credentials: UserCredentialsStore;
  readonly protector: SecretProtector;
}

/** Passkeys of one user. */
const passkeysAtMost = 10;
/** Milliseconds in which a secret that was shown waits for its first code. */
const pendingLifetime = 30 * 60_000;

/**
 * The secret that the user's app is to be told: the one that waits for its first code in this interaction, or a new one.
 *
 * @throws ConcurrentChange
 */
export async function pendingSecret(
  ports: EnrolmentPorts,
  before: UserCredentials,
  interaction: string,
): Promise<string> {
  const { tenant, userId } = before;
  const now = ports.clock.now();
  const waiting = waitingIn(interaction, before, now);
  if (waiting) return opened(ports, before, waiting);
  const secret = newTotpSecret(ports.randomBytes);
  const ciphertext = Buffer.from(await ports.protector.encrypt(secret, { tenant, userId })).toString('base64');
  const pending = { ciphertext, createdAt: new Date(now).toISOString(), interaction };
  await ports.credentials.update(before, { ...before, pendingTotp: pending });
  return secret;
}

/** The secret that waits; another interaction's does not count: whoever was shown it may be somebody else. */
function waitingIn(interaction: string, { pendingTotp }: UserCredentials, now: number): TotpSecret | undefined {
  if (pendingTotp?.interaction !== interaction) return undefined;
  const { ciphertext, createdAt } = pendingTotp;
  return now - Date.parse(createdAt) < pendingLifetime ? { ciphertext, createdAt } : undefined;
}

const opened = ({ protector }: EnrolmentPorts, { tenant, userId }: UserCredentials, { ciphertext }: TotpSecret) =>
  protector.decrypt(Buffer.from(ciphertext, 'base64'), { tenant, userId });

/** What became of an enrolment: the recovery codes, where the user had none. */
export interface Enrolled {
  readonly recoveryCodes: readonly string[] | undefined;
}

/**
 * Takes the waiting secret, if the code is one of it; that code is used up by this.
 *
 * @returns undefined where the code is wrong, or nothing waits for one in this interaction
 * @throws ConcurrentChange
 */
export async function enrolTotp(
  ports: EnrolmentPorts,
  before: UserCredentials,
  { code, interaction }: { readonly code: string; readonly interaction: string },
  event: AuditEvent,
): Promise<Enrolled | undefined> {
  const now = ports.clock.now();
  const totp = waitingIn(interaction, before, now);
  const step = totp && stepOfCode(code, await opened(ports, before, totp), now);
  if (step === undefined) return undefined;
  return enrol(ports, before, { totp, pendingTotp: undefined, lastTotpStep: step }, event);
}

/**
 * Adds a passkey.
 *
 * @returns undefined where the user has it already, or too many
 * @throws ConcurrentChange
 */
export async function enrolPasskey(
  ports: EnrolmentPorts,
  before: UserCredentials,
  passkey: Passkey,
  event: AuditEvent,
): Promise<Enrolled | undefined> {
  const { passkeys } = before;
  if (passkeys.length >= passkeysAtMost || passkeys.some(({ id }) => id === passkey.id)) return undefined;
  return enrol(ports, before, { passkeys: [...passkeys, passkey] }, event);
}

async function enrol(
  { credentials, randomBytes }: EnrolmentPorts,
  before: UserCredentials,
  change: Partial<UserCredentials>,
  event: AuditEvent,
): Promise<Enrolled> {
  const made = before.recoveryCodes.length === 0 ? newRecoveryCodes(randomBytes) : undefined;
  await credentials.update(before, { ...before, ...change, ...(made && { recoveryCodes: made.hashes }) }, event);
  return { recoveryCodes: made?.codes };
}
