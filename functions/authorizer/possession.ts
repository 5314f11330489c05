import type { APIGatewayRequestAuthorizerEvent } from 'aws-lambda';
import type { DpopProofStore } from '../../src/entities/dpop-proof.ts';
import type { LiveToken } from '../../src/oauth/access-token/status.ts';
import type { Clock } from '../../src/ports.ts';
import type { PresentedToken } from './presented-token.ts';

/** What proofs are checked with. */
export interface PossessionServices {
  readonly proofs: DpopProofStore;
  readonly clock: Clock;
  /** The origin of the API's configured base URL, for what a proof must name; never the `Host` header's. */
  readonly origin: string;
}

type Request = Pick<APIGatewayRequestAuthorizerEvent, 'httpMethod' | 'requestContext'>;

/**
 * Why the presenter of a live token has not proved to have the key that it is bound to, for the log (RFC 9449 §7);
 * undefined where they have, or where it is bound to none and presented as such.
 *
 * @param services absent where the API accepts no bound tokens
 * @throws DependencyUnavailable where it could not be written down that the proof is used
 */
export async function faultOfPossession(
  presented: PresentedToken,
  { bearer, keyThumbprint }: LiveToken,
  { httpMethod: method, requestContext }: Request,
  services: PossessionServices | undefined,
): Promise<string | undefined> {
  if (keyThumbprint === undefined) return presented.scheme === 'dpop' ? 'a proof for a token without a key' : undefined;
  if (services === undefined) return 'bound tokens are not accepted here';
  // RFC 9449 §7.2: whoever stole it would leave the proof out.
  if (presented.scheme === 'bearer') return 'a bound token without its proof';
  const { token, proof } = presented;
  if (proof === undefined) return 'no DPoP proof, or several';
  const { proofs, clock, origin } = services;
  // The library is loaded by the first request that brings a proof, and by no other.
  const { dpopProofLifeSeconds, verifyDpopProof } = await import('../../src/oauth/dpop/proof.ts');
  const url = `${origin}${requestContext.path}`;
  const proved = await verifyDpopProof({ proof, method, url, accessToken: token, now: clock.now() });
  if ('fault' in proved) return proved.fault;
  if (proved.thumbprint !== keyThumbprint) return 'a DPoP proof of another key';
  const { jti, issuedAt } = proved;
  const use = { tenant: bearer.tenant, thumbprint: keyThumbprint, jti };
  return (await proofs.useOnce(use, issuedAt + dpopProofLifeSeconds)) ? undefined : 'DPoP proof used before';
}
