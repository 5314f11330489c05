import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type DynamoDbService, openDynamoDb } from '../../../local/dynamodb/service.ts';
import { type StreamRecord, type StreamViewType, streamLabel } from '../../../local/dynamodb/stream-record.ts';
import { here, things, timeToLive } from './engines.ts';

const { TableName } = things;
const start = Date.UTC(2026, 0, 1);
const streamArn = `arn:aws:dynamodb:${here.region}:${here.accountId}:table/${TableName}/stream/${streamLabel}`;
let now: number;
let service: DynamoDbService;

async function open(view: StreamViewType | undefined): Promise<void> {
  service = await openDynamoDb({ ...here, directory: undefined, clock: () => now });
  const StreamSpecification = view && { StreamViewType: view };
  await service.ensureTable({ ...things, TimeToLiveSpecification: timeToLive, StreamSpecification });
}

beforeEach(async () => {
  now = start;
  await open('NEW_IMAGE');
});
afterEach(() => service.close());

const key = (sk = '1') => ({ pk: { S: 'thing' }, sk: { S: sk } });
const put = (holder: string, sk = '1') =>
  service.call('PutItem', { TableName, Item: { ...key(sk), holder: { S: holder } } });
const records = async (position = '') =>
  (await service.streams.read(streamArn, position, 100)).map(({ record }) => record);

describe('a stream', () => {
  test('tells of an item that is made, changed and deleted, in that order', async () => {
    await put('a');
    await service.call('UpdateItem', {
      TableName,
      Key: key(),
      UpdateExpression: 'SET holder = :b',
      ExpressionAttributeValues: { ':b': { S: 'b' } },
    });
    await service.call('DeleteItem', { TableName, Key: key() });
    const told = await records();
    expect(told).toEqual([
      {
        eventID: expect.stringMatching(/^[0-9a-f]{32}$/),
        eventName: 'INSERT',
        eventVersion: '1.1',
        eventSource: 'aws:dynamodb',
        awsRegion: here.region,
        dynamodb: {
          ApproximateCreationDateTime: start / 1000,
          Keys: key(),
          NewImage: { ...key(), holder: { S: 'a' } },
          SequenceNumber: expect.stringMatching(/^\d{21}$/),
          SizeBytes: 27,
          StreamViewType: 'NEW_IMAGE',
        },
        eventSourceARN: streamArn,
      },
      expect.objectContaining({
        eventName: 'MODIFY',
        dynamodb: expect.objectContaining({ NewImage: { ...key(), holder: { S: 'b' } } }),
      }),
      expect.objectContaining({ eventName: 'REMOVE', dynamodb: expect.not.objectContaining({ NewImage: {} }) }),
    ]);
    const numbers = told.map(({ dynamodb }) => dynamodb.SequenceNumber);
    expect(numbers).toEqual([...new Set(numbers)].sort());
  });

  test('is silent about what changes nothing, what is refused, and a deletion of what is not there', async () => {
    await put('a');
    const [first] = await records();
    await put('a');
    await service.call('DeleteItem', { TableName, Key: key('none') });
    await expect(
      service.call('PutItem', { TableName, Item: key(), ConditionExpression: 'attribute_not_exists(pk)' }),
    ).rejects.toThrow();
    expect(await records(first?.dynamodb.SequenceNumber)).toEqual([]);
  });

  test('tells of every part of a transaction, or of none', async () => {
    const transact = (condition: string) =>
      service.call('TransactWriteItems', {
        TransactItems: [
          { Put: { TableName, Item: key('1') } },
          { Put: { TableName, Item: key('2'), ConditionExpression: condition } },
        ],
      });
    await expect(transact('attribute_exists(pk)')).rejects.toThrow();
    expect(await records()).toEqual([]);
    await transact('attribute_not_exists(pk)');
    expect((await records()).map(({ dynamodb }) => dynamodb.Keys)).toEqual([key('1'), key('2')]);
  });

  test('tells of each write of a BatchWriteItem', async () => {
    const requests = ['1', '2', '3'].map((sk) => ({ PutRequest: { Item: key(sk) } }));
    await service.call('BatchWriteItem', { RequestItems: { [TableName]: requests } });
    expect(await records()).toHaveLength(3);
  });

  test('says of an item whose time was over that DynamoDB deleted it', async () => {
    await service.call('PutItem', { TableName, Item: { ...key(), expires_at: { N: String(start / 1000 + 1) } } });
    now += 5000;
    await service.sweep();
    expect((await records()).at(-1)).toMatchObject({
      eventName: 'REMOVE',
      userIdentity: { type: 'Service', principalId: 'dynamodb.amazonaws.com' },
    });
  });

  test.each<[StreamViewType, readonly string[]]>([
    ['KEYS_ONLY', []],
    ['NEW_IMAGE', ['NewImage']],
    ['OLD_IMAGE', ['OldImage']],
    ['NEW_AND_OLD_IMAGES', ['NewImage', 'OldImage']],
  ])('%s shows %j of a change', async (view, images) => {
    await service.close();
    await open(view);
    await put('a');
    await put('b');
    const [, change] = await records();
    expect(
      Object.keys(change?.dynamodb ?? {})
        .filter((name) => name.endsWith('Image'))
        .sort(),
    ).toEqual(images);
  });

  test('is named by its table, and absent from one without', async () => {
    const described = async () => ((await service.call('DescribeTable', { TableName })) as { Table: object }).Table;
    expect(await described()).toMatchObject({
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' },
      LatestStreamArn: streamArn,
      LatestStreamLabel: streamLabel,
    });
    await service.close();
    await open(undefined);
    expect(await described()).not.toHaveProperty('LatestStreamArn');
    await put('a');
    expect(await records()).toEqual([]);
  });

  test('forgets a record after a day, and not before', async () => {
    await put('a');
    now += 24 * 3_600_000;
    await service.sweep();
    expect(await records()).toHaveLength(1);
    now += 1;
    await service.sweep();
    expect(await records()).toEqual([]);
  });

  test('gives numbers that grow also where the clock goes back', async () => {
    await put('a');
    now -= 60_000;
    await put('b');
    expect((await records()).map(({ eventName }) => eventName)).toEqual(['INSERT', 'MODIFY']);
  });

  test('is refused with what is not known of its specification', async () => {
    const StreamSpecification = { StreamViewType: 'NEW_IMAGE', ResourcePolicy: {} };
    await expect(service.ensureTable({ ...things, StreamSpecification })).rejects.toThrow('ResourcePolicy');
  });
});

