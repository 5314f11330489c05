import { InvalidRequest } from '../../errors.ts';
import type { Arrival, CheckedRequest } from '../request.ts';

/**
 * Some clients want nothing that came by way of a browser to be taken for theirs (RFC 9126 §6).
 *
 * @throws InvalidRequest
 */
export function requirePushed({ integration }: CheckedRequest, arrival: Arrival): void {
  if (arrival === 'direct' && integration.requirePushedAuthorizationRequests)
    throw new InvalidRequest('the client pushes its requests');
}
