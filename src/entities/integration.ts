import type { AcceptedApplication } from './application.ts';
import type { AuditEvent } from './audit-event.ts';
import type { EndpointChange, EndpointMarker } from './endpoint.ts';
import type { OutgoingEvent } from './outgoing-event.ts';
import type { ProjectGrants, ProjectRightsChange } from './project-rights.ts';
import type { SshKeyChange, SshKeyReference } from './ssh-key.ts';

/** What an integration asked for in one context, and what became of it. */
export interface RequestedRight {
  readonly state: 'pending' | 'granted' | 'declined' | 'revoked';
  readonly requestedBy: string;
  /** ISO 8601; absent of what was asked for before this was kept. */
  readonly requestedAt?: string | undefined;
  /**
   * In a project of a connection: the version that was accepted by then. What a later one asks for anew was not asked for
   * here; of the global context such rights go with the acceptance.
   */
  readonly acceptedVersion?: number | undefined;
  readonly decidedBy?: string;
  readonly decidedAt?: string;
  readonly comment?: string;
}

/** A client secret as it is kept: its hash to compare, and its ciphertext to be read again by an administrator. */
export interface ClientSecret {
  /** `sec_…`; the `cred` of the tokens that it obtains. */
  readonly id: string;
  /** SHA-256 of the whole secret, base64url. */
  readonly hash: string;
  /** The secret under the secret-protecting key; base64. Absent where the deployment lets nobody read it again. */
  readonly ciphertext?: string | undefined;
  readonly lastFour: string;
  readonly createdAt: string;
  /** ISO 8601; absent: until revoked. Running out ends authentication, not the tokens already obtained. */
  readonly expiresAt?: string;
  /** When it is still to be told that it will run out, ISO 8601, the earliest first. */
  readonly warnAt?: readonly string[] | undefined;
}

/** A public key registered for `private_key_jwt`, as the caller gave it (RFC 7517 §4), with a `kid` of its own. */
export type PublicJwk = Readonly<Record<string, unknown>> & { readonly kid: string; readonly kty: string };

/** `none`: a public client, which has nothing to prove itself with. */
export type TokenEndpointAuthMethod = 'client_secret_basic' | 'private_key_jwt' | 'none';

/** OIDC Dynamic Client Registration §2: what redirect URIs may look like hangs on it. */
export type ApplicationType = 'web' | 'native';

/** An app integration: an OAuth 2.0 client of one tenant, with the rights it asked for. */
export interface Integration {
  readonly tenant: string;
  readonly clientId: string;
  readonly name: string;
  readonly description?: string;
  readonly status: 'active' | 'disabled';
  /** The user whose token created it, else the client. */
  readonly owner: string;
  readonly grantTypes: readonly string[];
  readonly tokenEndpointAuthMethod: TokenEndpointAuthMethod;
  readonly jwks: readonly PublicJwk[];
  readonly applicationType: ApplicationType;
  /** Compared as strings, save the port of a native app's loopback address (RFC 8252 §7.3). */
  readonly redirectUris: readonly string[];
  /** Where a browser may be sent after signing out (OIDC RP-Initiated Logout §3.1). */
  readonly postLogoutRedirectUris: readonly string[];
  /** Told of each session that ends (OIDC Back-Channel Logout §2.2). */
  readonly backchannelLogoutUri?: string | undefined;
  /** Whether every token of it is bound to a key (RFC 9449 §5.2). */
  readonly dpopBoundAccessTokens: boolean;
  /** Whether its authorization requests must be pushed (RFC 9126 §6). */
  readonly requirePushedAuthorizationRequests: boolean;
  /**
   * Keys removed from `jwks` whose tokens may still be in circulation, until then (ISO 8601): another key under the same
   * `kid` would bring those tokens back to life.
   */
  readonly removedKeys?: readonly { readonly kid: string; readonly until: string }[] | undefined;
  /** Requested rights in the global context, by name. */
  readonly rights: Readonly<Record<string, RequestedRight>>;
  /** What is granted in single projects; absent: nothing was ever asked for in one. */
  readonly projectGrants?: ProjectGrants | undefined;
  /** The application whose connection it is. */
  readonly application?: AcceptedApplication | undefined;
  /** Where its app is told of what happens; absent: nowhere. */
  readonly endpoint?: EndpointMarker | undefined;
  readonly secrets: readonly ClientSecret[];
  /** Its SSH keys, as far as its deletion must know them; absent: none. */
  readonly sshKeys?: readonly SshKeyReference[] | undefined;
  /** When a credential was last added, or it was last changed who gets its tokens, and by whom; absent: never since. */
  readonly credentialsChanged?: CredentialsTouched | undefined;
  /** When a secret was last read again by who does not own it, and by whom; absent: never. */
  readonly credentialsSeen?: CredentialsTouched | undefined;
  /** Counts `revoke-tokens`: a token of an earlier generation is dead. */
  readonly tokenGeneration: number;
  readonly createdAt: string;
  /** Counts changes; each is conditional on the version it was decided on. */
  readonly version: number;
}

