import { setImmediate as turn } from 'node:timers/promises';

/**
 * Who is at work on which item. Single-item writes wait for each other; a transaction shuts everyone else out of its
 * items, and whoever meets it is refused as DynamoDB refuses (Developer Guide, "Transaction conflict handling in
 * DynamoDB"). Nothing waits while it holds an item that another waits for, so there is no deadlock.
 */
export class ItemLocks {
  readonly #transactions = new Set<string>();
  readonly #writes = new Map<string, Promise<void>>();

  /** Whether a `TransactWriteItems` on this item is under way. */
  inTransaction(record: string): boolean {
    return this.#transactions.has(record);
  }

  /** Whether any write of this item is under way. */
  isBeingWritten(record: string): boolean {
    return this.#transactions.has(record) || this.#writes.has(record);
  }

  /** Runs `work` after every earlier write of this item. The caller has checked {@link inTransaction} in this turn. */
  async write<T>(record: string, work: () => Promise<T>): Promise<T> {
    const before = this.#writes.get(record);
    const result = before === undefined ? work() : before.then(work);
    const settled = result.then(ignore, ignore);
    this.#writes.set(record, settled);
    try {
      return await result;
    } finally {
      if (this.#writes.get(record) === settled) {
        this.#writes.delete(record);
      }
    }
  }

  /**
   * Runs `work` alone on these items, after the single writes that are under way. The caller has checked
   * {@link inTransaction} for each in this turn.
   */
  async transact<T>(records: readonly string[], work: () => Promise<T>): Promise<T> {
    for (const record of records) {
      this.#transactions.add(record);
    }
    try {
      await Promise.all(records.map((record) => this.#writes.get(record)));
      // In memory nothing takes time, and transactions sent at once would never meet as they do in the cloud.
      await turn();
      return await work();
    } finally {
      for (const record of records) {
        this.#transactions.delete(record);
      }
    }
  }
}

function ignore(): void {}
