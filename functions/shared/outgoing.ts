import { toldOfIntegration } from '../../src/entities/endpoint.ts';
import { type OutgoingEvent, type OutgoingEventType, outgoingEvent } from '../../src/entities/outgoing-event.ts';
import { randomBytes } from './services.ts';

/**
 * What the integration's endpoint is told of a change of it; nothing where it has none, or one that does not want to
 * know. To be given along with the change, whose version orders the events.
 *
 * @param integration as it was decided on, its version still the one that was read
 * @param data never a secret
 * @param now milliseconds since the epoch
 */
export function outgoingOf(
  integration: Parameters<typeof toldOfIntegration>[0],
  type: OutgoingEventType,
  data: OutgoingEvent['data'],
  now: number,
): readonly OutgoingEvent[] {
  return toldOfIntegration(integration, type, data).map((change) => outgoingEvent(change, now, randomBytes));
}
