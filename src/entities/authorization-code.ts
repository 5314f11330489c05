import type { FamilyDraft, TokenFamily } from './token-family.ts';

/** RFC 6749 §4.1.2: ten minutes at most; a browser needs seconds. */
export const codeLifetimeSeconds = 60;

/**
 * What an authorization code stands for (RFC 6749 §4.1.2). The code itself is kept by its hash alone, under its tenant:
 * used with a client of another tenant it does not exist.
 */
export interface AuthorizationCode {
  readonly tenant: string;
  /** SHA-256 of the code, base64url. */
  readonly hash: string;
  readonly clientId: string;
  /** As the request gave it, to the letter. */
  readonly redirectUri: string;
  /** RFC 7636 §4.2, method S256; absent only for a confidential client that was let off. */
  readonly codeChallenge?: string | undefined;
  /** ISO 8601; 60 seconds after it was given. */
  readonly expiresAt: string;
  /** What its redemption begins, save who redeems it and what is known only then. */
  readonly family: FamilyDraft;
  /** Whether it was redeemed: then `family.id` is there to be revoked. */
  readonly redeemed?: true | undefined;
}

export interface AuthorizationCodeStore {
  /** Keeps a new code, and with it that the client was given something in the session. */
  create(code: AuthorizationCode): Promise<void>;
  get(tenant: string, hash: string): Promise<AuthorizationCode | undefined>;
  /**
   * Spends the code and begins its family, in one transaction. Of ten at once one succeeds.
   *
   * @returns whether this call did; false: another was first, and the family it began is to be revoked
   * @throws DependencyUnavailable where others were at it all the time; nothing was written
   */
  redeem(code: AuthorizationCode, family: TokenFamily): Promise<boolean>;
}
