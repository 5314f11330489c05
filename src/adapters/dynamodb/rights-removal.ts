import * as z from 'zod/mini';
import type { RightsRemoval } from '../../entities/rights-removal.ts';
import { once } from '../../once.ts';
import type { Item, Key } from './commands.ts';
import { table as names, partitionKey } from './table.ts';

/** Where it lies what is to be removed. */
export function rightsRemovalKey({ tenant, of, id }: Pick<RightsRemoval, 'tenant' | 'of' | 'id'>): Key {
  return { pk: partitionKey('rights-removal', tenant), sk: `${of.toUpperCase()}#${id}` };
}

/** The partition of the index in which all of it lies, of all tenants, the earliest first: there is never much. */
export const begunPartition = partitionKey('rights-removal');

/** The item of a removal; its attributes are the entity's members. */
export function rightsRemovalItem(removal: RightsRemoval): Item & Key {
  return {
    ...rightsRemovalKey(removal),
    ...removal,
    ...rightsRemovalEntry(removal),
  };
}

/** Its entry in the index, in the order in which they began. */
export function rightsRemovalEntry({ startedAt, id }: Pick<RightsRemoval, 'startedAt' | 'id'>): Item {
  return { [names.index.partitionKey]: begunPartition, [names.index.sortKey]: `${startedAt}#${id}` };
}

const stored = once(() =>
  z.object({
    tenant: z.string(),
    of: z.enum(['project', 'integration']),
    id: z.string(),
    startedAt: z.string(),
    by: z.string(),
  }),
);

/** The removal of an item read from {@link rightsRemovalKey}. */
export function parseRightsRemoval(item: Item): RightsRemoval {
  return z.parse(stored(), item);
}
