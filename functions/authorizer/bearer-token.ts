import type { APIGatewayRequestAuthorizerEvent } from 'aws-lambda';

const scheme = /^Bearer +(?=[^ ])/i;

/**
 * What the request presents as its token (RFC 6750 §2.1), undefined where there is nothing, or more than one: a header
 * that is sent twice has no single meaning. Whether the text has a token's form is the verifier's to say.
 */
export function bearerToken({ multiValueHeaders }: Pick<APIGatewayRequestAuthorizerEvent, 'multiValueHeaders'>) {
  let found: string | undefined;
  for (const name in multiValueHeaders) {
    if (name.length !== 13 || name.toLowerCase() !== 'authorization') continue;
    const values = multiValueHeaders[name] ?? [];
    if (found !== undefined || values.length !== 1) return undefined;
    found = values[0];
  }
  const prefix = found === undefined ? null : scheme.exec(found);
  return prefix === null ? undefined : found?.slice(prefix[0].length);
}
