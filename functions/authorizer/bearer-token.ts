import type { APIGatewayRequestAuthorizerEvent } from 'aws-lambda';

const bearerForm = /^Bearer +([A-Za-z0-9\-._~+/]+=*)$/i;

/**
 * The token of the request (RFC 6750 §2.1), undefined where there is none, or more than one: a header that is sent twice
 * has no single meaning.
 */
export function bearerToken(event: Pick<APIGatewayRequestAuthorizerEvent, 'headers' | 'multiValueHeaders'>) {
  const values = Object.entries(event.multiValueHeaders ?? {})
    .filter(([name]) => name.toLowerCase() === 'authorization')
    .flatMap(([, value]) => value ?? []);
  const [value] = values;
  return values.length === 1 && value !== undefined ? bearerForm.exec(value)?.[1] : undefined;
}
