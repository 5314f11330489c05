import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import {
  AlreadyDecided,
  ConcurrentChange,
  Conflict,
  DependencyUnavailable,
  Forbidden,
  InvalidInput,
  MissingRights,
  NotFound,
} from '../../../src/entities/errors.ts';
import { PayloadTooLarge, PreconditionFailed, PreconditionRequired, UnsupportedMediaType } from '../http-errors.ts';
import type { ErrorBoundary } from '../stack.ts';

export interface Problem {
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  readonly members?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Translates every error into problem details (RFC 9457 §3); what it does not know is a 500 that says nothing.
 *
 * @param headersOf what every answer to the request carries besides
 */
export function problems(headersOf: (event: APIGatewayProxyEvent) => Readonly<Record<string, string>>): ErrorBoundary {
  return {
    onError: (request) => {
      const answer = problemAnswer(problemOf(request.error), request.event);
      request.response = { ...answer, headers: { ...answer.headers, ...headersOf(request.event) } };
    },
  };
}

/** What an error is to whoever called. */
export function problemOf(error: unknown): Problem {
  if (error instanceof InvalidInput)
    return {
      status: 400,
      title: 'Bad Request',
      detail: 'The request does not validate.',
      members: { errors: error.faults },
    };
  if (error instanceof NotFound) return { status: 404, title: 'Not Found', detail: 'There is no such resource.' };
  if (error instanceof AlreadyDecided)
    return {
      status: 409,
      title: 'Conflict',
      detail: error.detail,
      ...(error.decidedBy !== undefined && { members: { decided_by: error.decidedBy } }),
    };
  if (error instanceof Conflict) return { status: 409, title: 'Conflict', detail: error.detail };
  if (error instanceof ConcurrentChange)
    return { status: 409, title: 'Conflict', detail: 'It was changed at the same time; read it again and retry.' };
  if (error instanceof MissingRights)
    return {
      status: 403,
      title: 'Forbidden',
      detail: 'The caller does not hold every right that this needs.',
      members: { missing_rights: error.rights },
    };
  if (error instanceof Forbidden) return { status: 403, title: 'Forbidden', detail: error.detail };
  if (error instanceof PayloadTooLarge)
    return { status: 413, title: 'Content Too Large', detail: 'A body holds at most 64 kB.' };
  if (error instanceof UnsupportedMediaType)
    return { status: 415, title: 'Unsupported Media Type', detail: 'The body must be application/json.' };
  if (error instanceof PreconditionRequired)
    return { status: 428, title: 'Precondition Required', detail: 'If-Match is required.' };
  if (error instanceof PreconditionFailed)
    return { status: 412, title: 'Precondition Failed', detail: 'It was changed since; read it again.' };
  if (error instanceof DependencyUnavailable)
    return {
      status: 503,
      title: 'Service Unavailable',
      detail: 'Nothing was lost; try again.',
      headers: { 'Retry-After': '1' },
    };
  return { status: 500, title: 'Internal Server Error', detail: 'Something went wrong on our side.' };
}

function problemAnswer(problem: Problem, event: APIGatewayProxyEvent): APIGatewayProxyResult {
  return {
    statusCode: problem.status,
    headers: { 'Content-Type': 'application/problem+json', 'Cache-Control': 'no-store', ...problem.headers },
    body: JSON.stringify({
      type: 'about:blank',
      title: problem.title,
      status: problem.status,
      detail: problem.detail,
      ...problem.members,
      request_id: event.requestContext.requestId,
    }),
  };
}
