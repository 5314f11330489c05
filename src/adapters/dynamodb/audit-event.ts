import * as z from 'zod/mini';
import {
  type AuditEvent,
  type AuditEventStore,
  type AuditFilter,
  earliestEventId,
  type Via,
} from '../../entities/audit-event.ts';
import { ConcurrentChange } from '../../entities/errors.ts';
import { once } from '../../once.ts';
import { type Action, type Condition, ConditionFailed, type Item, isNew, type Key, type Table } from './commands.ts';
import { table as names, partitionKey } from './table.ts';

/** Each event lies in four partitions, so that each filter is a key condition: of its tenant, object, actor, action. */
function partitionsOf(event: AuditEvent): string[] {
  return [
    partitionKey('audit-event', event.tenant),
    ...(['object', 'actor', 'action'] as const).map((kind) => partitionOf(event.tenant, kind, event[kind])),
  ];
}

/** The partitions in which the event lies that an item of any of them tells of; the tenant's is the first. */
export const partitionsOfEvent = (item: Item): readonly string[] => partitionsOf(parseAuditEvent(item));

function partitionOf(tenant: string, kind: 'object' | 'actor' | 'action', value: string): string {
  return partitionKey('audit-event', tenant, kind, value);
}

/** The four rows of an event; none of them may replace one that is there. */
export function auditEventActions(event: AuditEvent): Action[] {
  return partitionsOf(event).map((pk) => ({
    put: {
      pk,
      sk: event.id,
      tenant: event.tenant,
      // Prefixed, because ACTION, OBJECT and AT are reserved words of filter expressions.
      event_at: event.at,
      event_actor: event.actor,
      event_action: event.action,
      event_object: event.object,
      request_id: event.requestId,
      ...(event.address !== undefined && { event_address: event.address }),
      ...(event.via && { via: viaRow(event.via) }),
      ...(event.keptUntil !== undefined && { [names.timeToLive]: Math.ceil(Date.parse(event.keptUntil) / 1000) }),
      ...(event.changes && { changes: event.changes }),
    },
    condition: isNew,
  }));
}

const viaRow = ({ clientId, tokenId, sessionId }: Via) => ({
  ...(clientId !== undefined && { client_id: clientId }),
  ...(tokenId !== undefined && { token_id: tokenId }),
  ...(sessionId !== undefined && { session_id: sessionId }),
});

const text = once(() => z.optional(z.string()));

const stored = once(() =>
  z.object({
    sk: z.string(),
    tenant: z.string(),
    event_at: z.string(),
    event_actor: z.string(),
    event_action: z.string(),
    event_object: z.string(),
    request_id: z.string(),
    event_address: text(),
    via: z.optional(z.object({ client_id: text(), token_id: text(), session_id: text() })),
    [names.timeToLive]: z.optional(z.number()),
    changes: z.optional(z.record(z.string(), z.unknown())),
  }),
);

function parseAuditEvent(item: Item): AuditEvent {
  const row = z.parse(stored(), item);
  const keptUntil = row[names.timeToLive];
  return {
    id: row.sk,
    tenant: row.tenant,
    at: row.event_at,
    actor: row.event_actor,
    action: row.event_action,
    object: row.event_object,
    requestId: row.request_id,
    ...(row.event_address !== undefined && { address: row.event_address }),
    ...(row.via && { via: parseVia(row.via) }),
    ...(keptUntil !== undefined && { keptUntil: new Date(keptUntil * 1000).toISOString() }),
    ...(row.changes && { changes: row.changes }),
  };
}

function parseVia({ client_id, token_id, session_id }: NonNullable<z.output<ReturnType<typeof stored>>['via']>): Via {
  return {
    ...(client_id !== undefined && { clientId: client_id }),
    ...(token_id !== undefined && { tokenId: token_id }),
    ...(session_id !== undefined && { sessionId: session_id }),
  };
}

/** Nobody asks for an hour's marker once it is over. */
const markerSeconds = 7200;

/** Stands for what was told of an object in one hour and slot; it lies beside the events, and is none of them. */
function markerKey({ tenant, object, action, at }: AuditEvent, slot: number): Key {
  const hour = at.slice(0, 13);
  return { pk: partitionKey('audit-event', tenant, 'told', object), sk: `${action}#${hour}#${slot}` };
}

/** Rows read for one page of a filtered list: a bound on its cost, whatever the filter leaves of them. */
const filteredRows = 500;

/** The log in the table. */
export function auditEventStore(table: Table): AuditEventStore {
  return {
    async append(event) {
      await table.transact(auditEventActions(event));
    },
    async appendFirstOfHour(event, slot) {
      const marker = markerKey(event, slot);
      // Read first: a transaction that is refused costs as much as one that is not.
      if ((await table.get(marker)) !== undefined) return;
      const until = Math.ceil(Date.parse(event.at) / 1000) + markerSeconds;
      try {
        await table.transact([
          { put: { ...marker, [names.timeToLive]: until }, condition: isNew },
          ...auditEventActions(event),
        ]);
      } catch (error) {
        // Somebody else was the first.
        if (!(error instanceof ConditionFailed && error.failures.has(0)) && !(error instanceof ConcurrentChange))
          throw error;
      }
    },
    async list(tenant, filter, { limit, after }) {
      const partition = narrowestPartition(tenant, filter);
      const rest = restOf(filter);
      const { items, last } = await table.query({
        partition,
        from: earliestEventId(filter.from === undefined ? 0 : Date.parse(filter.from)),
        to: filter.until === undefined ? 'evt_~' : earliestEventId(Date.parse(filter.until)),
        newestFirst: true,
        limit: rest ? filteredRows : limit + 1,
        ...(rest && { filter: rest }),
        ...(after !== undefined && { after: { pk: partition, sk: after } }),
      });
      const page = items.slice(0, limit).map(parseAuditEvent);
      const position = items.length > limit ? page.at(-1)?.id : last?.sk;
      return { items: page, ...(position !== undefined && { last: position }) };
    },
  };
}

/** What tells an object's events from others' tells most; an action's name tells least. */
function narrowestPartition(tenant: string, { object, actor, action }: AuditFilter): string {
  if (object !== undefined) return partitionOf(tenant, 'object', object);
  if (actor !== undefined) return partitionOf(tenant, 'actor', actor);
  if (action !== undefined) return partitionOf(tenant, 'action', action);
  return partitionKey('audit-event', tenant);
}

/** What the partition's key leaves of the filter. */
function restOf({ object, actor, action }: AuditFilter): Condition | undefined {
  const parts: [string, string][] = [];
  if (actor !== undefined && object !== undefined) parts.push(['actor', actor]);
  if (action !== undefined && (object !== undefined || actor !== undefined)) parts.push(['action', action]);
  if (parts.length === 0) return undefined;
  return {
    expression: parts.map(([name]) => `event_${name} = :${name}`).join(' AND '),
    values: Object.fromEntries(parts.map(([name, value]) => [`:${name}`, value])),
  };
}
