import type { AuditEventStore, RequestSource } from '../../entities/audit-event.ts';
import type { AuthorizationCodeStore } from '../../entities/authorization-code.ts';
import type { Deployment } from '../../entities/deployment.ts';
import type { DeviceAuthorizationStore } from '../../entities/device-authorization.ts';
import type { LivenessReader } from '../../entities/liveness.ts';
import type { RefusalLog } from '../../entities/refusal-log.ts';
import type { TokenFamilyStore } from '../../entities/token-family.ts';
import type { User } from '../../entities/user.ts';
import type { Clock, JwtSigner, RandomBytes, RandomUuid, SecretProtector } from '../../ports.ts';
import type { ProjectAuthorization } from '../access-token/claims.ts';
import type { AuthenticatedClient } from '../client-authentication/authenticate.ts';
import type { Form } from '../form.ts';
import type { ServerSettings } from '../metadata.ts';

/** What a grant is given: who asks, for what, and what it works with. */
export interface GrantRequest {
  readonly client: AuthenticatedClient;
  /** The {@link Grant.parameters} alone. */
  readonly form: Form;
  readonly deployment: Deployment;
  readonly settings: TokenSettings;
  readonly ports: GrantPorts;
  /** RFC 7638 thumbprint of the key that the request proved to have (RFC 9449 §5); absent where it proved none. */
  readonly keyThumbprint?: string | undefined;
  readonly source: RequestSource;
}

/** What the deployment decides about its tokens. */
export interface TokenSettings extends ServerSettings {
  readonly tokenLifetimeSeconds: number;
  /** Of a family, however often it is refreshed. */
  readonly refreshTokenLifetimeSeconds: number;
  /** Of a refresh token that nobody uses. */
  readonly refreshTokenIdleSeconds: number;
}

export interface GrantPorts {
  readonly clock: Clock;
  readonly randomUuid: RandomUuid;
  readonly randomBytes: RandomBytes;
  readonly signer: JwtSigner;
  /** Signs with RS256 whatever access tokens are signed with (OIDC Discovery §3). */
  readonly idTokenSigner: JwtSigner;
  /** Keeps the secrets of families. */
  readonly protector: SecretProtector;
  readonly families: TokenFamilyStore;
  readonly codes: AuthorizationCodeStore;
  readonly devices: DeviceAuthorizationStore;
  /** There where the stage names the legacy grant `password`, and nowhere else. */
  readonly passwords?: PasswordPorts | undefined;
  /** What a family hangs on: user, session, consent. */
  readonly liveness: LivenessReader;
}

/** What the legacy grant `password` works with besides. */
export interface PasswordPorts {
  /** Who it is, or why the password does not do: for the log. Attempts are counted by account and by address. */
  check(attempt: {
    readonly tenant: string;
    readonly username: string;
    readonly password: string;
    readonly address: string;
  }): Promise<CheckedPassword | { readonly fault: string; readonly userId?: string | undefined }>;
  readonly auditEvents: Pick<AuditEventStore, 'append'>;
  readonly refusals: RefusalLog;
}

/** A user whose password it is, and whom it is enough for. */
export interface CheckedPassword {
  readonly user: User;
  /** Whether the tenant is the operator's. */
  readonly operator: boolean;
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
  /** Where the integration may refresh. */
  readonly refresh_token?: string;
  /** Where `openid` was granted (OIDC Core §3.1.3.3). */
  readonly id_token?: string;
}

/** A way to obtain a token (RFC 6749 §1.3). Standing in the registry is being offered and named in the metadata. */
export interface Grant {
  /** The value of `grant_type`. */
  readonly grantType: string;
  /** The parameters that it is given, beside `grant_type` and those of client authentication, which it never sees. */
  readonly parameters: readonly string[];
  /** Given up by OAuth, and offered only where the stage names it (RFC 9700 §2.4). */
  readonly legacy?: true;
  /** @throws OAuthError, DependencyUnavailable */
  exchange(request: GrantRequest): Promise<TokenAnswer>;
}

/** Whether the deployment offers the grant: a legacy one that the stage does not name does not exist. */
export function isOffered({ grantType, legacy }: Grant, { legacyGrants }: ServerSettings): boolean {
  return legacy === undefined || legacyGrants.includes(grantType);
}
