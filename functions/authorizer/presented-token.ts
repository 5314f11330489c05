import type { APIGatewayRequestAuthorizerEvent } from 'aws-lambda';

/** What a request presents. Whether the texts have a token's and a proof's form is for others to say. */
export interface PresentedToken {
  /** `dpop`: with a proof of having the key that the token is bound to (RFC 9449 §7.1). */
  readonly scheme: 'bearer' | 'dpop';
  readonly token: string;
  /** The one `DPoP` header, where there is one and no more. */
  readonly proof: string | undefined;
}

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
