import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type DynamoDbService, openDynamoDb } from '../../../local/dynamodb/service.ts';
import { here, things } from './engines.ts';

// What DynamoDB Local never does (Developer Guide, "DynamoDB local usage notes"): refuse on a conflict, as AWS does.
const { TableName } = things;
const conflict = { Code: 'TransactionConflict', Message: 'Transaction is ongoing for the item' };
const [a, b, c] = ['a', 'b', 'c'].map((pk) => ({ pk: { S: pk }, sk: { S: '1' } }));
let service: DynamoDbService;
beforeEach(async () => {
  service = await openDynamoDb({ ...here, directory: undefined, clock: Date.now });
  await service.ensureTable(things);
});
afterEach(() => service.close());

const transact = (...keys: unknown[]) =>
  service.call('TransactWriteItems', { TransactItems: keys.map((Item) => ({ Put: { TableName, Item } })) });

describe('while a transaction is under way', () => {
  test('another one on one of its items is cancelled, the conflict in its place', async () => {
    const first = transact(a, b);
    await expect(transact(c, b)).rejects.toMatchObject({
      code: 'TransactionCanceledException',
      message:
        'Transaction cancelled, please refer cancellation reasons for specific reasons [None, TransactionConflict]',
      members: { CancellationReasons: [{ Code: 'None' }, conflict] },
    });
    await first;
    await expect(transact(c, b)).resolves.toEqual({});
  });

  test.each<[string, object]>([
    ['PutItem', { Item: b }],
    ['UpdateItem', { Key: b, UpdateExpression: 'SET n = :n', ExpressionAttributeValues: { ':n': { N: '1' } } }],
    ['DeleteItem', { Key: b }],
  ])('%s of one of its items is refused, and of another done', async (operation, request) => {
    const first = transact(a, b);
    await expect(service.call(operation, { TableName, ...request })).rejects.toMatchObject({
      code: 'TransactionConflictException',
    });
    await first;
    const second = transact(a, c);
    await expect(service.call(operation, { TableName, ...request })).resolves.toBeDefined();
    await second;
  });

  test('a transactional read of one of its items is cancelled, a plain read answered', async () => {
    const first = transact(a, b);
    const read = () =>
      service.call('TransactGetItems', { TransactItems: [c, b].map((Key) => ({ Get: { TableName, Key } })) });
    await expect(read()).rejects.toMatchObject({ members: { CancellationReasons: [{ Code: 'None' }, conflict] } });
    await expect(service.call('GetItem', { TableName, Key: b, ConsistentRead: true })).resolves.toEqual({});
    await first;
    await expect(read()).resolves.toEqual({ Responses: [{}, { Item: b }] });
  });

  test('a batch gets the write back that met it, and does the others', async () => {
    const first = transact(a, b);
    const [met, other] = [b, c].map((Key) => ({ DeleteRequest: { Key } }));
    const batch = { RequestItems: { [TableName]: [met, other] } };
    expect(await service.call('BatchWriteItem', batch)).toEqual({ UnprocessedItems: { [TableName]: [met] } });
    await first;
    expect(await service.call('BatchWriteItem', batch)).toEqual({ UnprocessedItems: {} });
  });
});

test('a transaction waits for a single write under way', async () => {
  const write = service.call('PutItem', { TableName, Item: { ...a, n: { N: '1' } } });
  const transaction = service.call('TransactWriteItems', {
    TransactItems: [{ Delete: { TableName, Key: a, ConditionExpression: 'attribute_exists(pk)' } }],
  });
  await expect(Promise.all([write, transaction])).resolves.toBeDefined();
});
