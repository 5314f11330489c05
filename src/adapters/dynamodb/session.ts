import * as z from 'zod/mini';
import { ConcurrentChange, NotFound } from '../../entities/errors.ts';
import { deliveryOf } from '../../entities/logout-delivery.ts';
import type { Session, SessionStore } from '../../entities/session.ts';
import { once } from '../../once.ts';
import { auditEventActions } from './audit-event.ts';
import { type Action, ConditionFailed, type Item, isNew, type Key, type Table } from './commands.ts';
import { storedAuthentication } from './holdings.ts';
import { logoutDeliveryItem } from './logout-delivery.ts';
import { table as names, partitionKey } from './table.ts';

const sessionPrefix = 'SESSION#';

/** Where a session lies: its user's sessions share a partition. */
export function sessionKey(tenant: string, userId: string, id: string): Key {
  return { pk: partitionKey('session', tenant, userId), sk: sessionPrefix + id };
}

/** Where it is noted that a client was given tokens in a session. */
function clientKey(tenant: string, userId: string, id: string, clientId: string): Key {
  return { pk: partitionKey('session', tenant, userId), sk: `CLIENT#${id}#${clientId}` };
}

const stored = once(() =>
  z.object({
    tenant: z.string(),
    userId: z.string(),
    id: z.string(),
    secretHash: z.string(),
    userGeneration: z.number(),
    ...storedAuthentication(),
    createdAt: z.string(),
    expiresAt: z.string(),
    userAgent: z.optional(z.string()),
    address: z.optional(z.string()),
  }),
);

/** The session of an item read from {@link sessionKey}. */
export const parseSession = (item: Item): Session => z.parse(stored(), item);

/** Seconds since the epoch of a timestamp, for the table's time to live. */
const epochOf = (timestamp: string) => Math.ceil(Date.parse(timestamp) / 1000);

const sessionItem = (session: Session): Item => ({
  ...sessionKey(session.tenant, session.userId, session.id),
  ...session,
  [names.timeToLive]: epochOf(session.expiresAt),
});

/** The most clients whose notes are removed with a session; the others run out with it. */
const clientsAtMost = 90;

/** Sessions over the one table. */
export function sessions(table: Table): SessionStore {
  return {
    async get(tenant, userId, id) {
      const item = await table.get(sessionKey(tenant, userId, id));
      return item && parseSession(item);
    },

    async list(tenant, userId) {
      const { items } = await table.query({
        partition: partitionKey('session', tenant, userId),
        beginsWith: sessionPrefix,
      });
      return items.map(parseSession);
    },

    async create(session, event) {
      await table.transact([{ put: sessionItem(session), condition: isNew }, ...auditEventActions(event)]);
    },

    async renew(before, after) {
      try {
        await table.put(sessionItem(after), {
          expression: 'secretHash = :before',
          values: { ':before': before.secretHash },
        });
      } catch (error) {
        throw error instanceof ConditionFailed ? new ConcurrentChange() : error;
      }
    },

    async end(tenant, userId, id, event) {
      const prefix = clientKey(tenant, userId, id, '').sk;
      const { items } = await table.query({
        partition: partitionKey('session', tenant, userId),
        beginsWith: prefix,
        limit: clientsAtMost,
      });
      const clients = items.map(({ sk }) => String(sk).slice(prefix.length));
      const removals = clients.map((clientId): Action => ({ delete: clientKey(tenant, userId, id, clientId) }));
      const delivery = deliveryOf({ tenant, userId, id }, clients, event.at);
      try {
        await table.transact([
          { delete: sessionKey(tenant, userId, id), condition: { expression: 'attribute_exists(pk)' } },
          ...removals,
          ...(clients.length > 0 ? [{ put: logoutDeliveryItem(delivery) }] : []),
          ...auditEventActions(event),
        ]);
      } catch (error) {
        throw error instanceof ConditionFailed ? new NotFound() : error;
      }
    },

    async noteClient({ tenant, userId, id, expiresAt }, clientId) {
      await table.put({ ...clientKey(tenant, userId, id, clientId), [names.timeToLive]: epochOf(expiresAt) });
    },
  };
}
