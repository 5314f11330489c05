import * as z from 'zod/mini';
import { newId, type RandomBytes } from '../../entities/identifiers.ts';
import type { PushedRequest, PushedRequestStore } from '../../entities/pushed-request.ts';
import { once } from '../../once.ts';
import { ConditionFailed, type Item, isNew, type Key, type Table } from './commands.ts';
import { table as names, partitionKey } from './table.ts';

/** Where a pushed request lies. */
function pushedRequestKey(tenant: string, id: string): Key {
  return { pk: partitionKey('pushed-request', tenant, id), sk: 'PUSHED_REQUEST' };
}

const stored = once(() =>
  z.object({
    tenant: z.string(),
    id: z.string(),
    clientId: z.string(),
    parameters: z.record(z.string(), z.array(z.string())),
    expiresAt: z.string(),
  }),
);

/** The request of an item read from {@link pushedRequestKey}. */
const parsePushedRequest = (item: Item): PushedRequest => z.parse(stored(), item);

/** The item of a pushed request. */
export const pushedRequestItem = (request: PushedRequest): Item => ({
  ...pushedRequestKey(request.tenant, request.id),
  ...request,
  [names.timeToLive]: Math.ceil(Date.parse(request.expiresAt) / 1000),
});

/** Pushed requests over the one table. */
export function pushedRequests(table: Table, randomBytes: RandomBytes): PushedRequestStore {
  return {
    async create(request) {
      await table.put(pushedRequestItem(request), isNew);
    },

    async get(tenant, id) {
      const item = await table.get(pushedRequestKey(tenant, id));
      return item && parsePushedRequest(item);
    },

    async useOnce(request) {
      const usedBy = newId('use', randomBytes);
      try {
        await table.put(
          { ...pushedRequestItem(request), usedBy },
          { expression: 'attribute_exists(pk) AND attribute_not_exists(usedBy)' },
        );
        return true;
      } catch (error) {
        // Where the answer of a first try was lost, the SDK's second one meets what this very call wrote.
        if (error instanceof ConditionFailed) return error.failures.get(0)?.usedBy === usedBy;
        throw error;
      }
    },
  };
}
