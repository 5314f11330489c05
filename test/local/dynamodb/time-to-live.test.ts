import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type DynamoDbService, openDynamoDb } from '../../../local/dynamodb/service.ts';
import { here, things, timeToLive } from './engines.ts';

const { TableName } = things;
const start = Date.UTC(2026, 0, 1);
let now: number;
let service: DynamoDbService;
beforeEach(async () => {
  now = start;
  service = await openDynamoDb({ ...here, directory: undefined, clock: () => now });
  await service.ensureTable({ ...things, TimeToLiveSpecification: timeToLive });
});
afterEach(() => service.close());

const key = { pk: { S: 'thing' }, sk: { S: '1' } };
const put = (expiry: object, holder = 'h') =>
  service.call('PutItem', { TableName, Item: { ...key, holder: { S: holder }, ...expiry } });
const isThere = async () => Object.keys((await service.call('GetItem', { TableName, Key: key })) as object).length > 0;
const seconds = (milliseconds: number) => ({ expires_at: { N: String(Math.floor(milliseconds / 1000)) } });

describe('an item with a time to live', () => {
  test('is read after its time, until it is swept, and then is gone from table and index', async () => {
    await put(seconds(start + 1000));
    now = start + 2000;
    expect(await isThere()).toBe(true);
    await service.sweep();
    expect(await isThere()).toBe(false);
    expect(await service.call('Scan', { TableName, IndexName: 'by-holder' })).toMatchObject({ Count: 0 });
  });

  test.each<[string, object]>([
    ['is still ahead', seconds(start + 60_000)],
    ['passed more than five years ago', seconds(start - 6 * 365 * 86_400_000)],
    ['is not a number', { expires_at: { S: String(start / 1000 - 60) } }],
    ['is under another name', { expires: { N: String(start / 1000 - 60) } }],
  ])('is kept where the time %s', async (_what, expiry) => {
    await put(expiry);
    await service.sweep();
    expect(await isThere()).toBe(true);
  });

  test('that is renewed while the sweep is under way is kept', async () => {
    await put(seconds(start - 1000));
    const renewal = put(seconds(start + 60_000));
    await Promise.all([renewal, service.sweep()]);
    expect(await isThere()).toBe(true);
  });
});

describe('the setting', () => {
  const update = (AttributeName: string, Enabled: boolean) =>
    service.call('UpdateTimeToLive', { TableName, TimeToLiveSpecification: { AttributeName, Enabled } });
  const describeIt = () => service.call('DescribeTimeToLive', { TableName });

  test('switched off, nothing is swept; switched on again, it is', async () => {
    await put(seconds(start - 1000));
    await update('expires_at', false);
    expect(await describeIt()).toEqual({ TimeToLiveDescription: { TimeToLiveStatus: 'DISABLED' } });
    await service.sweep();
    expect(await isThere()).toBe(true);
    await update('expires_at', true);
    await service.sweep();
    expect(await isThere()).toBe(false);
  });

  test('on cannot be switched on, nor off for another attribute', async () => {
    await expect(update('expires_at', true)).rejects.toMatchObject({ code: 'ValidationException' });
    await expect(update('other', false)).rejects.toMatchObject({ code: 'ValidationException' });
    await expect(update('expires_at', false)).resolves.toBeDefined();
    await expect(update('expires_at', false)).rejects.toMatchObject({ code: 'ValidationException' });
  });

  test('of a table that is not there is refused', async () => {
    await expect(service.call('DescribeTimeToLive', { TableName: 'no-such-table' })).rejects.toMatchObject({
      code: 'ResourceNotFoundException',
    });
  });
});
