import { InvalidRequest } from '../../errors.ts';
import type { CheckedRequest } from '../request.ts';

/**
 * How many seconds ago the user may have signed in (OIDC Core §3.1.2.1); undefined: as long as the session lasts.
 *
 * @throws InvalidRequest for what is no number of seconds
 */
export function requestedMaxAge({ form }: CheckedRequest): number | undefined {
  const value = form.get('max_age');
  if (value === undefined) return undefined;
  if (!/^\d{1,9}$/.test(value)) throw new InvalidRequest('max_age is no number of seconds');
  return Number(value);
}
