import { RegistrationNotSupported, RequestNotSupported, RequestUriNotSupported } from '../../errors.ts';
import type { CheckedRequest } from '../request.ts';

/**
 * Request objects (RFC 9101) are not read, neither by value nor fetched from anywhere; a request that was pushed here was
 * put in the place of its `request_uri` before. Nor are clients registered in passing (OIDC Core §7.2.1).
 *
 * @throws RequestNotSupported, RequestUriNotSupported, RegistrationNotSupported
 */
export function refuseRequestObject({ form }: CheckedRequest): void {
  if (form.get('request') !== undefined) throw new RequestNotSupported('a request object');
  if (form.get('request_uri') !== undefined) throw new RequestUriNotSupported('a request_uri of another kind');
  if (form.get('registration') !== undefined) throw new RegistrationNotSupported('registration in a request');
}
