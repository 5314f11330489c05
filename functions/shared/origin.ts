import type { APIGatewayProxyEvent } from 'aws-lambda';
import { type Origin, originAt, type RequestSource } from '../../src/entities/audit-event.ts';
import { environment } from '../../src/environment.ts';
import type { AuthorizerContext } from '../../src/oauth/access-token/context.ts';
import { variable } from './services.ts';

/** A request that API Gateway handed on. */
export function sourceOf({ requestContext }: Pick<APIGatewayProxyEvent, 'requestContext'>): RequestSource {
  return sourceAt(requestContext.requestId, requestContext.identity?.sourceIp ?? '');
}

/**
 * Whom the events of a request to the admin or the resource API name: the token's user, else its client, and the token.
 *
 * @param caller absent where the route needs no token
 */
export function callerOrigin(event: APIGatewayProxyEvent, caller: AuthorizerContext | undefined): Origin {
  const via = caller && { clientId: caller.clientId, tokenId: caller.tokenId };
  return originAt(sourceOf(event), caller?.subject ?? 'anonymous', via);
}

/**
 * What the deployment does by itself: at a time, at an event of the table, or for CloudFormation.
 *
 * @param requestId of the invocation or of the event that began it
 */
export function deploymentOrigin(requestId: string): Origin {
  return originAt(sourceAt(requestId, ''), 'deployment');
}

function sourceAt(requestId: string, address: string): RequestSource {
  return {
    requestId,
    address,
    /** Only functions whose routes write to the log are told: read where an event is made, and not before. */
    get retentionDays() {
      return Number(variable(environment.auditRetentionDays));
    },
  };
}
