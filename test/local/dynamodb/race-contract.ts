import {
  type AttributeValue,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  TransactGetItemsCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { describe, expect, test } from 'vitest';
import { things } from './engines.ts';
import { newKey } from './item-contract.ts';

const { TableName } = things;
const racers = Array.from({ length: 50 }, (_, racer) => racer);

/** What holds for requests at the same time. */
export function raceContract(client: () => DynamoDBClient): void {
  const get = async (Key: Record<string, AttributeValue>) =>
    (await client().send(new GetItemCommand({ TableName, Key, ConsistentRead: true }))).Item;
  const add = (Key: Record<string, AttributeValue>, amount: number, atLeast = Number.MIN_SAFE_INTEGER) => ({
    TableName,
    Key,
    UpdateExpression: 'SET n = n + :amount',
    ConditionExpression: 'n >= :atLeast',
    ExpressionAttributeValues: { ':amount': { N: String(amount) }, ':atLeast': { N: String(atLeast) } },
  });

  describe('races', () => {
    test('of 50 conditional puts of one item exactly one wins', async () => {
      const key = newKey();
      const outcomes = await Promise.allSettled(
        racers.map((racer) =>
          client().send(
            new PutItemCommand({
              TableName,
              Item: { ...key, racer: { N: String(racer) } },
              ConditionExpression: 'attribute_not_exists(pk)',
            }),
          ),
        ),
      );
      const winners = racers.filter((racer) => outcomes[racer]?.status === 'fulfilled');
      expect(winners).toHaveLength(1);
      expect(await get(key)).toMatchObject({ racer: { N: String(winners[0]) } });
      expect(reasons(outcomes)).toEqual(new Set(['ConditionalCheckFailedException']));
    });

    test('of 50 transactions that reserve one name exactly one wins, and only its other item is there', async () => {
      const name = newKey();
      const others = racers.map(newKey);
      const outcomes = await Promise.allSettled(
        others.map((other) =>
          client().send(
            new TransactWriteItemsCommand({
              TransactItems: [
                { Put: { TableName, Item: other } },
                {
                  Put: { TableName, Item: { ...name, of: other.pk }, ConditionExpression: 'attribute_not_exists(pk)' },
                },
              ],
            }),
          ),
        ),
      );
      const winners = racers.filter((racer) => outcomes[racer]?.status === 'fulfilled');
      expect(winners).toHaveLength(1);
      const there = await Promise.all(others.map(get));
      expect(there.flatMap((item, racer) => (item === undefined ? [] : [racer]))).toEqual(winners);
      expect(await get(name)).toMatchObject({ of: others[winners[0] ?? -1]?.pk });
      expect(reasons(outcomes)).toEqual(new Set(['TransactionCanceledException']));
    });

    test('50 transfers at once between 5 accounts, and single updates among them, are as if one after another', async () => {
      const accounts = Array.from({ length: 5 }, newKey);
      for (const account of accounts) {
        await client().send(new PutItemCommand({ TableName, Item: { ...account, n: { N: '20' } } }));
      }
      const account = (place: number) => accounts[place % accounts.length] ?? newKey();
      const transfer = (from: number, to: number) =>
        client().send(
          new TransactWriteItemsCommand({
            TransactItems: [{ Update: add(account(from), -7, 7) }, { Update: add(account(to), 7) }],
          }),
        );
      const total = async (): Promise<number> => {
        const { Responses } = await untilNoConflict(() =>
          client().send(
            new TransactGetItemsCommand({ TransactItems: accounts.map((Key) => ({ Get: { TableName, Key } })) }),
          ),
        );
        return (Responses ?? []).reduce((sum, { Item }) => sum + Number(Item?.n?.N), 0);
      };
      let done = false;
      const watching = (async () => {
        const totals: number[] = [];
        while (!done) {
          totals.push(await total());
        }
        return totals;
      })();
      await Promise.all(
        racers.map((racer) =>
          racer % 10 === 9
            ? untilNoConflict(() => client().send(new UpdateItemCommand(add(account(racer), 0))))
            : untilNoConflict(() => transfer(racer, racer + 1 + (racer % 3))).catch(onlyRefusedTransfers),
        ),
      );
      done = true;
      expect(new Set([...(await watching), await total()])).toEqual(new Set([100]));
      const balances = await Promise.all(accounts.map(async (key) => Number((await get(key))?.n?.N)));
      expect(balances.every((balance) => balance >= 0)).toBe(true);
    });

    test('50 increments at once, by transaction and by update, all count', async () => {
      const [a, b] = [newKey(), newKey()];
      for (const key of [a, b]) {
        await client().send(new PutItemCommand({ TableName, Item: { ...key, n: { N: '0' } } }));
      }
      await Promise.all(
        racers.map((racer) =>
          untilNoConflict<unknown>(() =>
            racer % 2 === 0
              ? client().send(
                  new TransactWriteItemsCommand({
                    // Half of them name the items in the other order.
                    TransactItems: (racer % 4 === 0 ? [a, b] : [b, a]).map((key) => ({ Update: add(key, 1) })),
                  }),
                )
              : client().send(new UpdateItemCommand(add(a, 1))),
          ),
        ),
      );
      expect(await get(a)).toMatchObject({ n: { N: '50' } });
      expect(await get(b)).toMatchObject({ n: { N: '25' } });
    });
  });
}

/** Tries again while another transaction is at work on an item, as a caller in the cloud must. DynamoDB Local makes callers wait instead. */
async function untilNoConflict<T>(attempt: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      const { name, CancellationReasons } = error as { name: string; CancellationReasons?: { Code: string }[] };
      const isConflict =
        name === 'TransactionConflictException' ||
        CancellationReasons?.some(({ Code }) => Code === 'TransactionConflict');
      if (!isConflict) {
        throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 10));
    }
  }
}

function onlyRefusedTransfers(error: { CancellationReasons?: { Code: string }[] }): void {
  expect(error.CancellationReasons?.map(({ Code }) => Code)).toEqual(['ConditionalCheckFailed', 'None']);
}

function reasons(outcomes: readonly PromiseSettledResult<unknown>[]): Set<string> {
  return new Set(outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason.name] : [])));
}
