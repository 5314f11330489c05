import type { APIGatewayAuthorizerResult, APIGatewayRequestAuthorizerEvent } from 'aws-lambda';
import { encodeContext } from '../../src/oauth/access-token/context.ts';
import type { Decision } from '../../src/oauth/access-token/decision.ts';

const methodArnForm = /^(arn:[^:/]+:execute-api:[^:/]+:[^:/]+:[^:/]+\/[^:/]+\/[A-Z]+)\//;

/**
 * The policy that carries a decision. Its resource is every path of the stage under the request's method and never the
 * caller's own path, in which `*` would be a wildcard and which may be longer than a resource can be; the gateway's
 * cache is keyed by path, so that the answer serves no other.
 */
export function policyOf(
  decision: Decision,
  principalId: string,
  event: Pick<APIGatewayRequestAuthorizerEvent, 'methodArn' | 'httpMethod' | 'resource'>,
): APIGatewayAuthorizerResult {
  const stage = methodArnForm.exec(event.methodArn)?.[1];
  if (stage === undefined) throw new Error('methodArn has another form than API Gateway gives it');
  const Effect = decision.allowed ? 'Allow' : 'Deny';
  return {
    principalId,
    policyDocument: {
      Version: '2012-10-17',
      Statement: [{ Action: 'execute-api:Invoke', Effect, Resource: `${stage}/*` }],
    },
    // Gateway responses cannot escape what they put into a body: a refusal says a constant of the catalogue only.
    context: decision.allowed
      ? encodeContext(decision.context, `${event.httpMethod} ${event.resource}`)
      : { scope: decision.needed },
  };
}
