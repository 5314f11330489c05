import { holds, type RightName } from '../api/rights.ts';
import type { Holdings } from '../entities/holdings.ts';
import { grantedRights, type Integration } from '../entities/integration.ts';
import type { ProjectReader } from '../entities/project.ts';
import type { AccessTokenClaims, ProjectAuthorization } from './access-token/claims.ts';
import { projectAuthorizations } from './access-token/issue.ts';
import type { TokenStatusServices } from './access-token/status.ts';
import { authenticateClient } from './client-authentication/authenticate.ts';
import type { AuthenticationPorts } from './client-authentication/method.ts';
import { publicClientCredential } from './client-authentication/none.ts';
import { endpointUrl } from './endpoint-urls.ts';
import { InvalidClient, InvalidRequest } from './errors.ts';
import { type ProtocolRequest, parseForm } from './form.ts';
import { type ActivePersonalAccessToken, type AnyLiveToken, anyTokenStatus } from './personal-access-token.ts';
import { type PresentedRefreshToken, parseRefreshToken, type RefreshTokenPorts } from './refresh-token.ts';
import { refreshTokenStatus } from './refresh-token-status.ts';
import { isIdentityScope } from './scope.ts';

/** What an active token is, and what it may do as held now (RFC 7662 §2.2, RFC 9396 §9.2). */
export interface ActiveIntrospection
  extends Pick<AccessTokenClaims, 'iss' | 'sub' | 'client_id' | 'iat' | 'exp' | 'jti' | 'tenant' | 'cnf'> {
  readonly active: true;
  /** `DPoP`: with `cnf`, and worth nothing without a proof of that key (RFC 9449 §6.2). */
  readonly token_type: 'Bearer' | 'DPoP';
  /** Absent of a personal access token, which any API takes for the rights in it. */
  readonly aud?: AccessTokenClaims['aud'];
  readonly scope?: string;
  readonly authorization_details?: readonly ProjectAuthorization[];
}

/** What a refresh token could be exchanged for now; its type is none of those that APIs take (RFC 7662 §2.2). */
export type ActiveRefresh = Omit<ActiveIntrospection, 'token_type' | 'aud' | 'iat' | 'jti'>;

export type Introspection = ActiveIntrospection | ActiveRefresh | { readonly active: false };

/** What introspection works with. */
export interface IntrospectionPorts extends AuthenticationPorts, RefreshTokenPorts {
  readonly status: TokenStatusServices;
  readonly projects: Pick<ProjectReader, 'getMany'>;
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
  const refreshToken = parseRefreshToken(token);
  if (refreshToken !== undefined) return introspectRefreshToken(refreshToken, integration, issuer, ports);
  const status = await anyTokenStatus(ports.status, token);
  if (!status.active || !mayKnow(integration, status)) return { active: false };
  return described(status, await heldNow(integration.tenant, status.rights, ports), issuer);
}

async function introspectRefreshToken(
  presented: PresentedRefreshToken,
  client: Integration,
  iss: string,
  ports: IntrospectionPorts,
): Promise<Introspection> {
  if (presented.tenant !== client.tenant) return { active: false };
  const found = await refreshTokenStatus(presented, { ...ports, liveness: ports.status.liveness });
  if (found === undefined) return { active: false };
  const { family, rights, expiresAt } = found;
  if (family.clientId !== client.clientId && !mayKnowOthers(client)) return { active: false };
  return {
    active: true,
    ...carried(family.scopes, await heldNow(client.tenant, rights, ports)),
    iss,
    sub: family.user?.id ?? family.clientId,
    client_id: family.clientId,
    exp: expiresAt,
    tenant: family.tenant,
    ...(family.keyThumbprint !== undefined && { cnf: { jkt: family.keyThumbprint } }),
  };
}

/** Tokens of the client's own and, with the right, of its tenant; a personal access token is its user's, and no client's. */
function mayKnow(integration: Integration, { bearer }: AnyLiveToken): boolean {
  if (bearer.tenant !== integration.tenant) return false;
  const isOwn = bearer.kind === 'access-token' && bearer.clientId === integration.clientId;
  return isOwn || mayKnowOthers(integration);
}

const mayKnowOthers = (integration: Integration) => holds(grantedRights(integration), introspectionRight);

/** Without what is held in projects that are gone: no token carries more projects than are read at once. */
async function heldNow(
  tenant: string,
  { global, byProject }: Holdings,
  { projects }: Pick<IntrospectionPorts, 'projects'>,
): Promise<Holdings> {
  const existing = new Set((await projects.getMany(tenant, Object.keys(byProject))).map(({ key }) => key));
  return { global, byProject: Object.fromEntries(Object.entries(byProject).filter(([key]) => existing.has(key))) };
}

function described(token: AnyLiveToken, rights: Holdings, iss: string): ActiveIntrospection {
  const { bearer, keyThumbprint } = token;
  return {
    active: true,
    token_type: keyThumbprint === undefined ? 'Bearer' : 'DPoP',
    ...carried(identityScopesOf(token), rights),
    iss,
    sub: bearer.subject,
    client_id: bearer.clientId,
    jti: bearer.tokenId,
    tenant: bearer.tenant,
    ...('claims' in token ? ownWords(token.claims) : timesOf(token)),
  };
}

/** What it may do, in the words of requests. */
function carried(scopes: readonly string[], rights: Holdings) {
  const scope = [...scopes, ...rights.global];
  const details = projectAuthorizations(rights);
  return {
    ...(scope.length > 0 && { scope: scope.join(' ') }),
    ...(details.length > 0 && { authorization_details: details }),
  };
}

/** What is in no table: an access token says it itself. */
function ownWords({ aud, iat, exp, cnf }: AccessTokenClaims) {
  return { aud, iat, exp, ...(cnf !== undefined && { cnf }) };
}

function timesOf({ personalAccessToken: { createdAt, expiresAt } }: ActivePersonalAccessToken) {
  return { iat: secondsOf(createdAt), exp: secondsOf(expiresAt) };
}

const secondsOf = (at: string) => Math.floor(Date.parse(at) / 1000);

function identityScopesOf(token: AnyLiveToken): readonly string[] {
  return 'claims' in token ? (token.claims.scope?.split(' ').filter(isIdentityScope) ?? []) : [];
}
