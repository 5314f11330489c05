import { openDynamoDb } from '../../../local/dynamodb/service.ts';
import { here, things } from './engines.ts';

/*
 * Run by store.test.ts as a process to be killed: writes pairs of items without end, each pair in one transaction, and
 * says the number of a pair once it is acknowledged. Between them, single puts of items in an index.
 */
const [, , directory = ''] = process.argv;
const service = await openDynamoDb({ ...here, directory, clock: Date.now });
await service.ensureTable({ ...things, StreamSpecification: { StreamViewType: 'KEYS_ONLY' } });
const item = (side: string, pair: number) => ({
  pk: { S: `${side}#${pair}` },
  sk: { S: 'pair' },
  holder: { S: `pair#${pair}` },
  filler: { S: 'x'.repeat(2000) },
});
const stream = async (first: number) => {
  for (let pair = first; ; pair += 8) {
    await service.call('TransactWriteItems', {
      ClientRequestToken: `pair-${pair}`,
      TransactItems: ['left', 'right'].map((side) => ({
        Put: { TableName: things.TableName, Item: item(side, pair) },
      })),
    });
    process.stdout.write(`${pair}\n`);
    await service.call('PutItem', { TableName: things.TableName, Item: item('single', pair) });
  }
};
await Promise.all(Array.from({ length: 8 }, (_, first) => stream(first)));
