import type { BatchOperation, Level } from 'dynalite/db/index.js';
import {
  type Change,
  leavesRecord,
  type StreamRecord,
  type StreamViewType,
  streamArnOf,
  streamRecord,
} from './stream-record.ts';

/** How long a stream keeps a record (DynamoDB Developer Guide, "Data retention limit for DynamoDB Streams"). */
export const retentionMilliseconds = 24 * 60 * 60 * 1000;

/** A record in the database, with what delivering it asks for. */
export interface StoredRecord {
  readonly record: StreamRecord;
  /** Milliseconds since the epoch. */
  readonly writtenAt: number;
}

interface Reader {
  readonly streamArn: string;
  readonly wants: (record: StreamRecord) => boolean;
  position: string;
}

const records = 'stream-record~';
const positions = 'stream-position~';
const recordKey = (streamArn: string, sequenceNumber: string): string => `${records}${streamArn}~${sequenceNumber}`;
const lastDigits = 20;

/**
 * The streams of tables. A record is written in the same batch as what it tells of, and stays until every reader of its
 * stream has taken it or its day is over. Where each reader is, is kept as well, so that a killed process goes on there.
 */
export class Streams {
  readonly #level: Level;
  readonly #clock: () => number;
  readonly #openedAt: number;
  /** The last sequence number given out. */
  #last = 0n;
  /** Numbers given out whose batch is not written yet: nobody reads past them, or they would be passed over. */
  readonly #underWay = new Set<bigint>();
  /** Where readers were that are not reading now. */
  readonly #formerPositions = new Map<string, string>();
  readonly #readers = new Map<string, Reader>();
  readonly #watchers = new Set<() => void>();

  constructor(level: Level, clock: () => number) {
    this.#level = level;
    this.#clock = clock;
    this.#openedAt = clock();
  }

  /** Takes up where the former process ended: numbers go on growing, also where the clock was put back. */
  async open(): Promise<void> {
    for await (const [key] of this.#level.iterator(within(records))) {
      this.#seen(key.slice(key.lastIndexOf('~') + 1));
    }
    for await (const [key, position] of this.#level.iterator(within(positions))) {
      this.#seen(String(position));
      this.#formerPositions.set(key.slice(positions.length), String(position));
    }
  }

