import {
  type AttributeValue,
  DeleteItemCommand,
  type DynamoDBClient,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { describe, expect, test } from 'vitest';
import { things } from './engines.ts';
import { keyOf, newKey } from './item-contract.ts';

const { TableName } = things;

/** What holds for queries and scans, of the table and of its index. */
export function queryContract(client: () => DynamoDBClient): void {
  const put = (Item: Record<string, AttributeValue>) => client().send(new PutItemCommand({ TableName, Item }));

  describe('queries', () => {
    test.each<[string, string[], boolean]>([
      ['begins_with(sk, :a)', ['b#1', 'b#2', 'b#21', 'b#3'], true],
      ['begins_with(sk, :a)', ['b#3', 'b#21', 'b#2', 'b#1'], false],
      ['sk > :b', ['b#21', 'b#3', 'c', 'ü'], true],
      ['sk >= :b', ['b#2', 'b#21', 'b#3', 'c', 'ü'], true],
      ['sk < :b', ['a', 'b#1'], true],
      ['sk <= :b', ['a', 'b#1', 'b#2'], true],
      ['sk = :b', ['b#2'], true],
      ['sk BETWEEN :b AND :c', ['b#2', 'b#21', 'b#3', 'c'], true],
    ])('%s finds exactly those, in order, in pages of any size', async (condition, expected, forward) => {
      const { pk } = newKey();
      const sorts = ['a', 'b#1', 'b#2', 'b#21', 'b#3', 'c', 'ü'];
      await Promise.all(sorts.map((sk) => put({ pk, sk: { S: sk } })));
      await put({ pk: { S: `${pk.S}x` }, sk: { S: 'b#2' } });
      const values = { ':a': { S: 'b#' }, ':b': { S: 'b#2' }, ':c': { S: 'c' } };
      for (const Limit of [1, 2, 3, 100]) {
        const found = await everyPage(client(), {
          KeyConditionExpression: `pk = :p AND ${condition}`,
          ExpressionAttributeValues: { ':p': pk, ...usedIn(condition, values) },
          ScanIndexForward: forward,
          Limit,
        });
        expect(found.map(({ sk }) => sk?.S)).toEqual(expected);
      }
    });

    test('an index holds every item that has its key, and follows changes', async () => {
      const holder = { S: crypto.randomUUID() };
      const { pk } = newKey();
      // Partition key and sort key together spell the same: these too keep an entry each.
      const alike = [
        { pk: { S: `${pk.S}x` }, sk: { S: 'y' } },
        { pk, sk: { S: 'xy' } },
      ];
      const items = [...alike, ...Array.from({ length: 20 }, newKey)].map((key) => ({
        ...key,
        holder,
        note: { S: 'x' },
      }));
      await Promise.all(items.map(put));
      const all = async (Limit: number) =>
        (
          await everyPage(client(), {
            IndexName: 'by-holder',
            KeyConditionExpression: '#o = :o',
            ExpressionAttributeNames: { '#o': 'holder' },
            ExpressionAttributeValues: { ':o': holder },
            Limit,
          })
        ).map((item) => item.pk?.S);
      const expected = items.map(({ pk }) => pk.S).sort();
      expect((await all(100)).sort()).toEqual(expected);
      expect((await all(7)).sort()).toEqual(expected);
      const [first, second] = items;
      await client().send(new DeleteItemCommand({ TableName, Key: keyOf(first ?? newKey()) }));
      await client().send(
        new UpdateItemCommand({ TableName, Key: keyOf(second ?? newKey()), UpdateExpression: 'REMOVE holder' }),
      );
      expect((await all(7)).sort()).toEqual(expected.filter((pk) => pk !== first?.pk.S && pk !== second?.pk.S));
    });

    const byHolder = {
      TableName,
      IndexName: 'by-holder',
      KeyConditionExpression: '#o = :o',
      ExpressionAttributeNames: { '#o': 'holder' },
      ExpressionAttributeValues: { ':o': { S: 'nobody' } },
    };
    test.each<[string, object]>([
      ['a consistent read of a global index', { ConsistentRead: true }],
      ['attributes that the index does not project', { ProjectionExpression: 'pk, note' }],
      ['a filter on what the index does not project', { FilterExpression: 'note = :o' }],
      ['all attributes of an index that has only keys', { Select: 'ALL_ATTRIBUTES' }],
      ['an index that is not there', { IndexName: 'no-such-index' }],
      ['a filter on a key', { FilterExpression: '#o = :o' }],
      ['no equality of the partition key', { KeyConditionExpression: '#o > :o' }],
      ['an empty key', { ExpressionAttributeValues: { ':o': { S: '' } } }],
      ['a limit of nothing', { Limit: 0 }],
    ])('a query with %s is refused, and without it answered', async (_what, fault) => {
      await expect(client().send(new QueryCommand({ ...byHolder, ...fault }))).rejects.toMatchObject({
        name: 'ValidationException',
      });
      await expect(client().send(new QueryCommand(byHolder))).resolves.toMatchObject({ Items: [], Count: 0 });
    });

    test('a filter leaves items out of the answer and not out of the count scanned', async () => {
      const { pk } = newKey();
      await Promise.all(['1', '2', '3'].map((n) => put({ pk, sk: { S: n }, n: { N: n } })));
      const answer = await client().send(
        new QueryCommand({
          TableName,
          KeyConditionExpression: 'pk = :p',
          FilterExpression: 'n >= :n',
          ProjectionExpression: 'n',
          ExpressionAttributeValues: { ':p': pk, ':n': { N: '2' } },
        }),
      );
      expect(answer).toMatchObject({ Items: [{ n: { N: '2' } }, { n: { N: '3' } }], Count: 2, ScannedCount: 3 });
    });

    test('a scan reads every item, in pages', async () => {
      const keys = Array.from({ length: 10 }, newKey);
      await Promise.all(keys.map(put));
      const seen = new Set<string | undefined>();
      let ExclusiveStartKey: Record<string, AttributeValue> | undefined;
      do {
        const page: { Items?: Record<string, AttributeValue>[]; LastEvaluatedKey?: Record<string, AttributeValue> } =
          await client().send(
            new ScanCommand({ TableName, Limit: 50, ...(ExclusiveStartKey && { ExclusiveStartKey }) }),
          );
        page.Items?.forEach(({ pk }) => {
          seen.add(pk?.S);
        });
        ExclusiveStartKey = page.LastEvaluatedKey;
      } while (ExclusiveStartKey !== undefined);
      expect(keys.every(({ pk }) => seen.has(pk.S))).toBe(true);
    });
  });
}

function usedIn(expression: string, values: Record<string, AttributeValue>): Record<string, AttributeValue> {
  return Object.fromEntries(Object.entries(values).filter(([name]) => expression.includes(name)));
}

async function everyPage(
  client: DynamoDBClient,
  query: Omit<ConstructorParameters<typeof QueryCommand>[0], 'TableName'>,
): Promise<Record<string, AttributeValue>[]> {
  const items: Record<string, AttributeValue>[] = [];
  let ExclusiveStartKey: Record<string, AttributeValue> | undefined;
  do {
    const page: { Items?: Record<string, AttributeValue>[]; LastEvaluatedKey?: Record<string, AttributeValue> } =
      await client.send(new QueryCommand({ TableName, ...query, ...(ExclusiveStartKey && { ExclusiveStartKey }) }));
    items.push(...(page.Items ?? []));
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey !== undefined);
  return items;
}
