import type { LivenessReader } from '../../entities/liveness.ts';
import type { AccessTokenClaims } from './claims.ts';
import { type EffectiveRights, effectiveRights } from './effective-rights.ts';
import type { KeyRing } from './key-ring.ts';
import { examine } from './liveness.ts';
import type { AccessTokenVerifier } from './verifier.ts';

/** A token that verifies and lives, with what it may do now. */
export interface ActiveToken {
  readonly active: true;
  readonly claims: AccessTokenClaims;
  readonly rights: EffectiveRights;
}

/** Any other. */
export interface InactiveToken {
  readonly active: false;
  /** For the log, never for the client: the check that failed. */
  readonly fault: string;
  /** The claims, where the token verified and something else killed it. */
  readonly claims?: AccessTokenClaims;
}

export interface TokenStatusServices {
  readonly verifier: AccessTokenVerifier;
  readonly keys: KeyRing;
  readonly liveness: LivenessReader;
}

/**
 * Whether a token may be accepted now, in at most one round trip once the keys are known: its signature from memory, all
 * that can kill it from the table.
 *
 * @throws DependencyUnavailable where keys or state could not be read: neither alive nor dead
 */
export async function tokenStatus(
  { verifier, keys, liveness }: TokenStatusServices,
  token: string,
): Promise<ActiveToken | InactiveToken> {
  const verified = await verifier.verify(token);
  if ('fault' in verified) return { active: false, fault: verified.fault };
  const { claims, key } = verified;
  const state = await liveness.read({
    tenant: claims.tenant,
    clientId: claims.client_id,
    tokenId: claims.jti,
    ...(!keys.mayTrustUnread(key) && { kid: key.kid }),
  });
  if (state.signingKey !== undefined) keys.note(key, state.signingKey);
  const found = examine(verified, state);
  if ('fault' in found) return { active: false, fault: found.fault, claims };
  return { active: true, claims, rights: effectiveRights(claims, found.integration) };
}
