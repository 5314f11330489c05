import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type FanOutPorts, fanOut } from '../../../src/deliveries/fan-out.ts';
import { newClientId, newTenantId } from '../../../src/entities/identifiers.ts';
import { outgoingEvent } from '../../../src/entities/outgoing-event.ts';

const tenant = newTenantId(randomBytes);
const createdAt = new Date(0).toISOString();
const clientIds = Array.from({ length: 200 }, () => newClientId(tenant, randomBytes)).sort();
const changed = outgoingEvent(
  { tenant, type: 'issue.changed', object: 'PRJ-1', sequence: 2, project: 'PRJ', data: {} },
  Date.now(),
  randomBytes,
);

/** A tenant with an endpoint for each of these integrations, which may all read the issue; and what is done to queues. */
function large() {
  const queued = new Set<string>();
  const seen = { enqueued: 0, atOnce: 0, rightsRead: 0 };
  let under = 0;
  const ports: FanOutPorts = {
    endpoints: {
      get: async () => undefined,
      list: async (_, { limit, after = '' }) => {
        const rest = clientIds.filter((id) => id > after);
        const items = rest.slice(0, limit).map((clientId) => ({
          ...{ tenant, clientId, uri: 'https://app.example', verification: 'public_key' as const, keys: [] },
          ...{ status: 'active' as const, createdAt, version: 1 },
        }));
        const last = items.at(-1)?.clientId;
        return { items, ...(rest.length > limit && last !== undefined && { last }) };
      },
    },
    deliveries: {
      withoutIt: async (_, ids) => ids.filter((id) => !queued.has(id)),
      enqueue: async ({ clientId }) => {
        seen.enqueued++;
        seen.atOnce = Math.max(seen.atOnce, ++under);
        await new Promise((resolve) => setTimeout(resolve, 1));
        under--;
        queued.add(clientId);
        return true;
      },
    },
    rights: {
      of: async (_tenant, _project, ids) => {
        seen.rightsRead++;
        return new Map(ids.map((id) => [id, { rights: ['issues:read'], telling: 'now' }]));
      },
    },
    tellings: { of: async () => 'now' },
  };
  return { ports, queued, seen };
}

describe('an event for very many endpoints', () => {
  it('is put into their queues many at a time', async () => {
    const { ports, queued, seen } = large();
    expect(new Set(await fanOut(changed, ports))).toEqual(new Set(clientIds));
    expect(queued).toEqual(new Set(clientIds));
    expect(seen.atOnce).toBeGreaterThanOrEqual(20);
  });

  it('goes on where a run was cut off, without doing again what is done', async () => {
    const { ports, queued, seen } = large();
    for (const id of clientIds.slice(0, 150)) queued.add(id);
    expect(await fanOut(changed, ports)).toEqual(clientIds.slice(150));
    expect(seen.enqueued).toBe(50);
    expect(seen.rightsRead).toBeLessThanOrEqual(2);
  });

  it('is not through where one queue could not be written to', async () => {
    const { ports } = large();
    const deliveries = { ...ports.deliveries, enqueue: () => Promise.reject(new Error('down')) };
    await expect(fanOut(changed, { ...ports, deliveries })).rejects.toThrow('down');
  });
});
