import { createHash } from 'node:crypto';
import type { DpopProofStore } from '../../entities/dpop-proof.ts';
import { newId, type RandomBytes } from '../../entities/identifiers.ts';
import { ConditionFailed, isNew, type Key, type Table } from './commands.ts';
import { table as names, partitionKey } from './table.ts';

/** One item per proof, found by its key's thumbprint and `jti` alone. The `jti` is free text: its hash stands in the key. */
function proofKey(tenant: string, thumbprint: string, jti: string): Key {
  const hash = createHash('sha256').update(jti).digest('base64url');
  return { pk: partitionKey('dpop-proof', tenant, thumbprint, hash), sk: 'DPOP_PROOF' };
}

/** The row outlives its proof by this much: DynamoDB's clock may be ahead of the one that looks at `iat`. Seconds. */
const clockMarginSeconds = 60;

/** DPoP proofs that were used; DynamoDB removes them some time after they would have expired. */
export function dpopProofs(table: Table, randomBytes: RandomBytes): DpopProofStore {
  return {
    async useOnce({ tenant, thumbprint, jti }, expiresAt) {
      const use = newId('use', randomBytes);
      try {
        const row = { ...proofKey(tenant, thumbprint, jti), use };
        await table.put({ ...row, [names.timeToLive]: Math.ceil(expiresAt) + clockMarginSeconds }, isNew);
        return true;
      } catch (error) {
        // Where the answer of a first try was lost, the SDK's second one meets what this very call wrote.
        if (error instanceof ConditionFailed) return error.failures.get(0)?.use === use;
        throw error;
      }
    },
  };
}
