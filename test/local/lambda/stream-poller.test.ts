import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Invocation } from '../../../local/api-gateway/rest-api.ts';
import type { EventSourceMapping } from '../../../local/cloudformation/event-source-mappings.ts';
import { type DynamoDbService, openDynamoDb } from '../../../local/dynamodb/service.ts';
import { type StreamRecord, streamLabel } from '../../../local/dynamodb/stream-record.ts';
import { type StreamPoller, startStreamPoller } from '../../../local/lambda/stream-poller.ts';
import { here, things } from '../dynamodb/engines.ts';

const { TableName } = things;
const streamArn = `arn:aws:dynamodb:${here.region}:${here.accountId}:table/${TableName}/stream/${streamLabel}`;
const mapping: EventSourceMapping = {
  id: 'mapping',
  streamArn,
  functionArn: 'arn:aws:lambda:eu-central-1:000000000000:function:taker',
  enabled: true,
  start: 'TRIM_HORIZON',
  batchSize: 10,
  batchingWindowSeconds: 0,
  parallelization: 1,
  bisects: false,
  reportsItemFailures: true,
  maximumRecordAgeSeconds: undefined,
  maximumRetries: undefined,
  matches: () => true,
};

type Take = (names: readonly string[], records: readonly StreamRecord[]) => unknown;

let service: DynamoDbService;
let now: number;
let logged: string[];
/** What each invocation was given: `pk/sk`. */
let given: string[][];
const pollers: StreamPoller[] = [];
beforeEach(async () => {
  now = Date.now();
  logged = [];
  given = [];
  service = await openDynamoDb({ ...here, directory: undefined, clock: () => now });
  await service.ensureTable({ ...things, StreamSpecification: { StreamViewType: 'NEW_IMAGE' } });
});
afterEach(async () => {
  await Promise.all(pollers.splice(0).map((poller) => poller.close()));
  await service.close();
});

const put = (pk: string, sk: string) =>
  service.call('PutItem', { TableName, Item: { pk: { S: pk }, sk: { S: sk }, at: { N: String(Math.random()) } } });
const nameOf = ({ dynamodb: { Keys } }: StreamRecord) => `${Keys.pk?.S}/${Keys.sk?.S}`;

async function poll(take: Take, settings: Partial<EventSourceMapping> = {}): Promise<StreamPoller> {
  const poller = await startStreamPoller({
    mapping: { ...mapping, ...settings },
    streams: service.streams,
    log: (line) => logged.push(line),
    backOff: async () => {
      await delay(1);
      now += 1000;
    },
    invoke: async (event): Promise<Invocation> => {
      const { Records } = event as { Records: StreamRecord[] };
      const names = Records.map(nameOf);
      given.push(names);
      try {
        return { kind: 'answer', payload: await take(names, Records) };
      } catch (error) {
        return { kind: 'error', errorType: 'Error', errorMessage: String(error) };
      }
    },
  });
  pollers.push(poller);
  return poller;
}

const left = async () => (await service.streams.read(streamArn, '', 1000)).length;
const untilTaken = () => expect.poll(left, { timeout: 5000 }).toBe(0);

function fail(): never {
  throw new Error('not now');
}

