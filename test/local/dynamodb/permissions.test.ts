import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type DynamoDbService, openDynamoDb } from '../../../local/dynamodb/service.ts';
import { here, things } from './engines.ts';

const { TableName } = things;
const table = 'arn:aws:dynamodb:eu-central-1:123456789012:table/things';
const key = (pk: string) => ({ pk: { S: pk }, sk: { S: '1' } });
let service: DynamoDbService;
beforeAll(async () => {
  service = await openDynamoDb({ ...here, directory: undefined, clock: Date.now });
  await service.ensureTable(things);
});
afterAll(() => service.close());
const permissions = (operation: string, request: object) =>
  service.permissions(operation, { TableName, ...request }).map(({ action, resource, context }) => ({
    action,
    resource,
    context: Object.fromEntries(Object.entries(context).map(([name, values]) => [name, [...values].sort()])),
  }));

describe('a request of one item', () => {
  test('needs its action on the table, under its partition key and with every attribute that it names', () => {
    const request = {
      Key: key('a'),
      UpdateExpression: 'SET #x = if_not_exists(y, :v) + :v REMOVE z.deep',
      ConditionExpression: 'size(w) > :v',
      ExpressionAttributeNames: { '#x': 'x' },
      ExpressionAttributeValues: { ':v': { N: '1' } },
      ReturnValues: 'ALL_NEW',
    };
    expect(permissions('UpdateItem', request)).toEqual([
      {
        action: 'dynamodb:UpdateItem',
        resource: table,
        context: {
          'dynamodb:LeadingKeys': ['a'],
          'dynamodb:Attributes': ['pk', 'sk', 'w', 'x', 'y', 'z'],
          'dynamodb:ReturnValues': ['ALL_NEW'],
        },
      },
    ]);
  });

  test.each<[object, string]>([
    [{}, 'ALL_ATTRIBUTES'],
    [{ ProjectionExpression: 'n' }, 'SPECIFIC_ATTRIBUTES'],
  ])('of GetItem with %j selects %s', (request, select) => {
    const [needed] = permissions('GetItem', { Key: key('a'), ...request });
    expect(needed).toMatchObject({ action: 'dynamodb:GetItem', context: { 'dynamodb:Select': [select] } });
  });

  test('of a put names the attributes of the item', () => {
    const [needed] = permissions('PutItem', { Item: { ...key('a'), n: { N: '1' } } });
    expect(needed?.context).toEqual({ 'dynamodb:LeadingKeys': ['a'], 'dynamodb:Attributes': ['n', 'pk', 'sk'] });
  });
});

describe('a query', () => {
  test('of the table is under the key of its condition, whichever side it stands on', () => {
    for (const KeyConditionExpression of ['pk = :p AND begins_with(sk, :s)', ':p = #p AND sk > :s']) {
      const [needed] = permissions('Query', {
        KeyConditionExpression,
        ...(KeyConditionExpression.includes('#p') ? { ExpressionAttributeNames: { '#p': 'pk' } } : {}),
        ExpressionAttributeValues: { ':p': { S: 'a' }, ':s': { S: 'b' } },
      });
      expect(needed).toEqual({
        action: 'dynamodb:Query',
        resource: table,
        context: {
          'dynamodb:LeadingKeys': ['a'],
          'dynamodb:Attributes': ['pk', 'sk'],
          'dynamodb:Select': ['ALL_ATTRIBUTES'],
        },
      });
    }
  });

  test('of an index needs the index, under the key of the index', () => {
    const [needed] = permissions('Query', {
      IndexName: 'by-holder',
      KeyConditionExpression: 'holder = :h',
      ExpressionAttributeValues: { ':h': { S: 'h' } },
      Select: 'COUNT',
    });
    expect(needed).toEqual({
      action: 'dynamodb:Query',
      resource: `${table}/index/by-holder`,
      context: { 'dynamodb:LeadingKeys': ['h'], 'dynamodb:Attributes': ['holder'], 'dynamodb:Select': ['COUNT'] },
    });
  });

  test('that is no equality, and a scan, have no leading key', () => {
    const [ranged] = permissions('Query', {
      KeyConditionExpression: 'pk > :p',
      ExpressionAttributeValues: { ':p': { S: 'a' } },
    });
    const [scanned] = permissions('Scan', {
      FilterExpression: 'pk = :p',
      ExpressionAttributeValues: { ':p': { S: 'a' } },
    });
    for (const needed of [ranged, scanned]) {
      expect(needed?.context).not.toHaveProperty('dynamodb:LeadingKeys');
      expect(needed?.context).toHaveProperty('dynamodb:Attributes', ['pk']);
    }
  });
});

