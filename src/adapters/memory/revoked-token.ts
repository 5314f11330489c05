import type { RevokedToken, RevokedTokenStore } from '../../entities/revoked-token.ts';

/** Revoked tokens kept for as long as the process runs; for tests and measurements. */
export interface RevokedTokensInMemory extends RevokedTokenStore {
  has(token: Pick<RevokedToken, 'tenant' | 'tokenId'>): boolean;
}

export function revokedTokensInMemory(): RevokedTokensInMemory {
  const revoked = new Set<string>();
  return {
    async revoke({ tenant, tokenId }) {
      revoked.add(`${tenant} ${tokenId}`);
    },
    has: ({ tenant, tokenId }) => revoked.has(`${tenant} ${tokenId}`),
  };
}
