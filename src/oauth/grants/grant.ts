import type { Deployment } from '../../entities/deployment.ts';
import type { Clock, JwtSigner, RandomUuid } from '../../ports.ts';
import type { ProjectAuthorization } from '../access-token/claims.ts';
import type { AuthenticatedClient } from '../client-authentication/authenticate.ts';
import type { Form } from '../form.ts';

/** What a grant is given: who asks, for what, and what it works with. */
export interface GrantRequest {
  readonly client: AuthenticatedClient;
  /** The {@link Grant.parameters} alone. */
  readonly form: Form;
  readonly deployment: Deployment;
  readonly settings: TokenSettings;
  readonly ports: GrantPorts;
}

/** What the deployment decides about its tokens. */
export interface TokenSettings {
  readonly issuer: string;
  readonly tokenLifetimeSeconds: number;
}

export interface GrantPorts {
  readonly clock: Clock;
  readonly randomUuid: RandomUuid;
  readonly signer: JwtSigner;
}

/** A successful answer of the token endpoint (RFC 6749 §5.1, RFC 9396 §7). */
export interface TokenAnswer {
  readonly access_token: string;
  /** `DPoP`: bound to a key (RFC 9449 §5). */
  readonly token_type: 'Bearer' | 'DPoP';
  /** Seconds. */
  readonly expires_in: number;
  /** Absent where the token carries rights in single projects alone. */
  readonly scope?: string;
  readonly authorization_details?: readonly ProjectAuthorization[];
}

/** A way to obtain a token (RFC 6749 §1.3). Standing in the registry is being offered and named in the metadata. */
export interface Grant {
  /** The value of `grant_type`. */
  readonly grantType: string;
  /** The parameters that it is given, beside `grant_type` and those of client authentication, which it never sees. */
  readonly parameters: readonly string[];
  /** @throws OAuthError, DependencyUnavailable */
  exchange(request: GrantRequest): Promise<TokenAnswer>;
}
