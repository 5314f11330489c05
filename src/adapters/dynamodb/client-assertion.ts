import { createHash } from 'node:crypto';
import type { ClientAssertionStore } from '../../entities/client-assertion.ts';
import { newId, type RandomBytes } from '../../entities/identifiers.ts';
import { ConditionFailed, isNew, type Key, type Table } from './commands.ts';
import { table as names, partitionKey } from './table.ts';

/** One item per assertion, found by its client and `jti` alone. The `jti` is free text: its hash stands in the key. */
function assertionKey(tenant: string, clientId: string, jti: string): Key {
  const hash = createHash('sha256').update(jti).digest('base64url');
  return { pk: partitionKey('client-assertion', tenant, clientId, hash), sk: 'ASSERTION' };
}

/** The row outlives its assertion by this much: DynamoDB's clock may be ahead of the one that looks at `exp`. Seconds. */
const clockMarginSeconds = 60;

/** Client assertions that were used; DynamoDB removes them some time after they would have expired. */
export function clientAssertions(table: Table, randomBytes: RandomBytes): ClientAssertionStore {
  return {
    async useOnce({ tenant, clientId, jti }, expiresAt) {
      const use = newId('use', randomBytes);
      try {
        const row = { ...assertionKey(tenant, clientId, jti), use };
        await table.put({ ...row, [names.timeToLive]: expiresAt + clockMarginSeconds }, isNew);
        return true;
      } catch (error) {
        // Where the answer of a first try was lost, the SDK's second one meets what this very call wrote.
        if (error instanceof ConditionFailed) return error.failures.get(0)?.use === use;
        throw error;
      }
    },
  };
}
