import type { DpopProofStore } from '../../entities/dpop-proof.ts';

/** DPoP proofs kept for as long as the process runs; for tests and measurements. */
export function dpopProofsInMemory(): DpopProofStore {
  const used = new Set<string>();
  return {
    async useOnce({ tenant, thumbprint, jti }) {
      const key = JSON.stringify([tenant, thumbprint, jti]);
      if (used.has(key)) return false;
      used.add(key);
      return true;
    },
  };
}