  /**
   * Runs `write` with the records that these changes leave; the batch it writes must have them.
   *
   * @param viewOf the view type of a table's stream; undefined where it has none
   */
  async writing(
    changes: readonly Change[],
    viewOf: (table: string) => StreamViewType | undefined,
    write: (operations: readonly BatchOperation[]) => Promise<void>,
  ): Promise<void> {
    const numbers: bigint[] = [];
    const operations = changes.flatMap((change): BatchOperation[] => {
      const view = viewOf(change.table.TableName);
      if (view === undefined || !leavesRecord(change)) {
        return [];
      }
      const writtenAt = this.#clock();
      const number = this.#next(writtenAt);
      numbers.push(number);
      const record = streamRecord(change, view, numberText(number), writtenAt);
      if (!this.#isWanted(record)) {
        return [];
      }
      const key = recordKey(record.eventSourceARN, record.dynamodb.SequenceNumber);
      return [{ type: 'put', key, value: { record, writtenAt } satisfies StoredRecord }];
    });
    try {
      await write(operations);
    } finally {
      for (const number of numbers) {
        this.#underWay.delete(number);
      }
      if (numbers.length > 0) {
        this.#watchers.forEach((told) => {
          told();
        });
      }
    }
  }

  /**
   * Where a reader begins: where it was, or for a new one at the oldest record (`TRIM_HORIZON`) or at the next (`LATEST`).
   * From now on records stay until it has taken them.
   *
   * @param wants which records it hands on; while every reader is at work, what none wants is not even written
   */
  async addReader(
    id: string,
    streamArn: string,
    start: 'TRIM_HORIZON' | 'LATEST',
    wants: Reader['wants'] = () => true,
  ): Promise<string> {
    const position = this.#formerPositions.get(id) ?? (start === 'LATEST' ? numberText(this.#last) : '');
    this.#readers.set(id, { streamArn, position, wants });
    this.#formerPositions.delete(id);
    await this.#level.batch([{ type: 'put', key: positions + id, value: position }]);
    return position;
  }

  /** Lets go of a reader; where it was is forgotten where it will not come back. */
  async removeReader(id: string, { forgotten }: { readonly forgotten: boolean }): Promise<void> {
    const reader = this.#readers.get(id);
    this.#readers.delete(id);
    this.#formerPositions.delete(id);
    if (forgotten) {
      await this.#level.batch([{ type: 'del', key: positions + id }]);
    } else if (reader !== undefined) {
      this.#formerPositions.set(id, reader.position);
    }
  }

  /** Every reader that ever was and was not forgotten. */
  readers(): readonly string[] {
    return [...new Set([...this.#formerPositions.keys(), ...this.#readers.keys()])];
  }

  /** The records after a position, oldest first, at most `limit`. */
  async read(streamArn: string, position: string, limit: number): Promise<readonly StoredRecord[]> {
    const found: StoredRecord[] = [];
    const underWay = [...this.#underWay].reduce((least, each) => (each < least ? each : least), this.#last + 1n);
    const range = { gt: recordKey(streamArn, position), lt: recordKey(streamArn, numberText(underWay)), limit };
    for await (const [, value] of this.#level.iterator(range)) {
      found.push(value as StoredRecord);
    }
    return found;
  }

  /** Notes that a reader has taken everything up to a position; removes what all readers of the stream have taken. */
  async advance(id: string, position: string): Promise<void> {
    const reader = this.#readers.get(id);
    if (reader === undefined || position <= reader.position) {
      return;
    }
    reader.position = position;
    const { streamArn } = reader;
    const all = [...this.#readers.values()].filter((other) => other.streamArn === streamArn);
    const taken = all.reduce((least, other) => (other.position < least ? other.position : least), position);
    const removed: BatchOperation[] = [];
    for await (const [key] of this.#level.iterator({
      gte: recordKey(streamArn, ''),
      lte: recordKey(streamArn, taken),
    })) {
      removed.push({ type: 'del', key });
    }
    await this.#level.batch([{ type: 'put', key: positions + id, value: position }, ...removed]);
  }

  /** Removes records whose day is over. */
  async trim(): Promise<void> {
    const removed: BatchOperation[] = [];
    for await (const [key, value] of this.#level.iterator(within(records))) {
      if (this.ageOf(value as StoredRecord) > retentionMilliseconds) {
        removed.push({ type: 'del', key });
      }
    }
    await this.#level.batch(removed);
  }

  /** The age of a record in milliseconds, without the time in which this machine did not run: the cloud never stops. */
  ageOf({ writtenAt }: StoredRecord): number {
    return this.#clock() - Math.max(writtenAt, this.#openedAt);
  }

  /** Calls back after every write that left records, until the answer is called. */
  watch(told: () => void): () => void {
    this.#watchers.add(told);
    return () => this.#watchers.delete(told);
  }

  #isWanted(record: StreamRecord): boolean {
    const readers = [...this.#readers.values()].filter(({ streamArn }) => streamArn === record.eventSourceARN);
    // A reader that is not at work now will ask later.
    return readers.length === 0 || this.#formerPositions.size > 0 || readers.some(({ wants }) => wants(record));
  }

  #next(now: number): bigint {
    const byClock = BigInt(now) * 1000n;
    this.#last = byClock > this.#last ? byClock : this.#last + 1n;
    this.#underWay.add(this.#last);
    return this.#last;
  }

  #seen(number: string): void {
    const seen = number === '' ? 0n : BigInt(number.slice(-lastDigits));
    this.#last = seen > this.#last ? seen : this.#last;
  }
}

/** 21 digits, so that numbers sort as texts do. */
function numberText(number: bigint): string {
  return `1${String(number).padStart(lastDigits, '0')}`;
}

const within = (prefix: string): { gte: string; lt: string } => ({ gte: prefix, lt: `${prefix}\x7f` });

/** The stream of a table, as `DescribeTable` tells of it. */
export function describedStream(tableArn: string, view: StreamViewType | undefined): Readonly<Record<string, unknown>> {
  const LatestStreamArn = streamArnOf(tableArn);
  return view === undefined
    ? {}
    : {
        StreamSpecification: { StreamEnabled: true, StreamViewType: view },
        LatestStreamArn,
        LatestStreamLabel: LatestStreamArn.slice(LatestStreamArn.lastIndexOf('/') + 1),
      };
}
