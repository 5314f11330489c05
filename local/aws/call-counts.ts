import type { ObservedCall } from './faults.ts';

/** How many calls each function made of each operation since the last reset, denied and failed ones included. */
export class CallCounts {
  readonly #counts = new Map<string, Map<string, number>>();

  record({ functionName, service, operation }: ObservedCall): void {
    const counts = this.#counts.get(functionName) ?? new Map<string, number>();
    const name = `${service}:${operation}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
    this.#counts.set(functionName, counts);
  }

  /** Calls by operation (`dynamodb:Query`), of one function, or of all together. */
  of(functionName?: string): Record<string, number> {
    const sums: Record<string, number> = {};
    for (const [name, counts] of this.#counts) {
      for (const [operation, count] of functionName === undefined || functionName === name ? counts : []) {
        sums[operation] = (sums[operation] ?? 0) + count;
      }
    }
    return sums;
  }

  reset(): void {
    this.#counts.clear();
  }
}
