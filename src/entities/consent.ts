import type { AuditEvent } from './audit-event.ts';
import type { Holdings } from './holdings.ts';

/** What a user agreed that an integration may do for them. */
export interface Consent {
  readonly tenant: string;
  readonly userId: string;
  readonly clientId: string;
  /** `cns_…`; a consent that is given again after a withdrawal is another one, and revives nothing. */
  readonly id: string;
  /** `openid`, `profile`, `email`, `offline_access` as far as they were agreed to. */
  readonly scopes: readonly string[];
  readonly rights: Holdings;
  /** ISO 8601, UTC, milliseconds. */
  readonly createdAt: string;
  readonly updatedAt: string;
}

export interface ConsentReader {
  get(tenant: string, userId: string, clientId: string): Promise<Consent | undefined>;
}

export interface ConsentStore extends ConsentReader {
  /** The user's consents, in the order of client ids; `after` is the last client id seen. */
  list(
    tenant: string,
    userId: string,
    page: { readonly limit: number; readonly after?: string },
  ): Promise<{ readonly items: readonly Consent[]; readonly last?: string }>;
  /**
   * Gives or widens a consent.
   *
   * @throws ConcurrentChange where `before` is no longer what is stored (undefined: nothing is)
   */
  put(before: Consent | undefined, after: Consent, event: AuditEvent): Promise<void>;
  /**
   * Withdraws it: the tokens that the integration obtained for the user are dead, and so are the personal access tokens
   * made with them.
   *
   * @throws NotFound
   */
  withdraw(tenant: string, userId: string, clientId: string, event: AuditEvent): Promise<void>;
}
