import type { DpopProofStore } from '../../entities/dpop-proof.ts';
import type { Clock } from '../../ports.ts';
import { InvalidDpopProof, UseDpopNonce } from '../errors.ts';
import type { DpopNonces } from './nonces.ts';
import { type DpopProof, dpopProofLifeSeconds, verifyDpopProof } from './proof.ts';

export interface DpopPorts {
  readonly proofs: DpopProofStore;
  readonly nonces: DpopNonces;
}

/**
 * The proof that a token request brings (RFC 9449 §5), if it holds and has a nonce of ours; undefined where it brings
 * none. Nothing is written yet.
 *
 * @param headers the values of every `DPoP` header
 * @param url the token endpoint's
 * @throws InvalidDpopProof, UseDpopNonce, DependencyUnavailable
 */
export async function presentedProof(
  headers: readonly string[],
  url: string,
  { clock, nonces }: Pick<DpopPorts, 'nonces'> & { readonly clock: Clock },
): Promise<DpopProof | undefined> {
  const verified = await verifiedProof(headers, url, clock);
  if (verified === undefined) return undefined;
  if (verified.nonce === undefined || !(await nonces.isFresh(verified.nonce)))
    throw new UseDpopNonce('no nonce of ours', await nonces.current());
  return verified;
}

/**
 * The proof that a POST request brings, if it holds, whatever its nonce; undefined where it brings none.
 *
 * @throws InvalidDpopProof
 */
export async function verifiedProof(
  headers: readonly string[],
  url: string,
  clock: Clock,
): Promise<DpopProof | undefined> {
  const [proof, ...others] = headers;
  if (proof === undefined) return undefined;
  if (others.length > 0) throw new InvalidDpopProof('more than one proof');
  const verified = await verifyDpopProof({ proof, method: 'POST', url, now: clock.now() });
  if ('fault' in verified) throw new InvalidDpopProof(verified.fault);
  return verified;
}

/**
 * Uses the proof up, which writes: the last that is done before a grant decides.
 *
 * @throws InvalidDpopProof where it was used before
 */
export async function useProof(
  { thumbprint, jti, issuedAt }: DpopProof,
  tenant: string,
  { proofs }: Pick<DpopPorts, 'proofs'>,
): Promise<void> {
  const first = await proofs.useOnce({ tenant, thumbprint, jti }, issuedAt + dpopProofLifeSeconds);
  if (!first) throw new InvalidDpopProof('proof used before');
}
