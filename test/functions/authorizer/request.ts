import type { APIGatewayRequestAuthorizerEvent } from 'aws-lambda';

export const methodArn = 'arn:aws:execute-api:eu-west-1:123456789012:abcdef/api/GET/v1/issues';

/** What API Gateway asks a request authorizer, as far as one reads it. */
export function authorizerEvent(
  authorization: string | readonly string[] | undefined,
  changes: Partial<APIGatewayRequestAuthorizerEvent> = {},
): APIGatewayRequestAuthorizerEvent {
  const values = authorization === undefined ? [] : [authorization].flat();
  return {
    type: 'REQUEST',
    methodArn,
    resource: '/v1/issues',
    httpMethod: 'GET',
    path: '/v1/issues',
    headers: values.length === 0 ? {} : { Authorization: values.at(-1) },
    multiValueHeaders: values.length === 0 ? {} : { Authorization: values },
    pathParameters: null,
    queryStringParameters: null,
    multiValueQueryStringParameters: null,
    stageVariables: null,
    requestContext: { requestId: 'request-1' },
    ...changes,
  } as APIGatewayRequestAuthorizerEvent;
}
