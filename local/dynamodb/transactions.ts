import type { Item } from 'dynalite/db/index.js';
import { AwsError } from '../aws/service.ts';
import { consumedCapacity } from './consumed-capacity.ts';
import { validationException } from './dynalite-error.ts';
import type { IdempotencyTokens } from './idempotency.ts';
import type { ItemLocks } from './item-locks.ts';
import { itemBytes } from './item-rules.ts';
import type { Store } from './store.ts';
import { parseTransactWrite, type TransactionAction } from './transaction-requests.ts';
import { conditionHolds, planWrite, type WritePlan } from './write-plan.ts';

/** Bytes of all items of a transaction at most. */
export const maxTransactionBytes = 4 * 1024 * 1024;

/** Why one action of a transaction was not done; `None` for those that would have been. */
export interface CancellationReason {
  readonly Code: 'None' | 'ConditionalCheckFailed' | 'ValidationError' | 'TransactionConflict';
  readonly Message?: string;
  readonly Item?: Item;
}

const none: CancellationReason = { Code: 'None' };
export const conflict: CancellationReason = {
  Code: 'TransactionConflict',
  Message: 'Transaction is ongoing for the item',
};

/**
 * TransactWriteItems: every action or none, in one write of the database together with its token. Anything that keeps
 * one action from being done is a `TransactionCanceledException` whose reasons stand in the order of the actions.
 */
export async function transactWriteItems(
  store: Store,
  locks: ItemLocks,
  tokens: IdempotencyTokens,
  input: unknown,
): Promise<Record<string, unknown>> {
  const { actions, token, content, capacityMode } = parseTransactWrite(store, input);
  return tokens.once(token, content, async (tokenRecord) => {
    const reasons = actions.map(({ request }) => (locks.inTransaction(request.record) ? conflict : none));
    assertDoable(reasons);
    const written = await locks.transact(
      actions.map(({ request }) => request.record),
      () => apply(store, actions, tokenRecord),
    );
    return consumedCapacity(
      capacityMode,
      'write',
      2,
      actions.map(({ request }, place) => ({ table: request.table, item: written[place] })),
    );
  });
}

async function apply(
  store: Store,
  actions: readonly TransactionAction[],
  tokenRecord: Parameters<Store['write']>[0],
): Promise<readonly (Item | undefined)[]> {
  const existing = await store.items(actions.map(({ request }) => request.record));
  const outcomes = await Promise.all(actions.map((action, place) => outcome(action, existing[place])));
  assertDoable(outcomes.map(({ reason }) => reason));
  const items = outcomes.map(({ plan }, place) => plan?.item ?? existing[place]);
  const bytes = items.reduce((sum, item) => sum + sizeOf(item), 0);
  if (bytes > maxTransactionBytes) {
    throw validationException('Transaction request cannot include items larger than 4 MB in total');
  }
  const plans = outcomes.flatMap(({ plan }) => plan ?? []);
  await store.write(
    [...plans.flatMap(({ operations }) => operations), ...tokenRecord],
    plans.map(({ change }) => change),
  );
  return items;
}

async function outcome(
  { request, checkOnly }: TransactionAction,
  existing: Item | undefined,
): Promise<{ reason: CancellationReason; plan?: WritePlan }> {
  if (!conditionHolds(request, existing)) {
    const reason = { Code: 'ConditionalCheckFailed', Message: 'The conditional request failed' } as const;
    return { reason: request.itemOnFailure && existing !== undefined ? { ...reason, Item: existing } : reason };
  }
  if (checkOnly) {
    return { reason: none };
  }
  try {
    return { reason: none, plan: await planWrite(request.table, request, existing) };
  } catch (error) {
    if (error instanceof AwsError && error.code === 'ValidationException') {
      return { reason: { Code: 'ValidationError', Message: error.message } };
    }
    throw error;
  }
}

/** Throws `TransactionCanceledException` unless every reason is `None`. */
export function assertDoable(reasons: readonly CancellationReason[]): void {
  if (reasons.some(({ Code }) => Code !== 'None')) {
    throw new AwsError(
      'TransactionCanceledException',
      `Transaction cancelled, please refer cancellation reasons for specific reasons [${reasons.map(({ Code }) => Code).join(', ')}]`,
      400,
      { CancellationReasons: reasons },
    );
  }
}

function sizeOf(item: Item | undefined): number {
  return item === undefined ? 0 : itemBytes(item);
}
