import { ConcurrentChange } from '../entities/errors.ts';
import type { SignInState } from '../entities/sign-in-attempts.ts';
import type { User } from '../entities/user.ts';
import type { UserCredentials, UserCredentialsStore } from '../entities/user-credentials.ts';
import type { SecretProtector } from '../ports.ts';
import { type AttemptPorts, admit } from './attempt.ts';
import { type RelyingParty, usedPasskey } from './passkeys.ts';
import { hashOfRecoveryCode } from './recovery-codes.ts';
import { stepOfCode } from './totp.ts';

export interface SecondFactorPorts extends AttemptPorts {
  readonly credentials: UserCredentialsStore;
  readonly protector: SecretProtector;
}

/** What a user shows besides a password. */
export type SecondFactorProof =
  /** Of an authenticator app, or a recovery code. */
  | { readonly code: string }
  /** What a passkey signed, as JSON, for a challenge that was used up before. */
  | { readonly passkey: string; readonly party: RelyingParty; readonly challenge: string };

export type SecondFactorOutcome =
  | { readonly outcome: 'ok'; readonly user: User; readonly method: 'otp' | 'hwk' | 'rec' }
  | { readonly outcome: 'refused' }
  | { readonly outcome: 'slow-down'; readonly retryAfterSeconds: number };

/** How often a use is tried where something else of the credentials changed at the same time. */
const tries = 3;

/**
 * Checks a second factor, and uses it up: a code counts once, and a counter only rises. Attempts are counted before, as
 * those at a password.
 */
export async function checkSecondFactor(
  ports: SecondFactorPorts,
  { tenant, userId, proof }: { readonly tenant: string; readonly userId: string; readonly proof: SecondFactorProof },
): Promise<SecondFactorOutcome> {
  const admission = await admit(ports, { tenant, userId, strangers: [{ kind: 'second-factor', userId }] });
  if (!admission.admitted) return { outcome: 'slow-down', retryAfterSeconds: admission.retryAfterSeconds };
  const used = await useOnce(ports, admission.state, proof);
  const { user } = admission.state;
  if (used === undefined || user?.status !== 'active') return { outcome: 'refused' };
  await ports.attempts.forgive(tenant, admission.counters);
  return { outcome: 'ok', user, method: used };
}

interface Use {
  readonly method: 'otp' | 'hwk' | 'rec';
  readonly after: UserCredentials;
}

async function useOnce(
  ports: SecondFactorPorts,
  { credentials }: SignInState,
  proof: SecondFactorProof,
): Promise<Use['method'] | undefined> {
  let before = credentials;
  for (let tried = 0; before !== undefined && tried < tries; tried++) {
    const use = await useOf(ports, before, proof);
    if (use === undefined) return undefined;
    try {
      await ports.credentials.update(before, use.after);
      return use.method;
    } catch (error) {
      // Whoever was faster may have used the same: what is stored by then says so.
      if (!(error instanceof ConcurrentChange)) throw error;
      before = await ports.credentials.get(before.tenant, before.userId);
    }
  }
  return undefined;
}

async function useOf(
  ports: SecondFactorPorts,
  before: UserCredentials,
  proof: SecondFactorProof,
): Promise<Use | undefined> {
  if ('passkey' in proof) {
    const used = await usedPasskey(proof.passkey, proof.party, proof.challenge, before.passkeys);
    const passkeys = before.passkeys.map((each) => (each.id === used?.id ? used : each));
    return used && { method: 'hwk', after: { ...before, passkeys } };
  }
  const step = await usedStep(ports, before, proof.code);
  if (step !== undefined) return { method: 'otp', after: { ...before, lastTotpStep: step } };
  const hash = hashOfRecoveryCode(proof.code);
  if (hash === undefined || !before.recoveryCodes.includes(hash)) return undefined;
  return { method: 'rec', after: { ...before, recoveryCodes: before.recoveryCodes.filter((each) => each !== hash) } };
}

/** The step of a code that was not used yet, nor one after it (RFC 6238 §5.2). */
async function usedStep(
  { protector, clock }: SecondFactorPorts,
  { tenant, userId, totp, lastTotpStep = -1 }: UserCredentials,
  code: string,
): Promise<number | undefined> {
  if (totp === undefined) return undefined;
  const secret = await protector.decrypt(Buffer.from(totp.ciphertext, 'base64'), { tenant, userId });
  const step = stepOfCode(code, secret, clock.now());
  return step !== undefined && step > lastTotpStep ? step : undefined;
}
