import type { APIGatewayAuthorizerResult, APIGatewayRequestAuthorizerEvent } from 'aws-lambda';
import type { RightsRow } from '../../src/api/rights-row.ts';
import { DependencyUnavailable } from '../../src/entities/errors.ts';
import type { TokenUseRecorder } from '../../src/entities/personal-access-token.ts';
import { metrics } from '../../src/environment.ts';
import { decide, type ProtectedRequest, projectOf, rowFinder } from '../../src/oauth/access-token/decision.ts';
import type { InactiveToken, TokenStatusServices } from '../../src/oauth/access-token/status.ts';
import { faultOfPossession, type PossessionServices } from '../../src/oauth/dpop/possession.ts';
import { type AnyLiveToken, anyTokenStatus } from '../../src/oauth/personal-access-token.ts';
import type { count } from '../shared/metrics.ts';
import { reasonOf } from '../shared/reason.ts';
import { policyOf } from './policy.ts';
import { presentedToken } from './presented-token.ts';

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
  readonly uses: () => TokenUseRecorder;
  /** Absent where the API accepts no tokens that are bound to a key. */
  readonly possession?: (() => PossessionServices) | undefined;
  /** The origin of the API's configured base URL, for what a proof must name; never the `Host` header's. */
  readonly origin: () => string;
  readonly count: typeof count;
}

export type Authorizer = (event: APIGatewayRequestAuthorizerEvent) => Promise<APIGatewayAuthorizerResult>;

/**
 * The gate before an API: allow with the caller's context, deny where only the right is missing (403), or no answer: 401
 * for a token that is none or dead, 500 where it could not be decided.
 */
export function authorizer({ rows, status, uses, possession, origin, count }: AuthorizerServices): Authorizer {
  const rowOf = rowFinder(rows);

  async function judge(event: APIGatewayRequestAuthorizerEvent): Promise<APIGatewayAuthorizerResult> {
    const request = requestOf(event);
    const row = rowOf(request);
    const refused = (reason: string, bearer?: InactiveToken['bearer']) =>
      count(metrics.refusedTokens, {
        request_id: event.requestContext.requestId,
        resource: `${request.method} ${request.resource}`,
        reason,
        client_id: bearer?.clientId,
        token_id: bearer?.tokenId,
      });

    const token = await accepted(event, projectOf(row, request));
    if (!token.active) {
      refused(token.fault, token.bearer);
      throw new Unauthorized();
    }
    const decision = decide(row, request, token);
    if (!decision.allowed) refused(`${decision.needed} not held`, token.bearer);
    await noteUse(token, event.requestContext.requestId);
    return policyOf(decision, token.bearer.subject, event);
  }

  /** The token that the request presents, if it lives and whoever presents it may. */
  async function accepted(
    event: APIGatewayRequestAuthorizerEvent,
    project: string | undefined,
  ): Promise<AnyLiveToken | InactiveToken> {
    const presented = presentedToken(event);
    if (presented === undefined) return { active: false, fault: 'no token' };
    const token = await anyTokenStatus(status(), presented.token, { project });
    if (!token.active) return token;
    const proved = { method: event.httpMethod, url: `${origin()}${event.requestContext.path}` };
    const fault = await faultOfPossession(presented, token, proved, possession?.());
    return fault === undefined ? token : { active: false, fault, bearer: token.bearer };
  }

  /** What is decided stays decided: that a use could not be noted is told to the log alone. */
  async function noteUse(token: AnyLiveToken, request_id: string): Promise<void> {
    if (!('personalAccessToken' in token)) return;
    try {
      await uses().noteUse(token.personalAccessToken, status().clock.now());
    } catch (error) {
      if (!(error instanceof DependencyUnavailable)) throw error;
      count(metrics.unnotedUses, { request_id, token_id: token.bearer.tokenId, reason: reasonOf(error) });
    }
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