describe('readers', () => {
  test('start at the oldest record or at the next, and keep what another has not taken', async () => {
    await put('a');
    expect(await service.streams.addReader('old', streamArn, 'TRIM_HORIZON')).toBe('');
    const latest = await service.streams.addReader('new', streamArn, 'LATEST');
    expect(await records(latest)).toEqual([]);
    await put('b');
    const [, second] = await records();
    const last = second?.dynamodb.SequenceNumber ?? '';
    await service.streams.advance('new', last);
    expect(await records()).toHaveLength(2);
    await service.streams.advance('old', last);
    expect(await records()).toEqual([]);
  });

  test('leave unwritten what none of them wants, unless one is away', async () => {
    const wants = ({ dynamodb }: StreamRecord) => dynamodb.Keys.sk?.S === '1';
    await service.streams.addReader('reader', streamArn, 'TRIM_HORIZON', wants);
    await put('a', '1');
    await put('a', '2');
    expect(await records()).toHaveLength(1);
    await service.streams.addReader('other', streamArn, 'TRIM_HORIZON', () => false);
    await service.streams.removeReader('other', { forgotten: false });
    await put('a', '3');
    expect(await records()).toHaveLength(2);
    await service.streams.removeReader('other', { forgotten: true });
    await put('a', '4');
    expect(await records()).toHaveLength(2);
  });

  test('never read past a write that is under way, so that none is passed over', async () => {
    await service.streams.addReader('reader', streamArn, 'TRIM_HORIZON');
    const seen: string[] = [];
    let position = '';
    const writes = Promise.all(Array.from({ length: 200 }, (_, index) => put('a', String(index))));
    const read = async () => {
      for (const { record } of await service.streams.read(streamArn, position, 7)) {
        position = record.dynamodb.SequenceNumber;
        seen.push(String(record.dynamodb.Keys.sk?.S));
      }
    };
    let done = false;
    void writes.then(() => {
      done = true;
    });
    while (!done) await read();
    while ((await records(position)).length > 0) await read();
    expect(seen.toSorted()).toEqual(Array.from({ length: 200 }, (_, index) => String(index)).sort());
  });
});
