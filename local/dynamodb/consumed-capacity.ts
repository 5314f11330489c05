import type { Item, Table } from 'dynalite/db/index.js';
import db from 'dynalite/db/index.js';

/** One item read or written, at its larger size. */
export interface Use {
  readonly table: Table;
  readonly item: Item | undefined;
}

/**
 * `ConsumedCapacity` of a request over several items, by table, where it was asked for. `factor` is 2 for transactions.
 * Writes to indexes are not counted.
 */
export function consumedCapacity(
  mode: unknown,
  kind: 'read' | 'write',
  factor: number,
  uses: readonly Use[],
): { readonly ConsumedCapacity?: readonly object[] } {
  if (mode !== 'TOTAL' && mode !== 'INDEXES') {
    return {};
  }
  const units = new Map<string, number>();
  for (const { table, item } of uses) {
    const added = factor * db.capacityUnits(item, kind === 'read', true);
    units.set(table.TableName, (units.get(table.TableName) ?? 0) + added);
  }
  return {
    ConsumedCapacity: [...units].map(([TableName, CapacityUnits]) => ({
      TableName,
      CapacityUnits,
      ...(mode === 'INDEXES' ? { Table: { CapacityUnits } } : {}),
    })),
  };
}
