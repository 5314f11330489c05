import type { LivenessReader } from '../../entities/liveness.ts';
import type { Key, Table } from './commands.ts';
import { parseSigningKey, signingKeyKey } from './deployment.ts';
import { integrationKey, parseIntegration } from './integration.ts';
import { revokedTokenKey } from './revoked-token.ts';

/** All that a token's life hangs on, in one strongly consistent BatchGetItem of exact keys. */
export function livenessReader(table: Table): LivenessReader {
  return {
    async read({ tenant, clientId, tokenId, kid }) {
      const integration = integrationKey(tenant, clientId);
      const revocation = revokedTokenKey(tenant, tokenId);
      const signingKey = kid === undefined ? undefined : signingKeyKey(kid);
      const items = await table.batchGet([integration, revocation, ...(signingKey ? [signingKey] : [])]);
      const under = (key: Key) => items.find((item) => item.pk === key.pk && item.sk === key.sk);

      const integrationItem = under(integration);
      const keyItem = signingKey && under(signingKey);
      return {
        ...(integrationItem && { integration: parseIntegration(integrationItem) }),
        revoked: under(revocation) !== undefined,
        ...(signingKey && { signingKey: keyItem ? parseSigningKey(keyItem).state : 'unknown' }),
      };
    },
  };
}
