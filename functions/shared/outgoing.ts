import { wants } from '../../src/entities/endpoint.ts';
import type { Integration } from '../../src/entities/integration.ts';
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
  { tenant, clientId, endpoint, version }: Pick<Integration, 'tenant' | 'clientId' | 'endpoint' | 'version'>,
  type: OutgoingEventType,
  data: OutgoingEvent['data'],
  now: number,
): readonly OutgoingEvent[] {
  if (endpoint === undefined || !wants(endpoint, type)) return [];
  const change = { tenant, type, object: clientId, sequence: version + 1, clientId, data };
  return [outgoingEvent(change, now, randomBytes)];
}
