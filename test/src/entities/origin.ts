import type { Origin, RequestSource } from '../../../src/entities/audit-event.ts';

/** A request of a test. */
export const source: RequestSource = { requestId: 'r', address: '203.0.113.7', retentionDays: 400 };

/** A request of a test, of somebody. */
export function originOf(actor: string, requestId = source.requestId): Origin {
  return { ...source, actor, requestId };
}
