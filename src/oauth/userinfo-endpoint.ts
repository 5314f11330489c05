import { dpopAlgorithms } from '../api/dpop-algorithms.ts';
import { type ActiveToken, type TokenStatusServices, tokenStatus } from './access-token/status.ts';
import { faultOfPossession, type PossessionServices, type PresentedToken, tokenInHeaders } from './dpop/possession.ts';
import { endpointUrl } from './endpoint-urls.ts';
import { InsufficientScope, InvalidRequest, InvalidToken } from './errors.ts';
import { type FormRequest, isForm, parseForm } from './form.ts';
import { userClaims } from './user-claims.ts';

/** What userinfo works with. */
export interface UserinfoPorts {
  /** Its verifier accepts tokens whose `aud` holds the issuer. */
  readonly status: TokenStatusServices;
  /** Absent where no tokens are bound to a key. */
  readonly possession?: PossessionServices | undefined;
}

export interface UserinfoRequest extends FormRequest {
  readonly method: string;
}

/**
 * The userinfo endpoint (OIDC Core §5.3): what the token's scopes open of the user, as they are now. Everything that can
 * kill the token is looked at in one round trip, which brings the user along.
 *
 * @throws InvalidToken, InsufficientScope, InvalidRequest, DependencyUnavailable
 */
export async function userinfo(
  http: UserinfoRequest,
  issuer: string,
  ports: UserinfoPorts,
): Promise<Readonly<Record<string, unknown>>> {
  const { claims, user } = await acceptedToken(http, issuer, ports);
  const scopes = claims.scope?.split(' ') ?? [];
  if (!scopes.includes('openid') || user === undefined) throw new InsufficientScope('no openid', 'openid');
  return { sub: user.id, ...userClaims(user, scopes) };
}

async function acceptedToken(http: UserinfoRequest, issuer: string, ports: UserinfoPorts): Promise<ActiveToken> {
  const { status, possession } = ports;
  const presented = presentedToken(http);
  if (presented === undefined) throw new InvalidToken('no token', challenge(possession));
  const token = await tokenStatus(status, presented.token);
  if (!token.active) throw new InvalidToken(token.fault, challenge(possession, 'invalid_token'));
  const request = { method: http.method, url: endpointUrl(issuer, 'userinfo') };
  const fault = await faultOfPossession(presented, token, request, possession);
  if (fault !== undefined) throw new InvalidToken(fault, challenge(possession, 'invalid_token'));
  return token;
}

/** In the header, or in a form (RFC 6750 §2.2); in both places at once, nothing is clear. */
function presentedToken({ method, authorization, dpop = [], ...http }: UserinfoRequest): PresentedToken | undefined {
  const inForm = method === 'POST' && isForm(http.contentType) ? parseForm(http).get('access_token') : undefined;
  if (authorization !== undefined && inForm !== undefined) throw new InvalidRequest('two tokens');
  if (inForm !== undefined) return { scheme: 'bearer', token: inForm, proof: undefined };
  return tokenInHeaders(authorization, dpop.length === 1 ? dpop[0] : undefined);
}

/** The schemes that are understood here (RFC 6750 §3, RFC 9449 §7.1). */
function challenge(possession: PossessionServices | undefined, error?: 'invalid_token'): string {
  const fault = error === undefined ? 'realm="latchkey"' : `error="${error}"`;
  const bearer = `Bearer ${fault}`;
  return possession === undefined ? bearer : `${bearer}, DPoP ${fault}, algs="${dpopAlgorithms.join(' ')}"`;
}
