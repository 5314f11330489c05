import type { Holdings } from '../../entities/holdings.ts';
import { projectGrantsLimit } from '../../entities/project-rights.ts';
import type { TokenFamily } from '../../entities/token-family.ts';
import { authorizationDetailsType } from '../authorization-details.ts';
import type { AuthenticatedClient } from '../client-authentication/authenticate.ts';
import { TooManyProjects } from '../errors.ts';
import type { GrantPorts, TokenAnswer, TokenSettings } from '../grants/grant.ts';
import type { TokenRights } from '../token-rights.ts';
import { type AccessTokenClaims, accessTokenType, newTokenId, type ProjectAuthorization } from './claims.ts';

/** Whom a token is for, and what it carries. */
export interface Issuance extends AuthenticatedClient {
  readonly rights: TokenRights;
  /** What the token descends from, and so the user that it acts for; absent: a client's own, without a refresh token. */
  readonly family?: TokenFamily | undefined;
  /** `openid`, `profile`, `email`, `offline_access` as far as they were granted. */
  readonly scopes?: readonly string[] | undefined;
  /** RFC 7638 thumbprint of the key that the token is bound to; default: the family's, if any (RFC 9449 §6.1). */
  readonly keyThumbprint?: string | undefined;
}

/**
 * Signs an access token (RFC 9068 §2) and answers it (RFC 6749 §5.1, RFC 9449 §5). Nothing is kept of it.
 *
 * @throws TooManyProjects where it would carry more than fits into a header, or into what its algorithm signs
 * @throws DependencyUnavailable where it cannot be signed
 */
export async function issueAccessToken(
  { integration, credential, rights, family, scopes = [], keyThumbprint = family?.keyThumbprint }: Issuance,
  { issuer, tokenLifetimeSeconds }: Pick<TokenSettings, 'issuer' | 'tokenLifetimeSeconds'>,
  { clock, randomUuid, signer }: Pick<GrantPorts, 'clock' | 'randomUuid' | 'signer'>,
): Promise<TokenAnswer> {
  const issuedAt = Math.floor(clock.now() / 1000);
  const [first, ...others] = rights.audience;
  const scope = [...scopes, ...rights.global];
  const details = projectAuthorizations(rights);
  if (JSON.stringify(details).length > projectGrantsLimit) throw new TooManyProjects('more than a header carries');
  const carried = {
    ...(scope.length > 0 && { scope: scope.join(' ') }),
    ...(details.length > 0 && { authorization_details: details }),
  };
  const claims: AccessTokenClaims = {
    iss: issuer,
    sub: family?.user?.id ?? integration.clientId,
    aud: first !== undefined && others.length === 0 ? first : rights.audience,
    client_id: integration.clientId,
    iat: issuedAt,
    exp: issuedAt + tokenLifetimeSeconds,
    jti: newTokenId(randomUuid, integration.tokenGeneration),
    ...carried,
    tenant: integration.tenant,
    cred: credential,
    ...(integration.application && { app: integration.application.id }),
    ...(family !== undefined && originOf(family)),
    ...(keyThumbprint !== undefined && { cnf: { jkt: keyThumbprint } }),
  };
  if (encodedLength(claims) > (signer.limit ?? Number.POSITIVE_INFINITY))
    throw new TooManyProjects('more than its algorithm signs');
  return {
    access_token: await signer.sign({ typ: accessTokenType }, { ...claims }),
    token_type: keyThumbprint === undefined ? 'Bearer' : 'DPoP',
    expires_in: tokenLifetimeSeconds,
    ...carried,
  };
}

/** What a header takes beside `typ`: `alg`, and a thumbprint as `kid`; in bytes, as it is encoded. */
const headerLength = 150;

/** Of what is signed, in bytes, at most (RFC 7515 §5.1). */
function encodedLength(claims: AccessTokenClaims): number {
  return headerLength + Math.ceil((Buffer.byteLength(JSON.stringify(claims)) * 4) / 3);
}

/** What the token names so that it dies with its family and, unless that is an offline one, with the session. */
function originOf({ id, user }: TokenFamily): Pick<AccessTokenClaims, 'fam' | 'sid'> {
  return { fam: id, ...(user?.sessionId !== undefined && !user.offline && { sid: user.sessionId }) };
}

/** Rights in single projects as `authorization_details` says them (RFC 9396 §2). */
export function projectAuthorizations({ byProject }: Holdings): readonly ProjectAuthorization[] {
  return Object.entries(byProject).map(([identifier, actions]) => {
    return { type: authorizationDetailsType, identifier, actions } as const;
  });
}
