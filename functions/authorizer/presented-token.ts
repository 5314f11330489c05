import type { APIGatewayRequestAuthorizerEvent } from 'aws-lambda';
import { type PresentedToken, tokenInHeaders } from '../../src/oauth/dpop/possession.ts';

type Headers = APIGatewayRequestAuthorizerEvent['multiValueHeaders'];

/**
 * The request's token, undefined where there is nothing, or more than one: a header that is sent twice has no single
 * meaning.
 */
export function presentedToken({
  multiValueHeaders,
}: Pick<APIGatewayRequestAuthorizerEvent, 'multiValueHeaders'>): PresentedToken | undefined {
  return tokenInHeaders(onlyValue(multiValueHeaders, 'authorization'), onlyValue(multiValueHeaders, 'dpop'));
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
