import type { RevokedTokenStore } from '../../entities/revoked-token.ts';
import type { Key, Table } from './commands.ts';
import { table as names, partitionKey } from './table.ts';

/** Where the revocation of one token stands; there is nothing where the token was not revoked on its own. */
export const revokedTokenKey = (tenant: string, tokenId: string): Key => ({
  pk: partitionKey('revoked-token', tenant, tokenId),
  sk: 'REVOKED_TOKEN',
});

/** The row outlives its token by this much: clocks of DynamoDB's and of an authorizer's may differ. Seconds. */
const clockMarginSeconds = 60;

/** Revoked tokens; DynamoDB removes each some time after its token has expired. */
export function revokedTokens(table: Table): RevokedTokenStore {
  return {
    async revoke({ tenant, tokenId, expiresAt }) {
      await table.put({ ...revokedTokenKey(tenant, tokenId), [names.timeToLive]: expiresAt + clockMarginSeconds });
    },
  };
}
