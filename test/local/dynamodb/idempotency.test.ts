import { expect, test } from 'vitest';
import { openDynamoDb } from '../../../local/dynamodb/service.ts';
import { here, things } from './engines.ts';

const { TableName } = things;
const tenMinutes = 10 * 60 * 1000;

async function opened() {
  let now = Date.UTC(2026, 0, 1);
  const service = await openDynamoDb({ ...here, directory: undefined, clock: () => now });
  await service.ensureTable(things);
  const Key = { pk: { S: 'counter' }, sk: { S: '1' } };
  const count = (by: string) =>
    service.call('TransactWriteItems', {
      ClientRequestToken: 'token',
      TransactItems: [
        {
          Update: {
            TableName,
            Key,
            UpdateExpression: 'ADD n :by',
            ExpressionAttributeValues: { ':by': { N: by } },
          },
        },
      ],
    });
  return {
    service,
    count,
    counted: async () =>
      ((await service.call('GetItem', { TableName, Key })) as { Item: { n: { N: string } } }).Item.n.N,
    wait: (milliseconds: number) => {
      now += milliseconds;
    },
  };
}

test.each([
  ['not done again', 1, '1'],
  ['done again after them', 0, '2'],
])('within ten minutes a token keeps its transaction from being done twice: %s', async (_what, early, expected) => {
  const { service, count, counted, wait } = await opened();
  await count('1');
  wait(tenMinutes - early);
  await service.sweep();
  await count('1');
  expect(await counted()).toBe(expected);
  await service.close();
});

test('after ten minutes a token may carry another transaction', async () => {
  const { service, count, counted, wait } = await opened();
  await count('1');
  await expect(count('5')).rejects.toMatchObject({ code: 'IdempotentParameterMismatchException' });
  wait(tenMinutes);
  await count('5');
  expect(await counted()).toBe('6');
  await service.close();
});

test('the same token twice at once is done once, and the other is told that it is under way', async () => {
  const { service, count, counted } = await opened();
  const outcomes = await Promise.allSettled([count('1'), count('1')]);
  expect(outcomes.map((outcome) => (outcome.status === 'rejected' ? outcome.reason.code : 'done')).sort()).toEqual([
    'TransactionInProgressException',
    'done',
  ]);
  await count('1');
  expect(await counted()).toBe('1');
  await service.close();
});
