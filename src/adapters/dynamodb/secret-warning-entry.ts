import type { WarningDue } from '../../entities/secret-warning.ts';
import type { Item } from './commands.ts';
import { table as names, partitionKey } from './table.ts';

/**
 * The partition of the index in which integrations lie that have a secret to be warned of, of all tenants, in the order
 * of time. It takes a thousand changes a second.
 */
export const secretWarningPartition = partitionKey('integration', 'expiring');

/** The index entry of an integration's item. */
export function secretWarningEntry({ clientId, at }: WarningDue): Item {
  return { [names.index.partitionKey]: secretWarningPartition, [names.index.sortKey]: `${at}#${clientId}` };
}
