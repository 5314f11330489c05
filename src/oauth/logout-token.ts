import type { Clock, JwtSigner } from '../ports.ts';

/** The `typ` header of a logout token (OIDC Back-Channel Logout 1.0 §2.4): nobody takes it for another kind of token. */
export const logoutTokenType = 'logout+jwt';

/** The member of `events` that makes a token a logout token (§2.4). */
const logoutEvent = 'http://schemas.openid.net/event/backchannel-logout';

/** Short, as §2.4 advises: it is made anew for each attempt. Seconds. */
const lifetimeSeconds = 120;

/** Whose session ended, and which client is told. */
export interface Logout {
  readonly issuer: string;
  readonly clientId: string;
  readonly userId: string;
  readonly sessionId: string;
}

/**
 * Signs a logout token (OIDC Back-Channel Logout 1.0 §2.4), never with a `nonce`. Its `jti` is the same at each attempt,
 * so that a client which was reached twice can tell.
 *
 * @param signer RS256, as for ID tokens (§2.6)
 * @throws DependencyUnavailable where it cannot be signed
 */
export function signLogoutToken(
  { issuer, clientId, userId, sessionId }: Logout,
  { clock, signer }: { readonly clock: Clock; readonly signer: JwtSigner },
): Promise<string> {
  const issuedAt = Math.floor(clock.now() / 1000);
  return signer.sign(
    { typ: logoutTokenType },
    {
      iss: issuer,
      sub: userId,
      aud: clientId,
      iat: issuedAt,
      exp: issuedAt + lifetimeSeconds,
      jti: `${sessionId}.${clientId}`,
      events: { [logoutEvent]: {} },
      sid: sessionId,
    },
  );
}
