import { nextWarning, type WarningFinder } from '../../entities/secret-warning.ts';
import type { Table } from './commands.ts';
import { integrationKey, parseIntegration } from './integration.ts';
import { secretWarningEntry, secretWarningPartition } from './secret-warning-entry.ts';

/** Integrations whose secrets are to be warned of, by the index: what it says may have been done meanwhile. */
export function secretWarnings(table: Table): WarningFinder {
  return {
    async due(now, { limit, after }) {
      const { items } = await table.query({
        index: true,
        partition: secretWarningPartition,
        // `~` stands after every sign of an id: what is due at this very moment is among them.
        to: `${new Date(now).toISOString()}~`,
        limit,
        ...(after && { after: { ...integrationKey(after.tenant, after.clientId), ...secretWarningEntry(after) } }),
      });
      return items.map(parseIntegration).flatMap((integration) => {
        const { tenant, clientId } = integration;
        const at = nextWarning(integration);
        return at === undefined ? [] : [{ tenant, clientId, at }];
      });
    },
  };
}
