import type { APIGatewayProxyEvent } from 'aws-lambda';
import type { Route } from '../../src/api/route.ts';
import { authorizationServerRoutes } from '../../src/api/routes/authorization-server.ts';
import type { ProtocolRequest } from '../../src/oauth/form.ts';
import { oauthErrors } from './middleware/oauth-errors.ts';
import { noStore } from './no-store.ts';
import { sourceOf } from './origin.ts';
import { stack } from './stack.ts';

/** What an endpoint of the authorization server is asked. */
export interface ProtocolCall extends ProtocolRequest {
  readonly method: string;
  readonly ifNoneMatch: string | undefined;
}

/** What it answers: nobody keeps it unless its headers say otherwise. */
export interface ProtocolAnswer {
  /** Default: the route's. */
  readonly status?: 304;
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON already written, or what is written as JSON; absent: no body. */
  readonly body?: unknown;
}

/** The Lambda handler of one operation of the authorization server. */
export function protocolEndpoint(
  operation: keyof typeof authorizationServerRoutes,
  answer: (call: ProtocolCall) => Promise<ProtocolAnswer>,
) {
  const row: Route = authorizationServerRoutes[operation];
  // Without credentials: a page of any origin may read what it could ask for by itself.
  const crossOrigin: Record<string, string> = row.anyOrigin
    ? { 'Access-Control-Allow-Origin': '*', 'Access-Control-Expose-Headers': 'DPoP-Nonce,Retry-After' }
    : {};
  return stack(async (event) => {
    const { status = row.status, headers, body } = await answer(callOf(event));
    return {
      statusCode: status,
      headers: {
        ...(headers?.['Cache-Control'] === undefined && noStore),
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
        ...crossOrigin,
        ...headers,
      },
      body: body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body),
    };
  }, oauthErrors(crossOrigin));
}

function callOf(event: APIGatewayProxyEvent): ProtocolCall {
  const { httpMethod, headers, multiValueHeaders, body, isBase64Encoded } = event;
  const call = { contentType: undefined, authorization: undefined, ifNoneMatch: undefined };
  const found: Record<keyof typeof call, string | undefined> = call;
  for (const name of Object.keys(headers ?? {})) {
    const member = headerMembers[name.toLowerCase()];
    // Sent twice, it is the list of both (RFC 9110 §5.3), which is no media type and no credentials; never the last of them.
    if (member !== undefined) found[member] = multiValueHeaders?.[name]?.join(', ') ?? headers[name];
  }
  return {
    ...found,
    method: httpMethod,
    dpop: valuesOf('dpop', multiValueHeaders ?? {}),
    body,
    isBase64Encoded,
    source: sourceOf(event),
  };
}

/** Every value that a header was sent with, whatever the case of its name. */
function valuesOf(name: string, headers: NonNullable<APIGatewayProxyEvent['multiValueHeaders']>): readonly string[] {
  return Object.keys(headers).flatMap((sent) => (sent.toLowerCase() === name ? (headers[sent] ?? []) : []));
}

const headerMembers: Readonly<Record<string, 'contentType' | 'authorization' | 'ifNoneMatch'>> = {
  'content-type': 'contentType',
  authorization: 'authorization',
  'if-none-match': 'ifNoneMatch',
};