test('a batch is under every partition key that it touches', () => {
  const [read] = permissions('BatchGetItem', {
    RequestItems: { [TableName]: { Keys: [key('a'), key('b')], ProjectionExpression: 'n' } },
  });
  expect(read).toEqual({
    action: 'dynamodb:BatchGetItem',
    resource: table,
    context: {
      'dynamodb:LeadingKeys': ['a', 'b'],
      'dynamodb:Attributes': ['n', 'pk', 'sk'],
      'dynamodb:Select': ['SPECIFIC_ATTRIBUTES'],
    },
  });
  const [written] = permissions('BatchWriteItem', {
    RequestItems: { [TableName]: [{ PutRequest: { Item: key('a') } }, { DeleteRequest: { Key: key('b') } }] },
  });
  expect(written).toMatchObject({
    action: 'dynamodb:BatchWriteItem',
    context: { 'dynamodb:LeadingKeys': ['a', 'b'] },
  });
});

test('a transaction needs the permission of each action, named as the action of a transaction', () => {
  const writes = service.permissions('TransactWriteItems', {
    TransactItems: [
      { Put: { TableName, Item: key('a') } },
      { Update: { TableName, Key: key('b'), UpdateExpression: 'REMOVE n' } },
      { Delete: { TableName, Key: key('c') } },
      { ConditionCheck: { TableName, Key: key('d'), ConditionExpression: 'attribute_exists(pk)' } },
    ],
  });
  expect(writes.map(({ action, resource }) => [action, resource])).toEqual(
    ['PutItem', 'UpdateItem', 'DeleteItem', 'ConditionCheckItem'].map((action) => [`dynamodb:${action}`, table]),
  );
  expect(writes.map(({ context }) => context['dynamodb:LeadingKeys'])).toEqual([['a'], ['b'], ['c'], ['d']]);
  const reads = service.permissions('TransactGetItems', {
    TransactItems: [{ Get: { TableName, Key: key('a') } }],
  });
  expect(reads.map(({ action }) => action)).toEqual(['dynamodb:GetItem']);
  expect(new Set([...writes, ...reads].flatMap(({ context }) => context['dynamodb:EnclosingOperation']))).toEqual(
    new Set(['TransactWriteItems', 'TransactGetItems']),
  );
});

test('a request without a table is refused before anything is authorized', () => {
  expect(() => service.permissions('GetItem', { Key: key('a') })).toThrow(/TableName/);
  expect(() => service.permissions('GetItem', null)).toThrow();
  expect(() => service.permissions('TransactWriteItems', { TransactItems: ['x'] })).toThrow();
});

test('a malformed request is authorized by what can be read of it', () => {
  expect(permissions('BatchGetItem', { RequestItems: { [TableName]: { Keys: [null, 'x', { pk: null }] } } })).toEqual([
    {
      action: 'dynamodb:BatchGetItem',
      resource: table,
      context: { 'dynamodb:Attributes': ['pk'], 'dynamodb:Select': ['ALL_ATTRIBUTES'] },
    },
  ]);
  expect(permissions('PutItem', { Item: 'x', ConditionExpression: '((' })[0]?.context).toEqual({});
});
