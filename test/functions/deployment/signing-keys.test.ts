import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { handler } from '../../../functions/deployment/signing-keys.ts';
import { readDeployment, signingKeyItem } from '../../../src/adapters/dynamodb/deployment.ts';
import type { SigningKey, SigningKeyState } from '../../../src/entities/signing-key.ts';
import { environment, functionNameVariable } from '../../../src/environment.ts';
import type { EmbeddedTable } from '../../src/adapters/dynamodb/embedded-table.ts';
import { deployTable } from '../deployment.ts';

let embedded: EmbeddedTable;
let written: string[];
beforeAll(async () => {
  embedded = await deployTable();
});
afterAll(() => embedded.close());
beforeEach(() => {
  written = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    written.push(String(text));
    return true;
  });
});
afterEach(() => vi.restoreAllMocks());

async function deploy(...rows: readonly [name: string, state: SigningKeyState, secondsAgo: number][]) {
  const keys = rows.map(
    ([name, state, secondsAgo]): SigningKey => ({
      kid: `kid-${name}`,
      name,
      algorithm: 'RS256',
      keyArn: `arn:${name}`,
      publicJwk: { kty: 'RSA' },
      state,
      since: new Date(Date.now() - secondsAgo * 1000).toISOString(),
    }),
  );
  for (const key of keys) await embedded.table.put(signingKeyItem(key));
  process.env[environment.signingKeys] = JSON.stringify(
    keys.map(({ name, algorithm, keyArn }) => ({ name, algorithm, keyArn })),
  );
  process.env[environment.signingAlgorithm] = 'RS256';
  process.env[functionNameVariable] = 'Latchkey-Auth-signing-keys';
}

const states = async () =>
  Object.fromEntries((await readDeployment(embedded.table)).keys.map(({ name, state }) => [name, state]));
const metric = () => written.map((line) => JSON.parse(line)).find((line) => line._aws);

describe('the daily function', () => {
  it('moves keys on and tells how many are active, in a metric of its own', async () => {
    await deploy(['1', 'retiring', 100_000], ['2', 'active', 100_000], ['3', 'next', 400]);
    await handler();
    expect(await states()).toEqual({ 1: 'retired', 2: 'retiring', 3: 'active' });
    expect(metric()).toEqual({
      _aws: {
        Timestamp: expect.any(Number),
        CloudWatchMetrics: [
          {
            Namespace: 'Latchkey',
            Dimensions: [['FunctionName']],
            Metrics: [{ Name: 'ActiveSigningKeys', Unit: 'Count' }],
          },
        ],
      },
      FunctionName: 'Latchkey-Auth-signing-keys',
      ActiveSigningKeys: 1,
    });
  });

  it('does the same run at once as one run', async () => {
    await deploy(['1', 'retiring', 100_000], ['2', 'active', 100_000], ['3', 'next', 400]);
    await Promise.all([handler(), handler(), handler()]);
    expect(await states()).toEqual({ 1: 'retired', 2: 'retiring', 3: 'active' });
  });

  it('tells of none where none is active', async () => {
    await deploy(['1', 'revoked', 10], ['2', 'next', 10], ['3', 'retired', 10]);
    await handler();
    expect(metric()?.ActiveSigningKeys).toBe(0);
  });
});
