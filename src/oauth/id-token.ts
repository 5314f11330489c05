import { createHash } from 'node:crypto';
import type { AuthenticationMethod } from '../entities/session.ts';
import type { FamilyUser } from '../entities/token-family.ts';
import type { Clock, JwtSigner } from '../ports.ts';

/** What an ID token says of the end-user and of how they signed in (OIDC Core §2). */
export interface IdTokenContents {
  readonly clientId: string;
  readonly user: Pick<FamilyUser, 'id' | 'sessionId' | 'authenticatedAt' | 'methods'>;
  /** Of the authorization request; absent after a refresh (OIDC Core §12.2). */
  readonly nonce?: string | undefined;
  /** The access token that goes with it: its hash binds the two (OIDC Core §3.1.3.6). */
  readonly accessToken?: string | undefined;
  /** Claims of the scopes `profile` and `email`; only where no access token opens userinfo (OIDC Core §5.4). */
  readonly userClaims?: Readonly<Record<string, unknown>> | undefined;
}

export interface IdTokenSettings {
  readonly issuer: string;
  readonly tokenLifetimeSeconds: number;
}

export interface IdTokenPorts {
  readonly clock: Clock;
  /** Signs with `idTokenAlgorithm`. */
  readonly idTokenSigner: JwtSigner;
}

/**
 * Signs an ID token (OIDC Core §2).
 *
 * @throws DependencyUnavailable where it cannot be signed
 */
export function issueIdToken(
  { clientId, user, nonce, accessToken, userClaims }: IdTokenContents,
  { issuer, tokenLifetimeSeconds }: IdTokenSettings,
  { clock, idTokenSigner }: IdTokenPorts,
): Promise<string> {
  const issuedAt = Math.floor(clock.now() / 1000);
  return idTokenSigner.sign(
    { typ: idTokenType },
    {
      ...userClaims,
      iss: issuer,
      sub: user.id,
      aud: clientId,
      iat: issuedAt,
      exp: issuedAt + tokenLifetimeSeconds,
      auth_time: Math.floor(Date.parse(user.authenticatedAt) / 1000),
      amr: user.methods,
      acr: contextClassOf(user.methods),
      ...(nonce !== undefined && { nonce }),
      ...(accessToken !== undefined && { at_hash: leftHalfHash(accessToken) }),
      ...(user.sessionId !== undefined && { sid: user.sessionId }),
    },
  );
}

/** The `typ` header of an ID token: neither an access token's nor a logout token's. */
export const idTokenType = 'JWT';

/** The claims of an ID token that say something of the user. */
export const idTokenClaims = ['sub', 'auth_time', 'amr', 'acr', 'sid'] as const;

/** Authentication assurance: one factor, or two of different kinds. */
export const contextClasses = ['aal1', 'aal2'] as const;

/** What each method proves: something known, something had, or what an upstream provider vouches for. */
const kindsOf: Readonly<Record<AuthenticationMethod, readonly string[]>> = {
  pwd: ['knowledge'],
  otp: ['possession'],
  rec: ['possession'],
  // A passkey is used with the user verified by their device.
  hwk: ['possession', 'verification'],
  fed: ['federation'],
};

/** The `acr` of somebody who signed in by these methods (OIDC Core §2). */
export function contextClassOf(methods: readonly AuthenticationMethod[]): (typeof contextClasses)[number] {
  return new Set(methods.flatMap((method) => kindsOf[method])).size >= 2 ? 'aal2' : 'aal1';
}

/** `at_hash` with RS256: the left half of the token's SHA-256 (OIDC Core §3.1.3.6). */
function leftHalfHash(token: string): string {
  return createHash('sha256').update(token, 'ascii').digest().subarray(0, 16).toString('base64url');
}
