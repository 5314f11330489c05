import { ConcurrentChange } from '../../entities/errors.ts';
import { hourOf } from '../../entities/hour.ts';
import { ConditionFailed, type Key, type Table } from './commands.ts';

/**
 * Notes in an item's `lastUsedAt` that it was used at `now`: one write in an hour at most, however often and by however
 * many it is used.
 *
 * @param lastUsedAt as it was read; nothing is written where it says this hour already
 */
export async function noteLastUse(table: Table, key: Key, lastUsedAt: string | undefined, now: number): Promise<void> {
  const at = hourOf(now);
  if (lastUsedAt === at) return;
  try {
    await table.transact([
      {
        update: key,
        expression: 'SET lastUsedAt = :at',
        values: { ':at': at },
        condition: { expression: 'attribute_exists(pk) AND (attribute_not_exists(lastUsedAt) OR lastUsedAt < :at)' },
      },
    ]);
  } catch (error) {
    // Revoked meanwhile: there is nothing to note it on, and nothing may come to stand there. Or another is noting it.
    if (!(error instanceof ConditionFailed || error instanceof ConcurrentChange)) throw error;
  }
}
