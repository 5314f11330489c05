import type { AuditEvent } from './audit-event.ts';
import { newTenantBoundId, type RandomBytes, tenantOfBoundId } from './identifiers.ts';

/** Which claims of the provider say what we call a username, an email and a name (OIDC Core §5.1). */
export interface ClaimMapping {
  readonly username: string;
  readonly email: string;
  readonly name: string;
}

export const standardClaims: ClaimMapping = { username: 'preferred_username', email: 'email', name: 'name' };

/** What a user who arrives for the first time may be: nobody comes from outside with the rights of an administrator. */
export type NewUserRole = 'developer' | 'member';

/** An OpenID provider of a tenant's own choice: its users may sign in there. */
export interface IdentityProvider {
  readonly tenant: string;
  /** `idp_…`, with the tenant's own part in it; never reused. */
  readonly id: string;
  /** What the sign-in page calls it. */
  readonly name: string;
  /** Its issuer identifier, compared exactly. It never changes: links are by issuer and subject. */
  readonly issuer: string;
  /** Who we are there. The secret is kept elsewhere. */
  readonly clientId: string;
  readonly claimMapping: ClaimMapping;
  /** Lower-case domains, compared exactly: whose addresses make a user on first arrival. */
  readonly allowedEmailDomains: readonly string[];
  /** Whether someone who is not known yet becomes a user. */
  readonly createUsers: boolean;
  readonly roles: readonly NewUserRole[];
  readonly status: 'active' | 'disabled';
  /** Counts changes; each is conditional on the version it was decided on. */
  readonly version: number;
  /** ISO 8601, UTC, milliseconds. */
  readonly createdAt: string;
}

/** A new provider's id. */
export const newIdentityProviderId = (tenant: string, randomBytes: RandomBytes): string =>
  newTenantBoundId('idp', tenant, randomBytes);

/** The tenant of a provider's id, or undefined where the text is no such id. */
export const tenantOfIdentityProvider = (id: string): string | undefined => tenantOfBoundId('idp', id);

/** Where a provider sends browsers back to, one address for each, so that no answer is taken for another's. */
export const redirectUriOf = (issuer: string, { id }: Pick<IdentityProvider, 'id'>): string =>
  `${issuer}/upstream/${id}/callback`;

/** The most providers that a sign-in page offers. */
export const offeredAtMost = 50;

/** Reads providers; one that is being removed is not there. */
export interface IdentityProviderReader {
  get(tenant: string, id: string): Promise<IdentityProvider | undefined>;
  /** What the sign-in page offers, in the order of ids: the active ones, at most {@link offeredAtMost}. */
  active(tenant: string): Promise<readonly IdentityProvider[]>;
}

export interface IdentityProviderStore extends IdentityProviderReader {
  /** In the order of ids; `after` is the id of the last one seen. */
  list(
    tenant: string,
    page: { readonly limit: number; readonly after?: string },
  ): Promise<{ readonly items: readonly IdentityProvider[]; readonly last?: string }>;
  create(provider: IdentityProvider, event: AuditEvent): Promise<void>;
  /** @throws ConcurrentChange where `before` is no longer what is stored */
  update(before: IdentityProvider, after: IdentityProvider, event: AuditEvent): Promise<void>;
  /**
   * Takes it out of every answer and remembers that its secret and its links are to go. Again, once it is being removed:
   * nothing happens, so that a removal that broke off is taken up.
   *
   * @throws NotFound
   */
  beginRemoval(tenant: string, id: string, event: AuditEvent): Promise<void>;
  /** Forgets it: nothing of it is left. */
  finishRemoval(tenant: string, id: string): Promise<void>;
}

/** Keeps our client secrets at providers. */
export interface UpstreamSecrets {
  /** @throws DependencyUnavailable */
  read(provider: Pick<IdentityProvider, 'tenant' | 'id'>): Promise<string | undefined>;
}

export interface UpstreamSecretStore {
  create(provider: Pick<IdentityProvider, 'tenant' | 'id'>, secret: string): Promise<void>;
  replace(provider: Pick<IdentityProvider, 'tenant' | 'id'>, secret: string): Promise<void>;
  /** At once and for good; twice is once. */
  delete(provider: Pick<IdentityProvider, 'tenant' | 'id'>): Promise<void>;
}
