import type { DpopProofStore } from '../../entities/dpop-proof.ts';
import type { Clock } from '../../ports.ts';
import type { LiveToken } from '../access-token/status.ts';

/** A token as it was presented to what it opens (RFC 6750 §2.1, RFC 9449 §7.1). */
export interface PresentedToken {
  /** `dpop`: with a proof of having the key that the token is bound to. */
  readonly scheme: 'bearer' | 'dpop';
  readonly token: string;
  /** The one `DPoP` header, where there is one and no more. */
  readonly proof: string | undefined;
}

const authorizationForm = /^(Bearer|DPoP) +([^ ]+)$/i;

/**
 * The token in a request's headers (RFC 6750 §2.1, RFC 9449 §7.1), undefined where there is none.
 *
 * @param authorization the one `Authorization` header
 * @param proof the one `DPoP` header
 */
export function tokenInHeaders(
  authorization: string | undefined,
  proof: string | undefined,
): PresentedToken | undefined {
  const [, scheme, token] = authorizationForm.exec(authorization ?? '') ?? [];
  if (token === undefined) return undefined;
  return scheme?.toLowerCase() === 'dpop'
    ? { scheme: 'dpop', token, proof }
    : { scheme: 'bearer', token, proof: undefined };
}

/** What proofs are checked with. */
export interface PossessionServices {
  readonly proofs: DpopProofStore;
  readonly clock: Clock;
}

/** What a proof must name. */
interface Request {
  readonly method: string;
  /** Below the configured base URL, never below what the `Host` header says. */
  readonly url: string;
}

/**
 * Why the presenter of a live token has not proved to have the key that it is bound to, for the log (RFC 9449 §7);
 * undefined where they have, or where it is bound to none and presented as such.
 *
 * @param services absent where no bound tokens are accepted
 * @throws DependencyUnavailable where it could not be written down that the proof is used
 */
export async function faultOfPossession(
  { scheme, token, proof }: PresentedToken,
  { bearer, keyThumbprint }: LiveToken,
  { method, url }: Request,
  services: PossessionServices | undefined,
): Promise<string | undefined> {
  if (keyThumbprint === undefined) return scheme === 'dpop' ? 'a proof for a token without a key' : undefined;
  if (services === undefined) return 'bound tokens are not accepted here';
  // RFC 9449 §7.2: whoever stole it would leave the proof out.
  if (scheme === 'bearer') return 'a bound token without its proof';
  if (proof === undefined) return 'no DPoP proof, or several';
  const { proofs, clock } = services;
  // The library is loaded by the first request that brings a proof, and by no other.
  const { dpopProofLifeSeconds, verifyDpopProof } = await import('./proof.ts');
  const proved = await verifyDpopProof({ proof, method, url, accessToken: token, now: clock.now() });
  if ('fault' in proved) return proved.fault;
  if (proved.thumbprint !== keyThumbprint) return 'a DPoP proof of another key';
  const { jti, issuedAt } = proved;
  const use = { tenant: bearer.tenant, thumbprint: keyThumbprint, jti };
  return (await proofs.useOnce(use, issuedAt + dpopProofLifeSeconds)) ? undefined : 'DPoP proof used before';
}
