import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Invocation } from '../api-gateway/rest-api.ts';
import type { EventSourceMapping } from '../cloudformation/event-source-mappings.ts';
import { retentionMilliseconds, type StoredRecord, type Streams } from '../dynamodb/streams.ts';
import { deliverBatch } from './stream-batch.ts';

/** How often Lambda looks for records (Lambda Developer Guide, "Polling and batching streams": 4 times a second). */
const pollMilliseconds = 250;

/** Records that wait for their turn at most; one that is refused again and again holds up what comes after so many. */
const maximumWaiting = 1000;

export interface StreamPollerOptions {
  readonly mapping: EventSourceMapping;
  readonly streams: Streams;
  /** Runs the function, once its role is seen to allow reading the stream. */
  readonly invoke: (event: unknown) => Promise<Invocation>;
  readonly log: (line: string) => void;
  /** Waits before the next try of a batch; `attempt` counts from 1. */
  readonly backOff?: (attempt: number, signal: AbortSignal) => Promise<void>;
}

/** What reads a stream for a function. */
export interface StreamPoller {
  /** Ends once the invocations under way have; what they did not take is delivered after the next start. */
  close(): Promise<void>;
}

/** A growing delay: half a second, doubled with each try, a minute at most. */
function growingDelay(attempt: number, signal: AbortSignal): Promise<void> {
  return delay(Math.min(500 * 2 ** (attempt - 1), 60_000), undefined, { signal }).catch(() => undefined);
}

/**
 * Hands a stream's records to a function as Lambda does: in batches, those of one partition key one after another,
 * each until the function takes it or it is too old. A record counts as taken only then, and the next start of the
 * process goes on from there: none is lost, and after a crash some come twice.
 */
export async function startStreamPoller(options: StreamPollerOptions): Promise<StreamPoller> {
  const { mapping, streams, backOff = growingDelay } = options;
  const ending = new AbortController();
  const { signal } = ending;
  const lanes = Array.from({ length: mapping.parallelization }, (): Lane => ({ waiting: [], working: undefined }));
  let readTo = await streams.addReader(mapping.id, mapping.streamArn, mapping.start, mapping.matches);
  let woken: () => void = () => undefined;
  let hasNews = true;
  const wake = (): void => {
    hasNews = true;
    woken();
  };
  const stopWatching = streams.watch(wake);

  const reading = (async () => {
    while (!signal.aborted) {
      if (!hasNews) {
        await new Promise<void>((resolve) => {
          woken = resolve;
        });
        await delay(pollMilliseconds, undefined, { signal }).catch(() => undefined);
        continue;
      }
      hasNews = false;
      const room = maximumWaiting - lanes.reduce((sum, { waiting }) => sum + waiting.length, 0);
      const records = room > 0 ? await streams.read(mapping.streamArn, readTo, room) : [];
      for (const stored of records) {
        readTo = stored.record.dynamodb.SequenceNumber;
        if (mapping.matches(stored.record)) {
          laneOf(lanes, stored).waiting.push(stored);
        }
      }
      hasNews ||= room > 0 && records.length === room;
      lanes.forEach(work);
      await noteProgress();
    }
  })().catch((error: unknown) => options.log(`${mapping.functionArn}: its stream cannot be read: ${error}`));

  function work(lane: Lane): void {
    if (lane.working === undefined && lane.waiting.length > 0 && !signal.aborted) {
      lane.working = workOff(lane).finally(() => {
        lane.working = undefined;
        // What came while the last batch was noted.
        work(lane);
      });
    }
  }

  async function workOff(lane: Lane): Promise<void> {
    while (lane.waiting.length > 0 && !signal.aborted) {
      if (lane.waiting.length < mapping.batchSize && mapping.batchingWindowSeconds > 0) {
        await delay(mapping.batchingWindowSeconds * 1000, undefined, { signal }).catch(() => undefined);
      }
      await deliverBatch(lane.waiting.slice(0, mapping.batchSize), {
        mapping,
        invoke: options.invoke,
        log: options.log,
        isTooOld: (stored) => streams.ageOf(stored) > maximumAge(mapping),
        backOff: (attempt) => backOff(attempt, signal),
        signal,
        taken: async (count) => {
          lane.waiting.splice(0, count);
          await noteProgress();
          wake();
        },
      });
    }
  }

  /** Everything before the oldest record that waits has been taken, or was of no interest. */
  async function noteProgress(): Promise<void> {
    const oldest = lanes
      .flatMap(({ waiting }) => waiting[0]?.record.dynamodb.SequenceNumber ?? [])
      .reduce((least, each) => (each < least ? each : least), after(readTo));
    await streams.advance(mapping.id, before(oldest));
  }

  return {
    async close() {
      ending.abort();
      stopWatching();
      woken();
      await reading;
      await Promise.all(lanes.map(({ working }) => working));
      await streams.removeReader(mapping.id, { forgotten: false });
    },
  };
}

/** What runs one after another: records whose partition keys fall here. */
interface Lane {
  /** Those of the batch under way first. */
  readonly waiting: StoredRecord[];
  working: Promise<void> | undefined;
}

function laneOf(lanes: readonly Lane[], { record }: StoredRecord): Lane {
  // The partition key comes first.
  const [partitionKey] = Object.values(record.dynamodb.Keys);
  const hash = createHash('md5').update(JSON.stringify(partitionKey)).digest().readUInt32BE();
  const lane = lanes[hash % lanes.length];
  if (lane === undefined) {
    throw new Error('a mapping has at least one lane');
  }
  return lane;
}

const maximumAge = ({ maximumRecordAgeSeconds }: EventSourceMapping): number =>
  Math.min(retentionMilliseconds, (maximumRecordAgeSeconds ?? Number.POSITIVE_INFINITY) * 1000);

const after = (sequenceNumber: string): string => shifted(sequenceNumber, 1n);
const before = (sequenceNumber: string): string => shifted(sequenceNumber, -1n);
const shifted = (sequenceNumber: string, by: bigint): string =>
  sequenceNumber === '' ? '' : String(BigInt(sequenceNumber) + by);
