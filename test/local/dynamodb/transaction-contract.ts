import {
  type AttributeValue,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  TransactGetItemsCommand,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { describe, expect, test } from 'vitest';
import { things } from './engines.ts';
import { keyOf, newKey } from './item-contract.ts';

const { TableName } = things;

/** What holds for transactions. */
export function transactionContract(client: () => DynamoDBClient, isAmazons: boolean): void {
  const put = (Item: Record<string, AttributeValue>): TransactWriteItem => ({ Put: { TableName, Item } });
  const transact = (TransactItems: TransactWriteItem[], ClientRequestToken?: string) =>
    client().send(
      new TransactWriteItemsCommand({
        TransactItems,
        ...(ClientRequestToken === undefined ? {} : { ClientRequestToken }),
      }),
    );
  const get = async (Key: Record<string, AttributeValue>) =>
    (await client().send(new GetItemCommand({ TableName, Key, ConsistentRead: true }))).Item;
  const stored = async (fields: Record<string, AttributeValue> = {}) => {
    const item = { ...newKey(), ...fields };
    await client().send(new PutItemCommand({ TableName, Item: item }));
    return item;
  };

  describe('transactions', () => {
    test('a put, an update, a delete and a check are all done', async () => {
      const made = { ...newKey(), n: { N: '1' } };
      const [updated, deleted, checked] = [await stored({ n: { N: '1' } }), await stored(), await stored()];
      await transact([
        put(made),
        {
          Update: {
            TableName,
            Key: keyOf(updated),
            UpdateExpression: 'SET n = n + :one',
            ExpressionAttributeValues: { ':one': { N: '1' } },
          },
        },
        { Delete: { TableName, Key: keyOf(deleted), ConditionExpression: 'attribute_exists(pk)' } },
        { ConditionCheck: { TableName, Key: keyOf(checked), ConditionExpression: 'attribute_exists(pk)' } },
      ]);
      expect(await get(keyOf(made))).toEqual(made);
      expect(await get(keyOf(updated))).toEqual({ ...updated, n: { N: '2' } });
      expect(await get(keyOf(deleted))).toBeUndefined();
      expect(await get(keyOf(checked))).toEqual(checked);
    });

    test('one failed condition leaves nothing done, and the reasons stand in order, the item where asked for', async () => {
      const item = await stored({ n: { N: '1' } });
      const made = newKey();
      const failing = { TableName, Key: keyOf(item), ConditionExpression: 'attribute_not_exists(pk)' };
      const absent = { TableName, Key: newKey(), ConditionExpression: 'attribute_exists(pk)' };
      const outcome = transact([
        put(made),
        { ConditionCheck: { ...failing, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' } },
        { Delete: { ...absent, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' } },
        { Delete: { TableName, Key: keyOf(await stored()) } },
      ]);
      // The API reference has no full stop; DynamoDB Local has one where it sends the item.
      const failed = {
        Code: 'ConditionalCheckFailed',
        Message: expect.stringMatching(/^The conditional request failed\.?$/),
      };
      await expect(outcome).rejects.toMatchObject({
        name: 'TransactionCanceledException',
        message:
          'Transaction cancelled, please refer cancellation reasons for specific reasons [None, ConditionalCheckFailed, ConditionalCheckFailed, None]',
        CancellationReasons: [{ Code: 'None' }, { ...failed, Item: item }, failed, { Code: 'None' }],
      });
      const { CancellationReasons } = await outcome.catch((error) => error);
      expect(CancellationReasons[2]).not.toHaveProperty('Item');
      expect(await get(made)).toBeUndefined();
      const silent = await transact([{ ConditionCheck: failing }]).catch((error) => error);
      expect(silent.CancellationReasons).toEqual([failed]);
    });

    // The API reference lists an operand that is not there as a cancellation reason (TransactionCanceledException,
    // "Validation Error"); DynamoDB Local answers ValidationException for the whole request. AWS's documentation holds.
    test('an update that cannot be done on the item as it is cancels the rest', async () => {
      const made = newKey();
      const update = {
        TableName,
        Key: newKey(),
        UpdateExpression: 'SET n = n + :one',
        ExpressionAttributeValues: { ':one': { N: '1' } },
      };
      const expected = isAmazons
        ? { name: 'ValidationException' }
        : {
            name: 'TransactionCanceledException',
            CancellationReasons: [
              { Code: 'None' },
              {
                Code: 'ValidationError',
                Message: 'The provided expression refers to an attribute that does not exist in the item',
              },
            ],
          };
      await expect(transact([put(made), { Update: update }])).rejects.toMatchObject(expected);
      expect(await get(made)).toBeUndefined();
    });

    test('an index key of another type is a cancellation reason', async () => {
      const item = newKey();
      await expect(transact([put(newKey()), put({ ...item, holder: { N: '1' } })])).rejects.toMatchObject({
        name: 'TransactionCanceledException',
        CancellationReasons: [{ Code: 'None' }, { Code: 'ValidationError' }],
      });
      await expect(transact([put(newKey()), put({ ...item, holder: { S: '1' } })])).resolves.toBeDefined();
    });

    const big = 'x'.repeat(390 * 1024);
    test.each<[string, () => TransactWriteItem[]]>([
      ['101 actions', () => Array.from({ length: 101 }, () => put(newKey()))],
      ['no action', () => []],
      ['two actions in one element', () => [{ ...put(newKey()), Delete: { TableName, Key: newKey() } }]],
      ['more than 4 MB', () => Array.from({ length: 11 }, () => put({ ...newKey(), big: { S: big } }))],
      ['an item over 400 KB', () => [put({ ...newKey(), big: { S: big }, bigger: { S: big } })]],
      [
        'a check without a condition',
        () => [{ ConditionCheck: { TableName, Key: newKey(), ConditionExpression: undefined } }],
      ],
      ['an empty key', () => [put({ ...newKey(), pk: { S: '' } })]],
      ['an incomplete key', () => [put({ pk: { S: 'x' } })]],
      [
        'a reserved word',
        () => [{ Delete: { TableName, Key: newKey(), ConditionExpression: 'attribute_exists(name)' } }],
      ],
    ])('%s in a transaction is refused', async (_what, actions) => {
      await expect(transact(actions())).rejects.toMatchObject({ name: 'ValidationException' });
    });

    test('100 actions, and 4 MB less a little, are done', async () => {
      await transact(Array.from({ length: 100 }, () => put(newKey())));
      await transact(Array.from({ length: 10 }, () => put({ ...newKey(), big: { S: big } })));
    });

    test('two actions on one item are refused, on two items done', async () => {
      const [item, other] = [newKey(), newKey()];
      await expect(transact([put(item), { Delete: { TableName, Key: item } }])).rejects.toMatchObject({
        name: 'ValidationException',
        message: 'Transaction request cannot include multiple operations on one item',
      });
      await transact([put(item), { Delete: { TableName, Key: other } }]);
    });

    test('a transaction on a table that is not there is refused', async () => {
      await expect(transact([{ Delete: { TableName: 'no-such-table', Key: newKey() } }])).rejects.toMatchObject({
        name: 'ResourceNotFoundException',
      });
    });
  });

  describe('client request tokens', () => {
    const counted = (Key: Record<string, AttributeValue>): TransactWriteItem => ({
      Update: {
        TableName,
        Key,
        UpdateExpression: 'ADD n :one',
        ExpressionAttributeValues: { ':one': { N: '1' } },
      },
    });

    test('the same transaction under one token is done once; under another token again', async () => {
      const key = newKey();
      const token = crypto.randomUUID();
      await transact([counted(key)], token);
      await transact([counted(key)], token);
      expect(await get(key)).toMatchObject({ n: { N: '1' } });
      await transact([counted(key)], crypto.randomUUID());
      expect(await get(key)).toMatchObject({ n: { N: '2' } });
    });

    test('another transaction under a used token is refused', async () => {
      const token = crypto.randomUUID();
      await transact([counted(newKey())], token);
      await expect(transact([counted(newKey())], token)).rejects.toMatchObject({
        name: 'IdempotentParameterMismatchException',
      });
    });

    test('a cancelled transaction does not use its token up', async () => {
      const key = newKey();
      const token = crypto.randomUUID();
      const conditional: TransactWriteItem = {
        Delete: { TableName, Key: key, ConditionExpression: 'attribute_exists(pk)' },
      };
      await expect(transact([conditional], token)).rejects.toMatchObject({ name: 'TransactionCanceledException' });
      await client().send(new PutItemCommand({ TableName, Item: key }));
      await transact([conditional], token);
      expect(await get(key)).toBeUndefined();
    });

    test('a token of more than 36 characters is refused', async () => {
      await expect(transact([counted(newKey())], 't'.repeat(37))).rejects.toMatchObject({
        name: 'ValidationException',
      });
      await transact([counted(newKey())], crypto.randomUUID());
    });
  });

  describe('transactional reads', () => {
    const read = (Key: Record<string, AttributeValue>) => ({ Get: { TableName, Key } });

    test('answers stand in order, an absent item is an empty answer, attributes are as projected', async () => {
      const item = await stored({ n: { N: '1' }, m: { M: { a: { S: 'a' }, b: { S: 'b' } } } });
      const { Responses } = await client().send(
        new TransactGetItemsCommand({
          TransactItems: [
            read(newKey()),
            { Get: { TableName, Key: keyOf(item), ProjectionExpression: 'n, m.a' } },
            read(await stored()),
          ],
        }),
      );
      expect(Responses?.map((each) => each.Item !== undefined)).toEqual([false, true, true]);
      expect(Responses?.[1]?.Item).toEqual({ n: { N: '1' }, m: { M: { a: { S: 'a' } } } });
    });

    test('one item twice, or more than 100, is refused', async () => {
      const key = newKey();
      const send = (keys: Record<string, AttributeValue>[]) =>
        client().send(new TransactGetItemsCommand({ TransactItems: keys.map(read) }));
      await expect(send([key, key])).rejects.toMatchObject({ name: 'ValidationException' });
      await expect(send(Array.from({ length: 101 }, newKey))).rejects.toMatchObject({ name: 'ValidationException' });
      await expect(send([key, newKey()])).resolves.toBeDefined();
    });
  });
}