describe('a mapping', () => {
  test('gives records in order, in batches, and they are gone once taken', async () => {
    for (let index = 0; index < 25; index++) await put('one', String(index));
    await poll(() => undefined);
    await untilTaken();
    expect(given.map(({ length }) => length)).toEqual([10, 10, 5]);
    expect(given.flat()).toEqual(Array.from({ length: 25 }, (_, index) => `one/${index}`));
  });

  test('hands on what passes its filters, and keeps nothing of the rest', async () => {
    await put('one', '1');
    await put('two', '1');
    await poll(() => undefined, { matches: (record) => nameOf(record as StreamRecord).startsWith('two') });
    await untilTaken();
    expect(given).toEqual([['two/1']]);
  });

  test('gives a batch that failed again, until it is taken, before what comes after it', async () => {
    await put('one', '1');
    let failures = 3;
    await poll(() => (failures-- > 0 ? fail() : undefined));
    await expect.poll(() => given.length).toBeGreaterThan(0);
    await put('one', '2');
    await untilTaken();
    expect(given.slice(0, 4)).toEqual([['one/1'], ['one/1'], ['one/1'], ['one/1']]);
    expect(given.at(-1)).toEqual(['one/2']);
  });

  test('keeps the order of a partition, and lets others pass one that is refused', async () => {
    let healed = false;
    for (const sk of ['1', '2', '3']) for (const pk of ['a', 'b', 'c', 'd', 'e', 'f']) await put(pk, sk);
    const taken: string[] = [];
    await poll(
      async (names) => {
        await delay(5);
        if (!healed && names.some((name) => name.startsWith('a/'))) fail();
        taken.push(...names);
      },
      { parallelization: 10, batchSize: 2 },
    );
    await expect.poll(() => taken.length, { timeout: 5000 }).toBeGreaterThanOrEqual(12);
    healed = true;
    await untilTaken();
    for (const pk of ['a', 'b', 'c', 'd', 'e', 'f']) {
      expect(taken.filter((name) => name.startsWith(`${pk}/`))).toEqual([`${pk}/1`, `${pk}/2`, `${pk}/3`]);
    }
  });

  test('goes on after the last record before the one that was reported', async () => {
    for (const sk of ['1', '2', '3']) await put('one', sk);
    let reported = false;
    await poll((_names, records) => {
      const batchItemFailures = reported ? [] : [{ itemIdentifier: records[1]?.dynamodb.SequenceNumber }];
      reported = true;
      return { batchItemFailures };
    });
    await untilTaken();
    expect(given).toEqual([
      ['one/1', 'one/2', 'one/3'],
      ['one/2', 'one/3'],
    ]);
  });

  test.each<[string, unknown]>([
    ['an empty identifier', { batchItemFailures: [{ itemIdentifier: '' }] }],
    ['an unknown identifier', { batchItemFailures: [{ itemIdentifier: '1' }] }],
    ['another name for it', { batchItemFailures: [{ id: '1' }] }],
    ['no list', { batchItemFailures: 'all' }],
  ])('takes a report with %s for a failure of the batch', async (_what, answer) => {
    await put('one', '1');
    await poll(() => (given.length === 1 ? answer : undefined));
    await untilTaken();
    expect(given).toEqual([['one/1'], ['one/1']]);
  });

  test.each<[string, unknown]>([
    ['null', null],
    ['nothing', undefined],
    ['an empty object', {}],
    ['an empty list', { batchItemFailures: [] }],
    ['null as the list', { batchItemFailures: null }],
  ])('takes %s for success', async (_what, answer) => {
    await put('one', '1');
    await poll(() => answer);
    await untilTaken();
    expect(given).toHaveLength(1);
  });

  test('without reports, an answer is success whatever it says', async () => {
    await put('one', '1');
    await poll(
      (_names, records) => ({ batchItemFailures: [{ itemIdentifier: records[0]?.dynamodb.SequenceNumber }] }),
      {
        reportsItemFailures: false,
      },
    );
    await untilTaken();
    expect(given).toHaveLength(1);
  });

  test('halves a batch that fails until the record that fails it is alone, and keeps the order', async () => {
    for (const sk of ['1', '2', '3', '4']) await put('one', sk);
    const taken: string[] = [];
    await poll(
      (names) => {
        if (names.includes('one/3')) fail();
        taken.push(...names);
      },
      { bisects: true, maximumRetries: 2 },
    );
    await untilTaken();
    expect(taken).toEqual(['one/1', 'one/2', 'one/4']);
    expect(given.filter((names) => names.length === 1 && names[0] === 'one/3')).toHaveLength(3);
    expect(logged.at(-1)).toContain('given up, tried 3 times');
  });

  test('gives up a record that is too old', async () => {
    await put('one', '1');
    await poll(fail, { maximumRecordAgeSeconds: 60 });
    await untilTaken();
    expect(given.length).toBeGreaterThan(10);
    expect(logged.at(-1)).toContain('too old');
  });

  test('keeps what was not taken for the next start', async () => {
    for (const sk of ['1', '2', '3']) await put('one', sk);
    const first = await poll((names) => (names.includes('one/2') ? fail() : undefined), { batchSize: 1 });
    await expect.poll(() => given.length).toBeGreaterThan(3);
    await first.close();
    given = [];
    await poll(() => undefined);
    await untilTaken();
    expect(given).toEqual([['one/2', 'one/3']]);
  });
});
