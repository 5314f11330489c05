/** What a test makes go wrong with the next calls that match; members left out match every call. */
export interface Fault {
  /** Signing name: `dynamodb`, `kms`, `secretsmanager`. */
  readonly service?: string;
  readonly operation?: string;
  readonly functionName?: string;
  /** How many matching calls go through unharmed first; 0 by default. */
  readonly after?: number;
  /** How many calls are then struck; 1 by default. */
  readonly times?: number;
  /** Waits this long before anything else. */
  readonly delayMilliseconds?: number;
  /**
   * An error in place of the call; `drop` cuts the connection before the call, `drop-after-call` when it is done,
   * so that its effect stays and its answer is lost; a function answers in place of the service, given the request;
   * left out, the call proceeds (after the delay).
   */
  readonly answer?:
    | { readonly code: string; readonly status: number; readonly message?: string }
    | 'drop'
    | 'drop-after-call'
    | ((input: unknown) => unknown);
}

/** A call as faults and counts see it. */
export interface ObservedCall {
  readonly functionName: string;
  readonly service: string;
  readonly operation: string;
}

/** The faults waiting to strike; the one added first strikes first. */
export class Faults {
  readonly #waiting: { fault: Fault; after: number; times: number }[] = [];

  add(fault: Fault): void {
    this.#waiting.push({ fault, after: fault.after ?? 0, times: fault.times ?? 1 });
  }

  clear(): void {
    this.#waiting.length = 0;
  }

  /** The fault that strikes this call, which counts against it. */
  take(call: ObservedCall): Fault | undefined {
    const index = this.#waiting.findIndex(
      ({ fault }) =>
        (fault.service ?? call.service) === call.service &&
        (fault.operation ?? call.operation) === call.operation &&
        (fault.functionName ?? call.functionName) === call.functionName,
    );
    const entry = this.#waiting[index];
    if (entry === undefined) {
      return undefined;
    }
    if (entry.after > 0) {
      entry.after--;
      return undefined;
    }
    entry.times--;
    if (entry.times <= 0) {
      this.#waiting.splice(index, 1);
    }
    return entry.fault;
  }
}
