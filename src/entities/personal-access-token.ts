import type { AuditEvent } from './audit-event.ts';
import type { Holdings } from './holdings.ts';

/** A token that a user made for a script of their own, as it is kept: what it opens, never the token. */
export interface PersonalAccessToken {
  readonly tenant: string;
  readonly userId: string;
  /** `pat_…` */
  readonly id: string;
  /** SHA-256 of the whole token, base64url: the key under which it is found. */
  readonly hash: string;
  readonly name: string;
  /** Within those of the token that made it; what the user no longer holds opens nothing. */
  readonly rights: Holdings;
  /** The app that it was made through, and the consent of then: it dies with that consent. */
  readonly clientId: string;
  readonly consentId?: string | undefined;
  /** Whether the tenant is the operator's: its administrators hold a right more. */
  readonly operator: boolean;
  /** The user's token generation when it was made. */
  readonly userGeneration: number;
  readonly lastFour: string;
  readonly createdAt: string;
  readonly expiresAt: string;
  /** ISO 8601, to the hour: `2026-11-21T10:00:00.000Z`. */
  readonly lastUsedAt?: string | undefined;
}

/**
 * How many live ones a user may have: no more than people keep in mind. A few more come to be where many are made at
 * once, which harms nobody.
 */
export const maximumPersonalAccessTokens = 50;

/** The longest life of one in days where the tenant's policy says nothing, and the longest that it may say. */
export const longestPersonalAccessTokenDays = 365;

export interface PersonalAccessTokenStore {
  /** Every token of the user's that is kept; those that ran out may be among them. */
  list(tenant: string, userId: string): Promise<readonly PersonalAccessToken[]>;
  /** @throws Conflict where the consent that it is made under no longer stands */
  create(token: PersonalAccessToken, event: AuditEvent): Promise<void>;
  /** @throws NotFound where it is gone already */
  revoke(token: Pick<PersonalAccessToken, 'tenant' | 'userId' | 'hash'>, event: AuditEvent): Promise<void>;
}

/** Notes that a token is in use; at most one write an hour for each. */
export interface TokenUseRecorder {
  noteUse(token: Pick<PersonalAccessToken, 'tenant' | 'userId' | 'hash' | 'lastUsedAt'>, now: number): Promise<void>;
}
