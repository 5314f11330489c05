import type { AuthenticatedClient } from '../client-authentication/authenticate.ts';
import type { GrantPorts, TokenAnswer, TokenSettings } from '../grants/grant.ts';
import type { TokenRights } from '../token-rights.ts';
import { type AccessTokenClaims, accessTokenType, newTokenId } from './claims.ts';

/** Whom a token is for, and what it carries. */
export interface Issuance extends AuthenticatedClient {
  /** The user, or the client where it acts for itself. */
  readonly subject: string;
  readonly rights: TokenRights;
}

/**
 * Signs an access token (RFC 9068 §2) and answers it (RFC 6749 §5.1). Nothing is kept of it.
 *
 * @throws DependencyUnavailable where it cannot be signed
 */
export async function issueAccessToken(
  { integration, credential, subject, rights }: Issuance,
  { issuer, tokenLifetimeSeconds }: TokenSettings,
  { clock, randomUuid, signer }: GrantPorts,
): Promise<TokenAnswer> {
  const issuedAt = Math.floor(clock.now() / 1000);
  const [first, ...others] = rights.audience;
  const carried = {
    ...(rights.scope.length > 0 && { scope: rights.scope.join(' ') }),
    ...(rights.authorizationDetails.length > 0 && { authorization_details: rights.authorizationDetails }),
  };
  const claims: AccessTokenClaims = {
    iss: issuer,
    sub: subject,
    aud: first !== undefined && others.length === 0 ? first : rights.audience,
    client_id: integration.clientId,
    iat: issuedAt,
    exp: issuedAt + tokenLifetimeSeconds,
    jti: newTokenId(randomUuid, integration.tokenGeneration),
    ...carried,
    tenant: integration.tenant,
    cred: credential,
  };
  return {
    access_token: await signer.sign({ typ: accessTokenType }, { ...claims }),
    token_type: 'Bearer',
    expires_in: tokenLifetimeSeconds,
    ...carried,
  };
}
