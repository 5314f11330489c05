import * as z from 'zod/mini';
import {
  type Endpoint,
  type EndpointChange,
  type EndpointReader,
  type EndpointStore,
  verifications,
} from '../../entities/endpoint.ts';
import { ConcurrentChange } from '../../entities/errors.ts';
import { outgoingEventTypes } from '../../entities/outgoing-event.ts';
import { once } from '../../once.ts';
import { auditEventActions } from './audit-event.ts';
import { type Action, type Condition, ConditionFailed, type Item, isNew, type Key, type Table } from './commands.ts';
import { arrivalAction, queueKeptSeconds } from './delivery-row.ts';
import { entityPage } from './entity-page.ts';
import { table as names, partitionKey } from './table.ts';

/** Where an integration's endpoint lies: those of a tenant share a partition, so that an issue's events find them all. */
export function endpointKey(tenant: string, clientId: string): Key {
  return { pk: partitionKey('endpoint', tenant), sk: clientId };
}

/** The item of an endpoint; its attributes are the entity's members. */
export function endpointItem(endpoint: Endpoint): Item {
  return { ...endpointKey(endpoint.tenant, endpoint.clientId), ...endpoint };
}

/** The types of events, as an attribute. */
export const storedEventTypes = once(() => z.optional(z.array(z.enum(outgoingEventTypes))));

const stored = once(() =>
  z.object({
    tenant: z.string(),
    clientId: z.string(),
    uri: z.string(),
    verification: z.enum(verifications),
    events: storedEventTypes(),
    keys: z.array(
      z.object({
        id: z.string(),
        ciphertext: z.string(),
        lastFour: z.string(),
        createdAt: z.string(),
        expiresAt: z.optional(z.string()),
      }),
    ),
    status: z.enum(['active', 'paused']),
    pausedAt: z.optional(z.string()),
    resumedAt: z.optional(z.string()),
    removedAt: z.optional(z.string()),
    createdAt: z.string(),
    version: z.number(),
  }),
);

/** The endpoint of an item read from {@link endpointKey}. */
export const parseEndpoint = (item: Item): Endpoint => z.parse(stored(), item);

/** The change of an endpoint's row; what waited for its resumption is looked at. */
export function endpointActions(change: EndpointChange): Action[] {
  const isResumed = 'after' in change && change.before && change.before.resumedAt !== change.after.resumedAt;
  if (!isResumed) return [rowAction(change)];
  const { tenant, clientId, resumedAt = '' } = change.after;
  return [rowAction(change), arrivalAction(tenant, clientId, Date.parse(resumedAt))];
}

function rowAction(change: EndpointChange): Action {
  if ('orphanedAt' in change)
    // As long as its queue: while its tenant is suspended, the last events wait as long as they are kept.
    return {
      update: endpointKey(change.tenant, change.clientId),
      expression: `SET removedAt = :at, ${names.timeToLive} = :until, version = version + :one`,
      values: {
        ':at': change.orphanedAt,
        ':until': Math.ceil(Date.parse(change.orphanedAt) / 1000) + queueKeptSeconds,
        ':one': 1,
      },
      condition: { expression: 'attribute_exists(pk)' },
    };
  if ('removed' in change)
    return {
      delete: endpointKey(change.removed.tenant, change.removed.clientId),
      condition: unchanged(change.removed),
    };
  const { before, after } = change;
  if (before === undefined) return { put: endpointItem(after), condition: isNew };
  return { put: endpointItem({ ...after, version: before.version + 1 }), condition: unchanged(before) };
}

const unchanged = ({ version }: Endpoint): Condition => ({
  expression: 'version = :version',
  values: { ':version': version },
});

/** Endpoints in the one table. */
export function endpointReader(table: Table): EndpointReader {
  return {
    async get(tenant, clientId) {
      const item = await table.get(endpointKey(tenant, clientId));
      return item && parseEndpoint(item);
    },
    list(tenant, { limit, after }) {
      return entityPage(table, {
        query: {
          partition: partitionKey('endpoint', tenant),
          ...(after !== undefined && { after: { ...endpointKey(tenant, after) } }),
        },
        limit,
        parse: parseEndpoint,
        positionOf: ({ clientId }) => clientId,
      });
    },
  };
}

/** Endpoints whose integrations stay as they are. */
export function endpointStore(table: Table): EndpointStore {
  return {
    ...endpointReader(table),
    async update(before, after, event) {
      try {
        await table.transact([...endpointActions({ before, after }), ...auditEventActions(event)]);
      } catch (error) {
        throw error instanceof ConditionFailed ? new ConcurrentChange() : error;
      }
    },
  };
}
