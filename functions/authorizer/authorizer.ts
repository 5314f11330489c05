import type { APIGatewayAuthorizerResult, APIGatewayRequestAuthorizerEvent } from 'aws-lambda';
import type { RightsRow } from '../../src/api/rights-row.ts';
import { metrics } from '../../src/environment.ts';
import { decide, type ProtectedRequest, rowFinder } from '../../src/oauth/access-token/decision.ts';
import { type TokenStatusServices, tokenStatus } from '../../src/oauth/access-token/status.ts';
import type { count } from '../shared/metrics.ts';
import { bearerToken } from './bearer-token.ts';
import { policyOf } from './policy.ts';

/** What API Gateway answers 401 for; any other error is a 500. */
export class Unauthorized extends Error {
  constructor() {
    super('Unauthorized');
    // The runtime logs the stack of all that is thrown; here it would say the same every time, at every refused token.
    this.stack = 'Error: Unauthorized';
  }
}

export interface AuthorizerServices {
  readonly rows: readonly RightsRow[];
  /** Made at the first request, so that a fault in it is counted as every other. */
  readonly status: () => TokenStatusServices;
  readonly count: typeof count;
}

export type Authorizer = (event: APIGatewayRequestAuthorizerEvent) => Promise<APIGatewayAuthorizerResult>;

/**
 * The gate before an API: allow with the caller's context, deny where only the right is missing (403), or no answer: 401
 * for a token that is none or dead, 500 where it could not be decided.
 */
export function authorizer({ rows, status, count }: AuthorizerServices): Authorizer {
  const rowOf = rowFinder(rows);

  async function judge(event: APIGatewayRequestAuthorizerEvent): Promise<APIGatewayAuthorizerResult> {
    const request = requestOf(event);
    const row = rowOf(request);
    const origin = { request_id: event.requestContext.requestId, resource: `${request.method} ${request.resource}` };

    const presented = bearerToken(event);
    const token = presented === undefined ? undefined : await tokenStatus(status(), presented);
    if (token?.active !== true) {
      const { client_id, jti } = token?.claims ?? {};
      count(metrics.refusedTokens, { ...origin, reason: token?.fault ?? 'no bearer token', client_id, token_id: jti });
      throw new Unauthorized();
    }
    const decision = decide(row, request, token);
    if (!decision.allowed) {
      const { client_id, jti } = token.claims;
      count(metrics.refusedTokens, { ...origin, reason: `${decision.needed} not held`, client_id, token_id: jti });
    }
    return policyOf(decision, token.claims.sub, event);
  }

  return async (event) => {
    try {
      return await judge(event);
    } catch (error) {
      if (error instanceof Unauthorized) throw error;
      count(metrics.authorizerFailures, { request_id: event.requestContext?.requestId, reason: reasonOf(error) });
      throw error;
    }
  };
}

function requestOf({ resource, httpMethod, pathParameters }: APIGatewayRequestAuthorizerEvent): ProtectedRequest {
  return { resource, method: httpMethod, pathParameters: pathParameters ?? {} };
}

/** Names and messages down to the first cause: enough to find the fault, nothing that was sent. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'not an error';
  return `${error.name}: ${error.message}${error.cause === undefined ? '' : ` (${reasonOf(error.cause)})`}`;
}
