import type { IntegrationReader } from '../../entities/integration.ts';
import type { LivenessReader } from '../../entities/liveness.ts';
import type { SigningKeyReader } from '../../entities/signing-key.ts';
import type { RevokedTokensInMemory } from './revoked-token.ts';

/** Liveness over other things in memory; for tests and measurements. */
export function livenessInMemory(
  integrations: IntegrationReader,
  revokedTokens: RevokedTokensInMemory,
  signingKeys: SigningKeyReader,
): LivenessReader {
  return {
    async read({ tenant, clientId, tokenId, kid }) {
      const integration = await integrations.get(tenant, clientId);
      const key = kid === undefined ? undefined : (await signingKeys.list()).find((row) => row.kid === kid);
      return {
        tenant: { tenant, status: 'active', operator: false },
        ...(integration && { integration }),
        revoked: tokenId !== undefined && revokedTokens.has({ tenant, tokenId }),
        ...(kid !== undefined && { signingKey: key?.state ?? 'unknown' }),
      };
    },
  };
}
