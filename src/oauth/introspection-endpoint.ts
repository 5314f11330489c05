import { holds, type RightName } from '../api/rights.ts';
import { grantedRights, type Integration } from '../entities/integration.ts';
import type { AccessTokenClaims, ProjectAuthorization } from './access-token/claims.ts';
import { type ActiveToken, type TokenStatusServices, tokenStatus } from './access-token/status.ts';
import { authorizationDetailsType } from './authorization-details.ts';
import { authenticateClient } from './client-authentication/authenticate.ts';
import type { AuthenticationPorts } from './client-authentication/method.ts';
import { publicClientCredential } from './client-authentication/none.ts';
import { endpointUrl } from './endpoint-urls.ts';
import { InvalidClient, InvalidRequest } from './errors.ts';
import { type ProtocolRequest, parseForm } from './form.ts';

/** What an active token is, and what it may do as held now (RFC 7662 §2.2, RFC 9396 §9.2). */
export interface ActiveIntrospection
  extends Pick<AccessTokenClaims, 'iss' | 'sub' | 'aud' | 'client_id' | 'iat' | 'exp' | 'jti' | 'tenant'> {
  readonly active: true;
  readonly token_type: 'Bearer';
  readonly scope?: string;
  readonly authorization_details?: readonly ProjectAuthorization[];
}

export type Introspection = ActiveIntrospection | { readonly active: false };

/** What introspection works with. */
export interface IntrospectionPorts extends AuthenticationPorts {
  readonly status: TokenStatusServices;
}

/** With it, a client introspects tokens of its tenant that are not its own. */
const introspectionRight: RightName = 'tokens:introspect';

/**
 * The introspection endpoint (RFC 7662 §2). Whatever is not active, or not the caller's to know of, is one answer.
 *
 * @throws OAuthError, DependencyUnavailable
 */
export async function introspect(
  http: ProtocolRequest,
  issuer: string,
  ports: IntrospectionPorts,
): Promise<Introspection> {
  const form = parseForm(http);
  const token = form.get('token');
  if (token === undefined) throw new InvalidRequest('no token');
  const endpoint = { issuer, url: endpointUrl(issuer, 'introspect') };
  const { integration, credential } = await authenticateClient({ http, form, endpoint }, ports);
  // RFC 7662 §2.1: what a token is worth is told to nobody who proves nothing.
  if (credential === publicClientCredential) throw new InvalidClient('public client', http);
  const status = await tokenStatus(ports.status, token);
  return status.active && mayKnow(integration, status.claims) ? described(status) : { active: false };
}

function mayKnow(integration: Integration, { tenant, client_id }: AccessTokenClaims): boolean {
  if (tenant !== integration.tenant) return false;
  return client_id === integration.clientId || holds(grantedRights(integration), introspectionRight);
}

function described({ claims, rights }: ActiveToken): ActiveIntrospection {
  const { iss, sub, aud, client_id, iat, exp, jti, tenant } = claims;
  const details = Object.entries(rights.byProject).map(([identifier, actions]) => {
    return { type: authorizationDetailsType, identifier, actions } as const;
  });
  return {
    active: true,
    token_type: 'Bearer',
    ...(rights.global.length > 0 && { scope: rights.global.join(' ') }),
    ...(details.length > 0 && { authorization_details: details }),
    iss,
    sub,
    aud,
    client_id,
    iat,
    exp,
    jti,
    tenant,
  };
}
