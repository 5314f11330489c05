import type { Consent } from './consent.ts';
import type { Integration } from './integration.ts';
import type { PersonalAccessToken } from './personal-access-token.ts';
import type { Session } from './session.ts';
import type { SigningKeyState } from './signing-key.ts';
import type { TenantStanding } from './tenant.ts';
import type { TokenFamily } from './token-family.ts';
import type { User } from './user.ts';

/** What the life of a token hangs on, besides its signature and its times: exact keys, read together. */
export interface LivenessQuery {
  readonly tenant: string;
  /** The signing key, where what is known of its state is too old to act on. */
  readonly kid?: string | undefined;
  /** The integration; for a personal access token, the one whose consent it hangs on. */
  readonly clientId: string;
  /** The `jti` of an access token. */
  readonly tokenId?: string | undefined;
  /** Where it descends from a token family (`fam`). */
  readonly familyId?: string | undefined;
  /** Where it acts for a user: that user, and their consent to the integration. */
  readonly userId?: string | undefined;
  /** Where it ends with a session (`sid`). */
  readonly sessionId?: string | undefined;
  /** The hash of a personal access token. */
  readonly personalAccessToken?: string | undefined;
  /** The application whose connection the integration is (`app`). */
  readonly applicationId?: string | undefined;
  /** Keys of the projects in which it matters what the integration holds. */
  readonly projects?: readonly string[] | undefined;
  /** The project that the request is about, in which nothing is held once it is gone. */
  readonly project?: string | undefined;
}

/** The integration's members that decide on its tokens. */
export type LiveIntegration = Pick<
  Integration,
  | 'status'
  | 'grantTypes'
  | 'rights'
  | 'projectGrants'
  | 'application'
  | 'tokenGeneration'
  | 'secrets'
  | 'jwks'
  | 'tokenEndpointAuthMethod'
>;

/** What holds now. What the query did not ask for is absent, as is what is not there. */
export interface LivenessState {
  /** Absent where there is no such tenant. */
  readonly tenant?: TenantStanding | undefined;
  /**
   * As it counts now under its tenant and its application, and with what it is granted in the projects that the query
   * names.
   */
  readonly integration?: LiveIntegration | undefined;
  /** Whether the project that the query is about exists; only where it is about one. */
  readonly projectExists?: boolean | undefined;
  /** Whether the token was revoked on its own. */
  readonly revoked: boolean;
  /** Only where the query named the key; `unknown` where it has no row. */
  readonly signingKey?: SigningKeyState | 'unknown' | undefined;
  readonly family?: TokenFamily | undefined;
  readonly user?: User | undefined;
  readonly consent?: Consent | undefined;
  readonly session?: Session | undefined;
  readonly personalAccessToken?: PersonalAccessToken | undefined;
}

/** Reads what a decision on a token needs. */
export interface LivenessReader {
  /**
   * One round trip, strongly consistent, by exact keys.
   *
   * @throws DependencyUnavailable where not all of it could be read: nothing may be decided on a part
   */
  read(query: LivenessQuery): Promise<LivenessState>;
}
