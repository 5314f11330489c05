import { ConcurrentChange, DependencyUnavailable, NotFound } from '../../../src/entities/errors.ts';
import { UnsafeAuthorizationRequest } from '../../../src/oauth/authorization/refusals.ts';
import { OAuthError } from '../../../src/oauth/errors.ts';
import { errorPage, type Mishap } from '../../../src/pages/error.ts';
import { layout } from '../../../src/pages/layout.ts';
import { ForgedForm, InteractionOver } from '../http-errors.ts';
import { pageHeaders } from '../page-headers.ts';
import type { ErrorBoundary } from '../stack.ts';

interface Refusal extends Mishap {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Translates every error into a page; what it does not know is a 500 that says nothing.
 *
 * @param base the path that URLs begin with
 */
export function pageErrors(base: () => string): ErrorBoundary {
  return {
    onError: async (request) => {
      const { status, headers, ...mishap } = refusalOf(request.error);
      const { requestId } = request.event.requestContext;
      request.response = {
        statusCode: status,
        headers: { ...pageHeaders(undefined), ...headers },
        body: String(await layout(base(), errorPage({ ...mishap, requestId }))),
      };
    },
  };
}

function refusalOf(error: unknown): Refusal {
  if (error instanceof OAuthError)
    return {
      status: error.status,
      title: 'The request cannot be answered',
      text: `The application that sent you here made a mistake: ${error.description} (${error.code})`,
    };
  if (error instanceof UnsafeAuthorizationRequest) return { ...refusalOf(error.error), status: 400 };
  if (error instanceof ConcurrentChange)
    return {
      status: 409,
      title: 'This was sent twice',
      text: 'Another page changed the same thing at this moment. Go back, load the page again and send it once.',
    };
  if (error instanceof NotFound)
    return { status: 404, title: 'Page not found', text: 'There is no such page, or it is not yours.' };
  if (error instanceof ForgedForm)
    return {
      status: 403,
      title: 'This form cannot be accepted',
      text: 'It was not given to this browser, or is too old. Go back, load the page again and send it once more. Cookies must be allowed.',
    };
  if (error instanceof InteractionOver)
    return {
      status: 400,
      title: 'This page is over',
      text: 'It was left open for too long, was begun in another browser, or is finished. Go back to the application and start again.',
    };
  if (error instanceof DependencyUnavailable)
    return {
      status: 503,
      title: 'Not available at the moment',
      text: 'Nothing was lost. Please try again in a moment.',
      headers: { 'Retry-After': '1' },
    };
  return { status: 500, title: 'Something went wrong', text: 'The fault is on our side. Please try again later.' };
}
