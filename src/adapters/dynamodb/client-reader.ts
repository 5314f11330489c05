import type { IntegrationReader } from '../../entities/integration.ts';
import type { Table } from './commands.ts';
import type { KeptDeployment } from './deployment.ts';
import { integrationKey, parseIntegration } from './integration.ts';
import { table as names } from './table.ts';

/**
 * Reads the client of a request, and in the same round trip whatever of the deployment's rows is due to be read again:
 * the one read that issuing a token costs. The deployment's first query runs beside it.
 */
export function clientReader(table: Table, deployment: KeptDeployment): IntegrationReader {
  return {
    async get(tenant, clientId) {
      const key = integrationKey(tenant, clientId);
      const due = deployment.dueKeys();
      const [items] = await Promise.all([table.batchGet([key, ...due]), deployment.current()]);
      deployment.accept(due, items);
      const item = items.find((found) => found[names.partitionKey] === key[names.partitionKey]);
      return item && parseIntegration(item);
    },
  };
}
