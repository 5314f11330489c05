import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Table } from '../../../../src/adapters/dynamodb/commands.ts';
import { deliveryStore } from '../../../../src/adapters/dynamodb/delivery.ts';
import { newDelivery } from '../../../../src/entities/delivery.ts';
import { ConcurrentChange } from '../../../../src/entities/errors.ts';
import { newClientId, newTenantId } from '../../../../src/entities/identifiers.ts';
import { type OutgoingEvent, outgoingEvent } from '../../../../src/entities/outgoing-event.ts';
import { type EmbeddedTable, openEmbeddedTable } from './embedded-table.ts';

let embedded: EmbeddedTable;
beforeAll(async () => {
  embedded = await openEmbeddedTable();
});
afterAll(() => embedded.close());

let told: OutgoingEvent;
let clientId: string;
let pauses: number[];
const pause = async (atMost: number) => void pauses.push(atMost);
beforeEach(() => {
  const tenant = newTenantId(randomBytes);
  clientId = newClientId(tenant, randomBytes);
  const change = { tenant, type: 'secret.expiring', object: clientId, sequence: 1, clientId, data: {} } as const;
  told = outgoingEvent(change, Date.now(), randomBytes);
  pauses = [];
});

/** The table, at whose rows other transactions are so many times. */
function contended(times: number): Table {
  let left = times;
  return {
    ...embedded.table,
    transact: async (actions) => {
      if (left-- > 0) throw new ConcurrentChange();
      await embedded.table.transact(actions);
    },
  };
}

describe('what comes in where others write to the same queue', () => {
  it('gets in, after pauses that grow', async () => {
    expect(await deliveryStore(contended(5), pause).enqueue(newDelivery(told, clientId))).toBe(true);
    expect(pauses).toHaveLength(5);
    expect(pauses).toEqual([...pauses].sort((one, other) => one - other));
    expect(Math.min(...pauses)).toBeGreaterThan(0);
  });

  it('is given up where they are always faster, and can be tried again', async () => {
    const delivery = newDelivery(told, clientId);
    await expect(deliveryStore(contended(1000), pause).enqueue(delivery)).rejects.toThrow(ConcurrentChange);
    expect(await deliveryStore(embedded.table, pause).enqueue(delivery)).toBe(true);
    expect(await deliveryStore(embedded.table, pause).enqueue(delivery)).toBe(false);
  });

  it('gets in, of forty at once', async () => {
    const { tenant } = told;
    const store = deliveryStore(embedded.table, pause);
    const many = Array.from({ length: 40 }, (_, index) =>
      newDelivery(outgoingEvent({ ...told, object: `PRJ-${index}` }, Date.now(), randomBytes), clientId),
    );
    await Promise.all(many.map((delivery) => store.enqueue(delivery)));
    expect((await store.pending(tenant, clientId, { limit: 100 })).items).toHaveLength(40);
    expect(await store.queue(tenant, clientId)).toMatchObject({ arrivals: 40 });
  });
});

it('of many logs, those are known that do not have an event', async () => {
  const store = deliveryStore(embedded.table, pause);
  await store.enqueue(newDelivery(told, clientId));
  const other = newClientId(told.tenant, randomBytes);
  expect(await store.withoutIt(told, [clientId, other])).toEqual([other]);
});
