import * as z from 'zod/mini';
import { type CredentialUseStore, type CredentialUses, usesAfter } from '../../entities/credential-use.ts';
import { once } from '../../once.ts';
import { type Condition, ConditionFailed, type Item, isNew, type Key, type Table } from './commands.ts';
import { partitionKey } from './table.ts';

/** Where the uses of an integration's credentials lie: not in its item, whose versions are its changes. */
export function credentialUsesKey(tenant: string, clientId: string): Key {
  return { pk: partitionKey('credential-use', tenant, clientId), sk: 'CREDENTIAL_USE' };
}

const stored = once(() =>
  z.object({
    tenant: z.string(),
    clientId: z.string(),
    uses: z.array(z.object({ credential: z.string(), at: z.string() })),
    version: z.number(),
  }),
);

/** The uses of an item read from {@link credentialUsesKey}. */
export const parseCredentialUses = (item: Item): CredentialUses => z.parse(stored(), item);

function unchangedSince(known: CredentialUses | undefined): Condition {
  return known === undefined ? isNew : { expression: 'version = :version', values: { ':version': known.version } };
}

/** How often a use is noted anew where others of the same integration are noted at the same moment. */
const tries = 3;

/** Uses of credentials in the table. */
export function credentialUses(table: Table): CredentialUseStore {
  return {
    async get(tenant, clientId) {
      const item = await table.get(credentialUsesKey(tenant, clientId));
      return item && parseCredentialUses(item);
    },

    async note(client, credential, now) {
      let known = client.credentialUses;
      for (let attempt = 0; attempt < tries; attempt++) {
        const after = usesAfter(known, client, credential, now);
        if (after === undefined) return;
        try {
          await table.put({ ...credentialUsesKey(client.tenant, client.clientId), ...after }, unchangedSince(known));
          return;
        } catch (error) {
          if (!(error instanceof ConditionFailed)) throw error;
          const evidence = error.failures.get(0);
          known = evidence && parseCredentialUses(evidence);
        }
      }
      // Lost every time to notes of the integration's other credentials: the next use within the hour notes it.
    },
  };
}
