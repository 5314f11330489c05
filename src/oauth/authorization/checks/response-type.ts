import { InvalidRequest, UnauthorizedClient, UnsupportedResponseType } from '../../errors.ts';
import type { AuthorizationSettings, CheckedRequest, ResponseType } from '../request.ts';

/** The grant type that an integration must list to be given an answer of this type (RFC 7591 §2.1). */
const grantTypes: Readonly<Record<ResponseType, 'authorization_code' | 'implicit'>> = {
  code: 'authorization_code',
  token: 'implicit',
  id_token: 'implicit',
  'id_token token': 'implicit',
};

/** Whether the answer itself holds tokens: the legacy flow (RFC 6749 §4.2). */
export const isImplicit = (responseType: ResponseType): boolean => grantTypes[responseType] === 'implicit';

/** The response types that the deployment offers, as the metadata names them. */
export function offeredResponseTypes({ legacyGrants }: Pick<AuthorizationSettings, 'legacyGrants'>): ResponseType[] {
  const all = Object.keys(grantTypes) as ResponseType[];
  return all.filter((responseType) => !isImplicit(responseType) || legacyGrants.includes('implicit'));
}

/**
 * What is answered. The order of the values means nothing (OAuth 2.0 Multiple Response Types §2.1).
 *
 * @throws InvalidRequest, UnsupportedResponseType
 * @throws UnauthorizedClient where the integration does not list the grant type
 */
export function requestedResponseType({ form, integration, settings }: CheckedRequest): ResponseType {
  const value = form.get('response_type');
  if (value === undefined) throw new InvalidRequest('no response_type');
  const ordered = value.split(' ').sort().join(' ');
  const responseType = offeredResponseTypes(settings).find((offered) => offered === ordered);
  if (responseType === undefined) throw new UnsupportedResponseType('not offered');
  if (!integration.grantTypes.includes(grantTypes[responseType]))
    throw new UnauthorizedClient("not the client's grant");
  // Nothing proves a key to the authorization endpoint: a token of its would be a bearer's (RFC 9449 §5.2).
  if (isImplicit(responseType) && integration.dpopBoundAccessTokens)
    throw new UnauthorizedClient('its tokens are bound to keys');
  return responseType;
}
