import type { AuditEvent } from './audit-event.ts';
import type { User } from './user.ts';

/** An authenticator app's secret (RFC 6238). */
export interface TotpSecret {
  /** The secret under the secret-protecting key, base64. */
  readonly ciphertext: string;
  /** ISO 8601, UTC, milliseconds. */
  readonly createdAt: string;
}

/** One that waits for its first code, in the interaction that showed it: nobody else is shown it. */
export interface PendingTotp extends TotpSecret {
  readonly interaction: string;
}

/** A passkey of the user (WebAuthn §4, public key credential source). */
export interface Passkey {
  /** The credential's id, base64url. */
  readonly id: string;
  /** COSE public key, base64url. */
  readonly publicKey: string;
  /** The signature counter; 0 where the authenticator counts nothing. */
  readonly signatures: number;
  readonly transports: readonly string[];
  readonly createdAt: string;
}

/** What a user proves themself with. */
export interface UserCredentials {
  readonly tenant: string;
  readonly userId: string;
  /** scrypt, its parameters beside the hash; absent where none was set yet, or the user is federated alone. */
  readonly passwordHash?: string | undefined;
  readonly totp?: TotpSecret | undefined;
  readonly pendingTotp?: PendingTotp | undefined;
  /** The latest time step whose code was used: neither it nor an earlier one counts again (RFC 6238 §5.2). */
  readonly lastTotpStep?: number | undefined;
  readonly passkeys: readonly Passkey[];
  /** SHA-256, base64url, of each recovery code that was not used yet. */
  readonly recoveryCodes: readonly string[];
  /** Counts changes; each is conditional on the version it was decided on. */
  readonly version: number;
}

/** Which second factors a user has. */
export interface SecondFactors {
  readonly totp: boolean;
  readonly passkeys: boolean;
  /** How many are left. */
  readonly recoveryCodes: number;
}

export function secondFactorsOf(credentials: UserCredentials | undefined): SecondFactors {
  return {
    totp: credentials?.totp !== undefined,
    passkeys: (credentials?.passkeys.length ?? 0) > 0,
    recoveryCodes: credentials?.recoveryCodes.length ?? 0,
  };
}

/** Whether signing in takes one: recovery codes alone are none, they only stand in for one. */
export function hasSecondFactor({ totp, passkeys }: SecondFactors): boolean {
  return totp || passkeys;
}

/** The credentials with the password alone. */
export function withoutSecondFactors({ tenant, userId, passwordHash, version }: UserCredentials): UserCredentials {
  return { ...noCredentials(tenant, userId), passwordHash, version };
}

/** The credentials of a user who has none yet. */
export function noCredentials(tenant: string, userId: string): UserCredentials {
  return { tenant, userId, passkeys: [], recoveryCodes: [], version: 0 };
}

export interface UserCredentialsReader {
  get(tenant: string, userId: string): Promise<UserCredentials | undefined>;
}

export interface UserCredentialsStore extends UserCredentialsReader {
  /**
   * Second factors added, used or taken away; without an event where it is a use.
   *
   * @param before what was read; of version 0 where nothing was stored
   * @throws ConcurrentChange where that is no longer what is stored: of two uses of one code, one gets this
   */
  update(before: UserCredentials, after: UserCredentials, event?: AuditEvent): Promise<void>;
  /** Another hash of the same password; where the password was changed meanwhile, nothing happens. */
  upgradeHash(before: UserCredentials, passwordHash: string): Promise<void>;
  /**
   * A new password: with it the user's token generation rises, so that what was issued before is dead.
   *
   * @throws ConcurrentChange where either is no longer what was read
   */
  changePassword(user: User, before: UserCredentials, passwordHash: string, event: AuditEvent): Promise<void>;
}
