import { InvalidRequest } from '../../errors.ts';
import type { CheckedRequest } from '../request.ts';

/** RFC 7638: SHA-256 in base64url. */
const thumbprintPattern = /^[A-Za-z0-9_-]{43}$/;

/**
 * The key that the code is bound to (RFC 9449 §10). Where the deployment binds no tokens the parameter is one that it
 * does not know.
 *
 * @throws InvalidRequest for what is no thumbprint
 */
export function requestedKeyThumbprint({ form, settings }: CheckedRequest): string | undefined {
  const thumbprint = settings.dpop ? form.get('dpop_jkt') : undefined;
  if (thumbprint !== undefined && !thumbprintPattern.test(thumbprint))
    throw new InvalidRequest('dpop_jkt is no thumbprint');
  return thumbprint;
}
