import { afterEach, beforeEach, expect, test } from 'vitest';
import { type DynamoDbService, openDynamoDb } from '../../../local/dynamodb/service.ts';
import { here, things, timeToLive } from './engines.ts';

const { TableName } = things;
let service: DynamoDbService;
beforeEach(async () => {
  service = await openDynamoDb({ ...here, directory: undefined, clock: Date.now });
});
afterEach(() => service.close());

test('a table is made from the properties of its template, and making it again keeps what is in it', async () => {
  const properties = {
    ...things,
    DeletionProtectionEnabled: true,
    PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    SSESpecification: { SSEEnabled: true, SSEType: 'KMS', KMSMasterKeyId: 'key' },
  };
  await service.ensureTable(properties);
  const Item = { pk: { S: 'a' }, sk: { S: '1' } };
  await service.call('PutItem', { TableName, Item });
  await service.ensureTable(structuredClone(properties));
  expect(await service.call('GetItem', { TableName, Key: Item })).toEqual({ Item });
  expect(await service.call('DescribeTable', { TableName })).toMatchObject({
    Table: { TableName, TableArn: `arn:aws:dynamodb:eu-central-1:123456789012:table/${TableName}` },
  });
});

test('a change of the TTL attribute is taken over', async () => {
  await service.ensureTable(things);
  await service.ensureTable({ ...things, TimeToLiveSpecification: timeToLive });
  expect(await service.call('DescribeTimeToLive', { TableName })).toMatchObject({
    TimeToLiveDescription: { AttributeName: timeToLive.AttributeName },
  });
});

test.each<[string, object]>([
  [
    'KeySchema',
    {
      KeySchema: [
        { AttributeName: 'sk', KeyType: 'HASH' },
        { AttributeName: 'pk', KeyType: 'RANGE' },
      ],
    },
  ],
  [
    'AttributeDefinitions',
    {
      AttributeDefinitions: things.AttributeDefinitions.map((each) =>
        each.AttributeName === 'sk' ? { ...each, AttributeType: 'N' } : each,
      ),
    },
  ],
  [
    'GlobalSecondaryIndexes',
    { GlobalSecondaryIndexes: things.GlobalSecondaryIndexes.map((each) => ({ ...each, IndexName: 'by-another' })) },
  ],
])('an existing table with other %s is an error that says so', async (member, change) => {
  await service.ensureTable(things);
  await expect(service.ensureTable({ ...things, ...change })).rejects.toThrow(
    `Table things exists with other ${member} than the template has`,
  );
});

test.each<[string, object, RegExp]>([
  ['unknown property', { ImportSourceSpecification: {} }, /does not know ImportSourceSpecification of table things/],
  ['key without a definition', { AttributeDefinitions: things.AttributeDefinitions.slice(1) }, /AttributeDefinitions/],
  [
    'index on nothing',
    { GlobalSecondaryIndexes: [{ IndexName: 'by-holder', KeySchema: [] }] },
    /globalSecondaryIndexes/,
  ],
])('a definition with an %s is refused', async (_what, fault, message) => {
  await expect(service.ensureTable({ ...things, ...fault })).rejects.toThrow(message);
  await expect(service.ensureTable(things)).resolves.toBeUndefined();
});
