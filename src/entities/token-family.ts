import type { AuditEvent } from './audit-event.ts';
import type { Holdings } from './holdings.ts';
import type { Authentication } from './session.ts';

/** The user that a family's tokens act for, and what their life hangs on. */
export interface FamilyUser extends Authentication {
  readonly id: string;
  /** The user's token generation when the family began. */
  readonly generation: number;
  /** Absent where the user signed in nowhere (`password`). Tokens end with it, save in an offline family. */
  readonly sessionId?: string | undefined;
  /** Whether it outlives the session: `offline_access` (OIDC Core §11). */
  readonly offline: boolean;
  /** The consent it was given under; absent where none is asked for (`password`). */
  readonly consentId?: string | undefined;
}

/** What refresh tokens are made of and checked against. */
export interface RefreshState {
  /** The integration's token generation when the family began: `revoke-tokens` ends those of earlier ones. */
  readonly generation: number;
  /** The family's secret under the secret-protecting key, base64; every refresh token is derived from it and a count. */
  readonly ciphertext: string;
  /** The count of the refresh token that may be used next, from 0. */
  readonly rotations: number;
  /** When the predecessor was used, and by which credential or DPoP key; absent before the first use. */
  readonly rotatedAt?: string | undefined;
  readonly rotatedBy?: string | undefined;
  /** ISO 8601: not used until then, the family is over. */
  readonly idleExpiresAt: string;
}

/**
 * Everything that descends from one authorization: a code, a device code, a password, or a machine's first token where
 * that comes with a refresh token. Its access tokens name it (`fam`), and die with it.
 */
export interface TokenFamily {
  readonly tenant: string;
  /** `fam_…` */
  readonly id: string;
  readonly clientId: string;
  /** The grant type that it began with: removed from the integration, its tokens are dead. */
  readonly grantType: string;
  /** The credential that obtained it; `none` for a public client. */
  readonly credential: string;
  /** Absent where the client acts for itself. */
  readonly user?: FamilyUser | undefined;
  /** Whether the tenant is the operator's: its administrators hold a right more. */
  readonly operator: boolean;
  /** `openid`, `profile`, `email`, `offline_access`. */
  readonly scopes: readonly string[];
  /** The most that its tokens may carry, as decided when it began. */
  readonly rights: Holdings;
  /** Base URLs that `resource` selected (RFC 8707); empty: the APIs of the rights. */
  readonly resources: readonly string[];
  /** Of the authorization request; the first ID token repeats it, those of refreshes should not (OIDC Core §12.2). */
  readonly nonce?: string | undefined;
  /** RFC 7638 thumbprint of the key that its tokens are bound to (RFC 9449 §6.1). */
  readonly keyThumbprint?: string | undefined;
  readonly createdAt: string;
  /** ISO 8601; over then, however often it was refreshed. */
  readonly expiresAt: string;
  /** Set where it was ended before: a code or a refresh token came twice, or somebody revoked it. */
  readonly revokedAt?: string | undefined;
  /** Absent where no refresh token was given. */
  readonly refresh?: RefreshState | undefined;
}

/** A family before anybody redeemed anything: a code keeps it, or a device code, until somebody does. */
export type FamilyDraft = Omit<TokenFamily, 'credential' | 'refresh'>;

export interface TokenFamilyReader {
  get(tenant: string, id: string): Promise<TokenFamily | undefined>;
}

/** How one use of a refresh token went. */
export type Rotation =
  | { readonly rotated: true }
  | { readonly rotated: false; readonly family: TokenFamily | undefined };

export interface TokenFamilyStore extends TokenFamilyReader {
  create(family: TokenFamily): Promise<void>;
  /**
   * Uses the family's current refresh token: one conditional write, on its rotations and on its not being revoked.
   *
   * @returns whether this very call rotated it; else the family as it stands (`ALL_OLD`), to decide what that means
   */
  rotate(family: TokenFamily, after: RefreshState): Promise<Rotation>;
  /**
   * Ends it; twice is once, and ending what is not there is nothing.
   *
   * @param event what the audit log is told, where this call ends it
   */
  revoke(tenant: string, id: string, at: string, event?: AuditEvent): Promise<void>;
}
