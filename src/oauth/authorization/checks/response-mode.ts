import { InvalidRequest } from '../../errors.ts';
import type { CheckedRequest, ResponseMode, ResponseType } from '../request.ts';
import { isImplicit } from './response-type.ts';

/** As the metadata names them (RFC 8414 §2). */
export const responseModes: readonly ResponseMode[] = ['query', 'fragment', 'form_post'];

/** OAuth 2.0 Multiple Response Types §2.1, §5: tokens never stand in a query. */
const defaultResponseMode = (responseType: ResponseType): ResponseMode =>
  isImplicit(responseType) ? 'fragment' : 'query';

/**
 * How it is answered.
 *
 * @throws InvalidRequest an unknown mode, tokens in a query, or a form to what is no web page
 */
export function requestedResponseMode(
  { form }: CheckedRequest,
  responseType: ResponseType,
  redirectUri: string,
): ResponseMode {
  const value = form.get('response_mode');
  if (value === undefined) return defaultResponseMode(responseType);
  const responseMode = responseModes.find((mode) => mode === value);
  if (responseMode === undefined) throw new InvalidRequest('unknown response_mode');
  if (responseMode === 'query' && isImplicit(responseType)) throw new InvalidRequest('tokens in a query');
  if (responseMode === 'form_post' && !/^https?:/.test(redirectUri))
    throw new InvalidRequest('a form is posted to web pages alone');
  return responseMode;
}
