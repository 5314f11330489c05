import { hash } from 'node:crypto';
import type { AuditEvent } from './audit-event.ts';
import type { IdentityProvider } from './identity-provider.ts';
import type { User } from './user.ts';

/** Somebody at a provider, who is a user here. By issuer and subject alone (OIDC Core §5.7), never by an email. */
export interface FederatedIdentity {
  readonly tenant: string;
  /** `fid_…` */
  readonly id: string;
  readonly providerId: string;
  readonly issuer: string;
  /** Who it is at the provider; at most 255 characters of ASCII (OIDC Core §2). */
  readonly subject: string;
  readonly userId: string;
  /** ISO 8601, UTC, milliseconds. */
  readonly createdAt: string;
}

/** What stands for issuer and subject in a key: SHA-256, base64url. */
export const subjectHash = ({ issuer, subject }: Pick<FederatedIdentity, 'issuer' | 'subject'>): string =>
  hash('sha256', JSON.stringify([issuer, subject]), 'base64url');

export interface FederatedIdentityReader {
  /** Who the subject of the provider is here; the user may be gone. */
  find(
    provider: Pick<IdentityProvider, 'tenant' | 'id' | 'issuer'>,
    subject: string,
  ): Promise<FederatedIdentity | undefined>;
}

/** A link of a user who is gone: a new one may take its place, where it is still this one. */
export type Stale = FederatedIdentity | undefined;

/** Stores links: each change is one transaction with its audit event, while the provider is there. */
export interface FederatedIdentityStore extends FederatedIdentityReader {
  /** The links of a user, in the order of providers. */
  ofUser(tenant: string, userId: string): Promise<readonly FederatedIdentity[]>;
  /**
   * @throws Conflict where the subject is linked already
   * @throws NotFound where the user or the provider is gone
   */
  link(identity: FederatedIdentity, stale: Stale, event: AuditEvent): Promise<void>;
  /**
   * Makes the user and the link together, or says what is in the way of both.
   *
   * @throws NotFound where the provider is gone
   */
  createUser(
    user: User,
    identity: FederatedIdentity,
    stale: Stale,
    event: AuditEvent,
  ): Promise<'created' | 'linked already' | 'email taken' | 'username taken'>;
  /** @throws NotFound */
  unlink(identity: FederatedIdentity, event: AuditEvent): Promise<void>;
  /**
   * Takes away some links of a provider that is being removed.
   *
   * @returns whether more may be left
   */
  unlinkSome(tenant: string, providerId: string): Promise<boolean>;
}
