import { createHash } from 'node:crypto';
import type { BatchOperation } from 'dynalite/db/index.js';
import { AwsError } from '../aws/service.ts';
import { prefixRange, type Store } from './store.ts';

/** How long a token keeps its transaction from being done again (TransactWriteItems, `ClientRequestToken`). */
const tokenLifetimeMilliseconds = 10 * 60 * 1000;
const tokenRecords = 'transaction-token~';

interface UsedToken {
  readonly contentHash: string;
  readonly expiresAt: number;
}

/**
 * The client request tokens of transactions that were done. They are stored with the transaction, in the same write, so
 * that a retry after a crash is told apart from a first try.
 */
export class IdempotencyTokens {
  readonly #store: Store;
  readonly #clock: () => number;
  readonly #inProgress = new Set<string>();

  constructor(store: Store, clock: () => number) {
    this.#store = store;
    this.#clock = clock;
  }

  /**
   * Runs `transaction` unless this token's was done within ten minutes. The transaction writes `tokenRecord` with its
   * own changes. The same token with other content is `IdempotentParameterMismatchException`; one whose transaction is
   * under way is `TransactionInProgressException`.
   */
  async once(
    token: string | undefined,
    content: unknown,
    transaction: (tokenRecord: readonly BatchOperation[]) => Promise<Record<string, unknown>>,
  ): Promise<Record<string, unknown>> {
    if (token === undefined) {
      return transaction([]);
    }
    if (this.#inProgress.has(token)) {
      throw new AwsError(
        'TransactionInProgressException',
        'The transaction with the given request token is already in progress.',
      );
    }
    this.#inProgress.add(token);
    try {
      const key = `${tokenRecords}${Buffer.from(token).toString('hex')}`;
      const contentHash = createHash('sha256')
        .update(JSON.stringify(sorted(content)))
        .digest('hex');
      const used = (await this.#store.level.get(key)) as UsedToken | undefined;
      if (used !== undefined && used.expiresAt > this.#clock()) {
        if (used.contentHash !== contentHash) {
          throw new AwsError(
            'IdempotentParameterMismatchException',
            'The request uses the same client token as a previous, but non-identical request.',
          );
        }
        return {};
      }
      const value: UsedToken = { contentHash, expiresAt: this.#clock() + tokenLifetimeMilliseconds };
      return await transaction([{ type: 'put', key, value }]);
    } finally {
      this.#inProgress.delete(token);
    }
  }

  /** Forgets tokens past their time. */
  async sweep(): Promise<void> {
    const expired: BatchOperation[] = [];
    for await (const [key, used] of this.#store.level.iterator(prefixRange(tokenRecords))) {
      if ((used as UsedToken).expiresAt <= this.#clock()) {
        expired.push({ type: 'del', key });
      }
    }
    await this.#store.write(expired);
  }
}

/** The same value with the members of every object in order, so that equal requests have equal JSON. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(sorted);
  }
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, member]) => [name, sorted(member)]),
    );
  }
  return value;
}
