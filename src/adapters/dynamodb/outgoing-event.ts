import { unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod/mini';
import { type OutgoingEvent, outgoingEventTypes } from '../../entities/outgoing-event.ts';
import { once } from '../../once.ts';
import type { Action, Item } from './commands.ts';
import { table as names, partitionKey } from './table.ts';

/** How long a row stays after the stream has told of it, in seconds. */
const keptSeconds = 2 * 86_400;

/** Puts the event where the stream finds it, in the transaction of the change. */
export function outgoingEventAction(event: OutgoingEvent): Action {
  return {
    put: {
      pk: partitionKey('outgoing-event', event.tenant, event.object),
      sk: `${String(event.sequence).padStart(12, '0')}#${event.id}`,
      ...event,
      [names.timeToLive]: Math.ceil(Date.parse(event.at) / 1000) + keptSeconds,
    },
  };
}

const stored = once(() =>
  z.object({
    tenant: z.string(),
    id: z.string(),
    type: z.enum(outgoingEventTypes),
    object: z.string(),
    sequence: z.number(),
    at: z.string(),
    clientId: z.optional(z.string()),
    application: z.optional(z.string()),
    project: z.optional(z.string()),
    data: z.record(z.string(), z.unknown()),
  }),
);

/** The event of a row that {@link outgoingEventAction} put. */
export const parseOutgoingEvent = (item: Item): OutgoingEvent => z.parse(stored(), item);

/** The event of such a row as the table's stream shows it: DynamoDB's own form of an item. */
export const outgoingEventOfImage = (image: unknown): OutgoingEvent =>
  parseOutgoingEvent(unmarshall((image ?? {}) as Parameters<typeof unmarshall>[0]));
