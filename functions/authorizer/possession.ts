import type { APIGatewayRequestAuthorizerEvent } from 'aws-lambda';
import type { LiveToken } from '../../src/oauth/access-token/status.ts';
import {
  faultOfPossession as faultOfProof,
  type PresentedToken,
  type PossessionServices as ProofServices,
} from '../../src/oauth/dpop/possession.ts';

/** What proofs are checked with. */
export interface PossessionServices extends ProofServices {
  /** The origin of the API's configured base URL, for what a proof must name; never the `Host` header's. */
  readonly origin: string;
}

type Request = Pick<APIGatewayRequestAuthorizerEvent, 'httpMethod' | 'requestContext'>;

/**
 * Why the presenter of a live token has not proved to have the key that it is bound to: see `src/oauth/dpop`.
 *
 * @param services absent where the API accepts no bound tokens
 * @throws DependencyUnavailable where it could not be written down that the proof is used
 */
export function faultOfPossession(
  presented: PresentedToken,
  token: LiveToken,
  { httpMethod: method, requestContext }: Request,
  services: PossessionServices | undefined,
): Promise<string | undefined> {
  const url = `${services?.origin ?? ''}${requestContext.path}`;
  return faultOfProof(presented, token, { method, url }, services);
}
