import type { Invocation } from '../api-gateway/rest-api.ts';
import type { EventSourceMapping } from '../cloudformation/event-source-mappings.ts';
import { isObject } from '../cloudformation/template.ts';
import type { StoredRecord } from '../dynamodb/streams.ts';

/** An event is at most this long (Lambda Developer Guide, "Lambda quotas": synchronous payload). */
const longestEventBytes = 6 * 1024 * 1024;

export interface Delivery {
  readonly mapping: Pick<EventSourceMapping, 'bisects' | 'maximumRetries' | 'reportsItemFailures' | 'functionArn'>;
  readonly invoke: (event: unknown) => Promise<Invocation>;
  readonly log: (line: string) => void;
  readonly isTooOld: (record: StoredRecord) => boolean;
  readonly backOff: (attempt: number) => Promise<void>;
  /** Ends the tries; what was not taken until then stays. */
  readonly signal: AbortSignal;
  /** So many more of the batch's first records are done with. */
  readonly taken: (count: number) => Promise<void>;
}

/**
 * Delivers a batch until the function has taken all of it, or what is left is given up: too old, or tried too often. A
 * batch that fails as a whole is cut in two where the mapping says so, which does not count as a try (Lambda Developer
 * Guide, "Configuring partial batch response with DynamoDB and Lambda").
 */
export async function deliverBatch(batch: readonly StoredRecord[], delivery: Delivery, failures = 0): Promise<void> {
  const { mapping, backOff, signal, taken, log } = delivery;
  let rest = fitting(batch);
  let failed = failures;
  while (rest.length > 0 && !signal.aborted) {
    const old = rest.filter(delivery.isTooOld).length;
    if (old > 0) {
      log(`${mapping.functionArn}: ${old} records of a stream were given up, too old`);
      await taken(old);
      rest = rest.slice(old);
      continue;
    }
    const outcome = outcomeOf(
      await delivery.invoke({ Records: rest.map(({ record }) => record) }),
      rest,
      mapping.reportsItemFailures,
    );
    await taken(outcome.taken);
    rest = rest.slice(outcome.taken);
    if (rest.length === 0) {
      return;
    }
    log(`${mapping.functionArn}, given ${rest.length} records of a stream: ${outcome.reason}`);
    if (mapping.bisects && outcome.taken === 0 && rest.length > 1) {
      await backOff(failed + 1);
      const half = Math.ceil(rest.length / 2);
      await deliverBatch(rest.slice(0, half), delivery, failed);
      return deliverBatch(rest.slice(half), delivery, failed);
    }
    failed++;
    if (mapping.maximumRetries !== undefined && failed > mapping.maximumRetries) {
      log(`${mapping.functionArn}: ${rest.length} records of a stream were given up, tried ${failed} times`);
      await taken(rest.length);
      return;
    }
    await backOff(failed);
  }
}

interface Outcome {
  readonly taken: number;
  /** Why not all were. */
  readonly reason: string;
}

function outcomeOf(invocation: Invocation, batch: readonly StoredRecord[], reportsItemFailures: boolean): Outcome {
  if (invocation.kind !== 'answer') {
    const reason = invocation.kind === 'error' ? `${invocation.errorType}: ${invocation.errorMessage}` : 'forbidden';
    return { taken: 0, reason };
  }
  return reportsItemFailures
    ? { taken: takenOf(invocation.payload, batch), reason: 'it reported failures' }
    : { taken: batch.length, reason: '' };
}

/**
 * How many of a batch a function that reports failures has taken: all before the first that it names. An answer without
 * failures is a success; one that names no record of the batch is a failure of all.
 */
function takenOf(payload: unknown, batch: readonly StoredRecord[]): number {
  const failures = isObject(payload) ? payload.batchItemFailures : payload;
  if (failures === undefined || failures === null || (Array.isArray(failures) && failures.length === 0)) {
    return batch.length;
  }
  const places = Array.isArray(failures)
    ? failures.map((failure) =>
        batch.findIndex(({ record }) => isObject(failure) && failure.itemIdentifier === record.dynamodb.SequenceNumber),
      )
    : [-1];
  return Math.max(0, Math.min(...places));
}

/** As many of the first records as an event may hold. */
function fitting(batch: readonly StoredRecord[]): readonly StoredRecord[] {
  let bytes = 0;
  const count = batch.findIndex(({ record }) => {
    bytes += Buffer.byteLength(JSON.stringify(record)) + 1;
    return bytes > longestEventBytes;
  });
  return count < 0 ? batch : batch.slice(0, Math.max(1, count));
}
