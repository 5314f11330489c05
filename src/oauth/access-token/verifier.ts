import * as z from 'zod/mini';
import type { Clock } from '../../ports.ts';
import { type AccessTokenClaims, accessTokenType, generationOf } from './claims.ts';
import type { KeyRing, RingKey } from './key-ring.ts';
import { isSignatureOf } from './signature.ts';
import { VerifiedTokens } from './verified-tokens.ts';

/** A token whose signature, type and claims hold, and the key whose state is still to be looked at. */
export interface VerifiedToken {
  readonly claims: AccessTokenClaims;
  /** See `newTokenId`. */
  readonly generation: number;
  readonly key: RingKey;
}

/** Why a token does not verify: for the log; the client learns no more than `invalid_token`. */
export interface Unverified {
  readonly fault: string;
  /** The token, where nothing but its time has not come yet: not to be accepted, but there to be revoked. */
  readonly early?: VerifiedToken;
}

export interface AccessTokenVerifier {
  /**
   * Verifies a compact JWS (RFC 7515 §5.2, RFC 9068 §4). The state of its key is the caller's to decide on, and so is
   * the proof that a token with `cnf` is worth nothing without.
   *
   * @throws DependencyUnavailable where the keys could not be read
   */
  verify(token: string): Promise<VerifiedToken | Unverified>;
}

export interface VerifierOptions {
  readonly keys: KeyRing;
  readonly clock: Clock;
  readonly issuer: string;
  /** The API's own base URL, which `aud` must hold; `null` says: of any API, as only introspection may. */
  readonly audience: string | null;
}

/** How far clocks of this deployment may differ, in seconds; see {@link earlyClaim} for where it counts. */
const clockSkewSeconds = 30;

/** API Gateway takes headers of 10,240 bytes in all; nothing longer is worth a look. */
const maximumLength = 10_240;

const compactForm = /^([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)$/;

const headerForm = z.object({
  alg: z.string(),
  typ: z.string(),
  kid: z.string(),
  // No extension is understood here, so that a token that needs one is refused (RFC 7515 §4.1.11).
  crit: z.optional(z.never()),
});

const seconds = z.int().check(z.nonnegative());

const claimsForm = z.object({
  iss: z.string(),
  sub: z.string(),
  aud: z.union([z.string(), z.array(z.string())]),
  client_id: z.string(),
  iat: seconds,
  exp: seconds,
  nbf: z.optional(seconds),
  jti: z.string(),
  scope: z.optional(z.string()),
  authorization_details: z.optional(
    z.array(z.object({ type: z.literal('project'), identifier: z.string(), actions: z.array(z.string()) })),
  ),
  tenant: z.string(),
  cred: z.string(),
  fam: z.optional(z.string()),
  app: z.optional(z.string()),
  sid: z.optional(z.string()),
  // Bound to a key (RFC 9449 §6.1). Another way of being bound is not understood, and its proof not looked at.
  cnf: z.optional(z.strictObject({ jkt: z.string() })),
});

/** A verifier that remembers what it verified: signatures and claims, never what a token may do now. */
export function createAccessTokenVerifier(options: VerifierOptions): AccessTokenVerifier {
  const known = new VerifiedTokens();
  return {
    async verify(token) {
      const now = options.clock.now() / 1000;
      const recalled = known.recall(token, now);
      if (recalled !== undefined) return recalled;
      const verified = await verifyAnew(token, options, now);
      if (!('fault' in verified)) known.keep(token, verified);
      return verified;
    },
  };
}

async function verifyAnew(token: string, options: VerifierOptions, now: number): Promise<VerifiedToken | Unverified> {
  const parts = token.length <= maximumLength ? compactForm.exec(token) : null;
  if (parts === null) return { fault: 'not a compact JWS' };
  const [, header64 = '', claims64 = '', signature64 = ''] = parts;

  const header = z.safeParse(headerForm, jsonOf(header64));
  if (!header.success) return { fault: 'header' };
  if (header.data.typ.toLowerCase() !== accessTokenType) return { fault: 'typ' };
  const key = await options.keys.find(header.data.kid);
  if (key === undefined) return { fault: 'kid' };
  // The key says which algorithm it is for; the token's word is only compared (RFC 8725 §3.1).
  if (header.data.alg !== key.algorithm) return { fault: 'alg' };
  const input = Buffer.from(token.slice(0, header64.length + 1 + claims64.length), 'latin1');
  if (!isSignatureOf(key, input, Buffer.from(signature64, 'base64url'))) return { fault: 'signature' };

  const claims = z.safeParse(claimsForm, jsonOf(claims64));
  if (!claims.success) return { fault: 'claims' };
  const fault = faultOfAddress(claims.data, options);
  if (fault !== undefined) return { fault };
  if (claims.data.exp <= now) return { fault: 'exp' };
  const generation = generationOf(claims.data.jti);
  if (generation === undefined) return { fault: 'jti' };
  const verified = { claims: claims.data, generation, key };
  const early = earlyClaim(claims.data, now);
  return early === undefined ? verified : { fault: early, early: verified };
}

function faultOfAddress(claims: AccessTokenClaims, { issuer, audience }: VerifierOptions): string | undefined {
  if (claims.iss !== issuer) return 'iss';
  if (audience === null) return undefined;
  const { aud } = claims;
  const meant = typeof aud === 'string' ? aud === audience : aud.includes(audience);
  return meant ? undefined : 'aud';
}

/**
 * Which claim says that the token's time has not come. A clock running ahead makes such tokens; they are accepted within
 * the skew. `exp` has no such leeway: issuer and authorizer keep the same time, and a token that was revoked is
 * remembered no longer than it lives, so that a second of leeway would be a second in which revoked tokens work again.
 */
function earlyClaim({ iat, nbf }: { iat: number; nbf?: number | undefined }, now: number): 'iat' | 'nbf' | undefined {
  if (iat > now + clockSkewSeconds) return 'iat';
  if (nbf !== undefined && nbf > now + clockSkewSeconds) return 'nbf';
  return undefined;
}

function jsonOf(base64url: string): unknown {
  try {
    return JSON.parse(Buffer.from(base64url, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}
