import type { APIGatewayRequestAuthorizerEvent } from 'aws-lambda';
import type { PresentedToken } from '../../src/oauth/dpop/possession.ts';

type Headers = APIGatewayRequestAuthorizerEvent['multiValueHeaders'];

const authorizationForm = /^(Bearer|DPoP) +(?=[^ ])/i;

/**
 * The request's token (RFC 6750 §2.1, RFC 9449 §7.1), undefined where there is nothing, or more than one: a header that is
 * sent twice has no single meaning.
 */
export function presentedToken({
  multiValueHeaders,
}: Pick<APIGatewayRequestAuthorizerEvent, 'multiValueHeaders'>): PresentedToken | undefined {
  const authorization = onlyValue(multiValueHeaders, 'authorization');
  const prefix = authorization === undefined ? null : authorizationForm.exec(authorization);
  if (authorization === undefined || prefix === null) return undefined;
  const token = authorization.slice(prefix[0].length);
  if (prefix[1]?.toLowerCase() !== 'dpop') return { scheme: 'bearer', token, proof: undefined };
  return { scheme: 'dpop', token, proof: onlyValue(multiValueHeaders, 'dpop') };
}

/** The value of a header that was sent once. */
function onlyValue(headers: Headers, name: string): string | undefined {
  let found: string | undefined;
  for (const sent in headers) {
    if (sent.length !== name.length || sent.toLowerCase() !== name) continue;
    const values = headers[sent] ?? [];
    if (found !== undefined || values.length !== 1) return undefined;
    found = values[0];
  }
  return found;
}