/** Since then, what the integration is granted may be in other hands than before. */
export interface CredentialsTouched {
  /** ISO 8601. */
  readonly at: string;
  /** The token's user, else its client. */
  readonly by: string;
}

/** The members of an integration that can do no more than obtain tokens for itself. */
export const machineOnly = {
  applicationType: 'web',
  redirectUris: [],
  postLogoutRedirectUris: [],
  dpopBoundAccessTokens: false,
  requirePushedAuthorizationRequests: false,
} as const satisfies Partial<Integration>;

/** What a list shows of an integration. */
export type IntegrationSummary = Pick<Integration, 'clientId' | 'name' | 'status' | 'createdAt'>;

/** The rights granted to the integration in the global context. */
export function grantedRights(integration: Pick<Integration, 'rights'>): string[] {
  return Object.entries(integration.rights)
    .filter(([, requested]) => requested.state === 'granted')
    .map(([name]) => name);
}

/**
 * Whether the integration could restore everything else in its tenant: it is active, obtains tokens for itself, holds
 * `integrations:manage` and `users:manage`, and has a credential that does not run out. A connection of an application
 * never counts: what it holds ends when the application's developer, or the platform operator, says so.
 */
export function isManager(integration: Integration): boolean {
  const granted = new Set(grantedRights(integration));
  const hasLastingCredential = {
    private_key_jwt: () => integration.jwks.length > 0,
    client_secret_basic: () => integration.secrets.some((secret) => secret.expiresAt === undefined),
    // It acts for users alone, and holds nothing without one.
    none: () => false,
  }[integration.tokenEndpointAuthMethod]();
  return (
    integration.status === 'active' &&
    integration.application === undefined &&
    integration.grantTypes.includes('client_credentials') &&
    granted.has('integrations:manage') &&
    granted.has('users:manage') &&
    hasLastingCredential
  );
}

/** Reads one integration; all that the token endpoint and introspection need. */
export interface IntegrationReader {
  /**
   * Strongly consistent: one read.
   *
   * @param projects keys of projects in which it matters what it holds, where what it holds is not listed; at most some 40
   */
  get(tenant: string, clientId: string, projects?: readonly string[]): Promise<Integration | undefined>;
}

/** What integrations are called, for lists of what hangs on them. */
export interface IntegrationNames {
  /** Names by client id of those that exist, in one read; at most 100. */
  of(tenant: string, clientIds: readonly string[]): Promise<ReadonlyMap<string, string>>;
}

/** What is written in the transaction of an integration's change besides the integration. */
export interface WrittenAlong {
  readonly events: readonly AuditEvent[];
  /** Of a connection: events for the log of its application's developer, as long as that tenant is not being removed. */
  readonly toDeveloper?: readonly AuditEvent[] | undefined;
  /** What its endpoint is told. */
  readonly outgoing?: readonly OutgoingEvent[] | undefined;
  /** Its endpoint; whoever gives or takes it gives the integration the marker that follows. */
  readonly endpoint?: EndpointChange | undefined;
  /** Its rights in single projects; whoever changes them gives the integration the `projectGrants` that follow. */
  readonly projects?: readonly ProjectRightsChange[] | undefined;
  /** An SSH key of it; whoever adds or removes one gives the integration the `sshKeys` that follow. */
  readonly sshKey?: SshKeyChange | undefined;
}

/**
 * Stores integrations: each change is one transaction with its audit events, the reservation of the name, and the lines
 * of what waits for a decision.
 */
export interface IntegrationStore extends IntegrationReader {
  /**
   * @throws Conflict where the name is taken in the tenant
   * @throws ConcurrentChange where the tenant is connected to its application by now
   * @throws NotFound where the tenant of its application's developer is being removed
   */
  create(integration: Integration, along: WrittenAlong): Promise<void>;
  /**
   * @throws ConcurrentChange where `before`, or a project's rights, are no longer what is stored
   * @throws Conflict where the new name, or the SSH key, is taken, or the tenant would lose its last manager
   * @throws NotFound where rights are granted or asked for in a project that is not there
   */
  update(before: Integration, after: Integration, along: WrittenAlong): Promise<void>;
  /** Removes the integration, its credentials and the reservation of its name; throws as {@link update}. */
  delete(before: Integration, along: WrittenAlong): Promise<void>;
  /** One page in the order of folded names; `after` is the folded name of the last item seen. */
  list(
    tenant: string,
    page: { readonly limit: number; readonly after?: string },
  ): Promise<{ readonly items: readonly IntegrationSummary[]; readonly last?: string }>;
}
