import { afterAll, beforeAll, describe, test } from 'vitest';
import { engines, type RunningEngine } from './engines.ts';
import { itemContract } from './item-contract.ts';
import { queryContract } from './query-contract.ts';
import { raceContract } from './race-contract.ts';
import { transactionContract } from './transaction-contract.ts';

for (const engine of engines) {
  if (engine.skipped !== undefined) {
    console.warn(`The storage contract is not checked against ${engine.name}: ${engine.skipped}.`);
    test.skip(`storage contract: ${engine.name} (${engine.skipped})`, () => {});
    continue;
  }
  describe(`storage contract: ${engine.name}`, () => {
    let running: RunningEngine;
    beforeAll(async () => {
      running = await engine.start();
    }, 60_000);
    afterAll(() => running?.close());
    const client = () => running.client;
    itemContract(client, engine.isAmazons);
    queryContract(client);
    transactionContract(client, engine.isAmazons);
    raceContract(client);
  });
}
