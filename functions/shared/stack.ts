import middy, { type MiddlewareObj } from '@middy/core';
import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import { requestLog } from './middleware/request-log.ts';

/** What turns an error into the answer of the API's form; it sets `request.response` and never throws. */
export type ErrorBoundary = MiddlewareObj<APIGatewayProxyEvent, APIGatewayProxyResult>;

/**
 * The one middy stack of every HTTP endpoint. Error hooks run in reverse, so that the boundary, used last, is the first
 * to see an error, and the log sees the answer it made.
 */
export function stack(
  dispatch: (event: APIGatewayProxyEvent) => Promise<APIGatewayProxyResult>,
  boundary: ErrorBoundary,
): (event: APIGatewayProxyEvent, context: never) => Promise<APIGatewayProxyResult> {
  return middy<APIGatewayProxyEvent, APIGatewayProxyResult>({ timeoutEarlyInMillis: 0 })
    .use(requestLog())
    .use(boundary)
    .handler(dispatch) as (event: APIGatewayProxyEvent, context: never) => Promise<APIGatewayProxyResult>;
}
