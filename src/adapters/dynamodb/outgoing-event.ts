import type { OutgoingEvent } from '../../entities/outgoing-event.ts';
import type { Action } from './commands.ts';
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
