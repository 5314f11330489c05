import { join } from 'node:path';
import { vi } from 'vitest';
import { defaultPlace } from '../../local/assembly.ts';
import { openDynamoDb } from '../../local/dynamodb/service.ts';
import { partitionKey } from '../../src/adapters/dynamodb/table.ts';
import type { EnforcedRun } from './enforced-run.ts';

const minute = 60 * 1000;
const day = 24 * 60 * minute;

interface KeyRow {
  readonly sk: { readonly S: string };
  readonly since: { readonly S: string };
}

/** Makes every signing key of a deployment that is not running a day older. */
export async function ageSigningKeys(dataDirectory: string, tableName: string): Promise<void> {
  const table = await openDynamoDb({ directory: join(dataDirectory, 'dynamodb'), clock: Date.now, ...defaultPlace });
  const { Items } = (await table.call('Query', {
    TableName: tableName,
    KeyConditionExpression: 'pk = :pk AND begins_with(sk, :key)',
    ExpressionAttributeValues: { ':pk': { S: partitionKey('deployment') }, ':key': { S: 'KEY#' } },
  })) as { Items: readonly KeyRow[] };
  for (const row of Items) {
    const since = { S: new Date(Date.parse(row.since.S) - day).toISOString() };
    await table.call('PutItem', { TableName: tableName, Item: { ...row, since } });
  }
  await table.close();
}

/** Starts a run whose schedules are all due whenever `due` is called. */
export async function withSchedules(start: () => Promise<EnforcedRun>): Promise<EnforcedRun & { due(): void }> {
  const timers = vi.spyOn(globalThis, 'setInterval');
  try {
    const run = await start();
    const ticks = timers.mock.calls.filter(([, interval = 0]) => interval >= minute).map(([tick]) => tick);
    return { ...run, due: () => ticks.forEach((tick) => void tick()) };
  } finally {
    timers.mockRestore();
  }
}
