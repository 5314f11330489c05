import type * as z from 'zod/mini';
import type { attemptAnswer, deliveryAnswer, endpointAnswer } from '../../src/api/schemas/endpoint.ts';
import type { Attempt, Delivery, DeliveryQueue } from '../../src/entities/delivery.ts';
import type { Endpoint } from '../../src/entities/endpoint.ts';

/**
 * An endpoint, as the contract shows it.
 *
 * @param jwksUri where the deployment's public key for endpoints is
 */
export function endpointBody(
  endpoint: Endpoint,
  queue: Pick<DeliveryQueue, 'failingSince'> | undefined,
  jwksUri: string,
): z.output<typeof endpointAnswer> {
  const { uri, verification, events, status, pausedAt, keys, createdAt } = endpoint;
  return {
    uri,
    verification,
    ...(events && { events: [...events] }),
    status,
    ...(pausedAt !== undefined && { paused_at: pausedAt }),
    ...(queue?.failingSince !== undefined && { failing_since: queue.failingSince }),
    keys: keys.map((key) => ({
      id: key.id,
      last_four: key.lastFour,
      created_at: key.createdAt,
      expires_at: key.expiresAt ?? null,
    })),
    ...(verification === 'public_key' && { jwks_uri: jwksUri }),
    created_at: createdAt,
  };
}

/** One request to an endpoint, and what came back. */
export function attemptBody(attempt: Attempt): z.output<typeof attemptAnswer> {
  const { at, durationMilliseconds, status, fault, answer } = attempt;
  return {
    at,
    duration_ms: durationMilliseconds,
    ...(status !== undefined && { status }),
    ...(fault !== undefined && { fault }),
    ...(answer !== undefined && { answer }),
  };
}

/** A line of the log. */
export function deliveryBody(delivery: Delivery): z.output<typeof deliveryAnswer> {
  const { id, event, state, dueAt, attemptCount, attempts } = delivery;
  return {
    id,
    event: {
      id: event.id,
      type: event.type,
      object: event.object,
      sequence: event.sequence,
      at: event.at,
      data: { ...event.data },
    },
    state,
    ...(state === 'pending' && { due_at: dueAt }),
    attempt_count: attemptCount,
    attempts: attempts.map(attemptBody),
  };
}
