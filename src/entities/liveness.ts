import type { Integration } from './integration.ts';
import type { SigningKeyState } from './signing-key.ts';

/** What the life of a token hangs on, besides its signature and its times. */
export interface LivenessQuery {
  readonly tenant: string;
  readonly clientId: string;
  readonly tokenId: string;
  /** The signing key, where what is known of its state is too old to act on. */
  readonly kid?: string;
}

/** The integration's members that decide on its tokens. */
export type LiveIntegration = Pick<
  Integration,
  'status' | 'grantTypes' | 'rights' | 'tokenGeneration' | 'secrets' | 'jwks'
>;

/** What holds now. */
export interface LivenessState {
  /** Absent: deleted, or never there. */
  readonly integration?: LiveIntegration;
  /** Whether the token was revoked on its own. */
  readonly revoked: boolean;
  /** Only where the query named the key; `unknown` where it has no row. */
  readonly signingKey?: SigningKeyState | 'unknown';
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
