import { join } from 'node:path';
import { vi } from 'vitest';
import { defaultPlace } from '../../local/assembly.ts';
import { openDynamoDb } from '../../local/dynamodb/service.ts';
import { partitionKey } from '../../src/adapters/dynamodb/table.ts';
import type { EnforcedRun } from './enforced-run.ts';

const day = 24 * 60 * 60 * 1000;

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

/** Starts a run, and lets a day pass for its schedules: what they start has then begun. */
export async function aDayLater(start: () => Promise<EnforcedRun>): Promise<EnforcedRun> {
  vi.useFakeTimers({ toFake: ['setInterval'] });
  try {
    const run = await start();
    vi.advanceTimersByTime(day);
    return run;
  } finally {
    vi.useRealTimers();
  }
}
