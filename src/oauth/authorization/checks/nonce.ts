import { InvalidRequest } from '../../errors.ts';
import type { IdentityScope } from '../../scope.ts';
import type { CheckedRequest, ResponseType } from '../request.ts';

/**
 * What binds an ID token to the request; without a code between them nothing else does (OIDC Core §3.2.2.1).
 *
 * @throws InvalidRequest where the answer holds an ID token and the request lacks `nonce` or scope `openid`
 */
export function requestedNonce(
  { form }: CheckedRequest,
  responseType: ResponseType,
  scopes: readonly IdentityScope[],
): string | undefined {
  const nonce = form.get('nonce');
  if (!responseType.split(' ').includes('id_token')) return nonce;
  if (nonce === undefined) throw new InvalidRequest('no nonce for an ID token');
  if (!scopes.includes('openid')) throw new InvalidRequest('an ID token without openid');
  return nonce;
}
