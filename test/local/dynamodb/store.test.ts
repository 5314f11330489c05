import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type DynamoDbService, openDynamoDb } from '../../../local/dynamodb/service.ts';
import { streamArnOf } from '../../../local/dynamodb/stream-record.ts';
import { here, things } from './engines.ts';

const { TableName } = things;
const streamArn = streamArnOf(`arn:aws:dynamodb:${here.region}:${here.accountId}:table/${TableName}`);
let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'latchkey-store-'));
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

const open = (directory: string): Promise<DynamoDbService> =>
  openDynamoDb({ ...here, directory: join(scratch, directory), clock: Date.now });

async function scanned(service: DynamoDbService, index?: string): Promise<string[]> {
  const found: string[] = [];
  let start: unknown;
  do {
    const page = (await service.call('Scan', {
      TableName,
      ...(index === undefined ? {} : { IndexName: index }),
      ...(start === undefined ? {} : { ExclusiveStartKey: start }),
    })) as { Items: { pk: { S: string } }[]; LastEvaluatedKey?: unknown };
    found.push(...page.Items.map(({ pk }) => pk.S));
    start = page.LastEvaluatedKey;
  } while (start !== undefined);
  return found.sort();
}

describe('a process killed in the middle of transactions', () => {
  test.each([200, 500, 900])(
    'after %i pairs: no acknowledged transaction is lost, none is half done, every index entry has its item, every item its record',
    async (killAfter) => {
      const directory = `killed-${killAfter}`;
      const script = fileURLToPath(new URL('./transfer-stream.ts', import.meta.url));
      const child = spawn(process.execPath, [script, join(scratch, directory)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const acknowledged: string[] = [];
      let unfinished = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        const lines = (unfinished + text).split('\n');
        unfinished = lines.pop() ?? '';
        acknowledged.push(...lines);
        if (acknowledged.length >= killAfter) {
          child.kill('SIGKILL');
        }
      });
      await once(child, 'close');
      expect(child.signalCode).toBe('SIGKILL');
      const service = await open(directory);
      await service.ensureTable(things);
      const keys = await scanned(service);
      const side = (name: string) =>
        keys.flatMap((pk) => (pk.startsWith(`${name}#`) ? [pk.slice(name.length + 1)] : []));
      expect(side('left')).toEqual(side('right'));
      expect(new Set(side('left'))).toEqual(new Set([...side('left'), ...acknowledged]));
      expect(await scanned(service, 'by-holder')).toEqual(keys);
      const told = await service.streams.read(streamArn, '', 100_000);
      expect(told.map(({ record }) => record.dynamodb.Keys.pk?.S).sort()).toEqual(keys);
      const last = acknowledged.at(-1) ?? '';
      // The token of an acknowledged transaction survives too: other content under it is refused.
      await expect(
        service.call('TransactWriteItems', {
          ClientRequestToken: `pair-${last}`,
          TransactItems: [{ Delete: { TableName, Key: { pk: { S: `left#${last}` }, sk: { S: 'pair' } } } }],
        }),
      ).rejects.toMatchObject({ code: 'IdempotentParameterMismatchException' });
      await service.close();
    },
    30_000,
  );
});

describe('a directory', () => {
  test('keeps tables and items from one opening to the next', async () => {
    const first = await open('kept');
    await first.ensureTable(things);
    const Key = { pk: { S: 'kept' }, sk: { S: '1' } };
    await first.call('PutItem', { TableName, Item: Key });
    await first.close();
    const second = await open('kept');
    expect(await second.call('GetItem', { TableName, Key })).toEqual({ Item: Key });
    await second.close();
  });

  test('in use is one error that says so, and free again it opens', async () => {
    const first = await open('held');
    await expect(open('held')).rejects.toThrow(/held is in use by another process/);
    await first.close();
    await (await open('held')).close();
  });

  test('closes after the calls under way', async () => {
    const service = await open('closing');
    await service.ensureTable(things);
    const writes = Array.from({ length: 20 }, (_, n) =>
      service.call('PutItem', { TableName, Item: { pk: { S: String(n) }, sk: { S: '1' } } }),
    );
    await service.close();
    await expect(Promise.all(writes)).resolves.toHaveLength(20);
  });
});

test('an operation that is not there is refused by its name', async () => {
  const service = await open('unknown');
  for (const attempt of [
    async () => service.permissions('DeleteTable', { TableName }),
    () => service.call('DeleteTable', { TableName }),
    () => service.call('constructor', {}),
  ]) {
    await expect(attempt()).rejects.toMatchObject({ code: 'UnknownOperationException' });
  }
  await expect(service.call('DeleteTable', {})).rejects.toThrow(/DeleteTable/);
  await service.close();
});
