import type { MiddlewareObj } from '@middy/core';
import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import { UnsafeAuthorizationRequest } from '../../../src/oauth/authorization/refusals.ts';
import { OAuthError } from '../../../src/oauth/errors.ts';
import { logger } from '../logger.ts';

/** One line for each request that was refused by a fault of ours: which route, which status, which error. */
export function requestLog(): MiddlewareObj<APIGatewayProxyEvent, APIGatewayProxyResult> {
  return {
    onError: ({ event, error, response }) => {
      const status = response?.statusCode ?? 500;
      const line = {
        requestId: event.requestContext.requestId,
        method: event.httpMethod,
        resource: event.resource,
        status,
      };
      if (status >= 500) logger.error('request failed', { ...line, error: described(error) });
      else logger.info('request refused', { ...line, reason: reasonOf(error) });
    },
  };
}

/** The reason of an OAuth error is a fixed text; the message of another may hold what was sent. */
function reasonOf(error: unknown): string | undefined {
  if (error instanceof UnsafeAuthorizationRequest) return reasonOf(error.error);
  if (error instanceof OAuthError) return `${error.code}: ${error.message}`;
  return error instanceof Error ? error.name : undefined;
}

/** Name, message and origin of an error and its cause; never its further members, which may hold what was sent. */
function described(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { message: 'not an error' };
  return {
    name: error.name,
    message: error.message,
    stack: error.stack,
    ...(error.cause !== undefined && { cause: described(error.cause) }),
  };
}
