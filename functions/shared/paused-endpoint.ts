import type { PauseReason } from '../../src/deliveries/queue-run.ts';
import { auditEvent } from '../../src/entities/audit-event.ts';
import { type Endpoint, type EndpointStore, paused } from '../../src/entities/endpoint.ts';
import { ConcurrentChange } from '../../src/entities/errors.ts';
import { metrics } from '../../src/environment.ts';
import { count } from './metrics.ts';
import { deploymentOrigin } from './origin.ts';
import { clock, randomBytes } from './services.ts';

/** Pauses endpoints, and tells their administrators: in the audit log, and by an alarm. */
export function pausing(endpoints: EndpointStore, requestId: string) {
  return async (endpoint: Endpoint, reason: PauseReason): Promise<boolean> => {
    const { tenant, clientId } = endpoint;
    const now = clock.now();
    const told = { tenant, object: clientId, action: 'endpoint.paused', changes: { reason } };
    const event = auditEvent(told, deploymentOrigin(requestId), now, randomBytes);
    try {
      await endpoints.update(endpoint, paused(endpoint, now), event);
    } catch (error) {
      if (error instanceof ConcurrentChange) return false;
      throw error;
    }
    count(metrics.pausedEndpoints, { tenant, client_id: clientId, reason });
    return true;
  };
}
