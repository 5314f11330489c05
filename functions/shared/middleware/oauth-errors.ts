import { DependencyUnavailable } from '../../../src/entities/errors.ts';
import { OAuthError } from '../../../src/oauth/errors.ts';
import { noStore } from '../no-store.ts';
import type { ErrorBoundary } from '../stack.ts';

interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly description: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Translates every error into JSON of RFC 6749 §5.2; what it does not know is a 500 that says nothing. */
export function oauthErrors(headers: Readonly<Record<string, string>>): ErrorBoundary {
  return {
    onError: (request) => {
      const refusal = refusalOf(request.error);
      request.response = {
        statusCode: refusal.status,
        headers: { ...noStore, 'Content-Type': 'application/json', ...headers, ...refusal.headers },
        body: JSON.stringify({ error: refusal.code, error_description: refusal.description }),
      };
    },
  };
}

function refusalOf(error: unknown): Refusal {
  if (error instanceof OAuthError) return error;
  if (error instanceof DependencyUnavailable)
    return {
      status: 503,
      code: 'temporarily_unavailable',
      description: 'Nothing was lost; try again.',
      headers: { 'Retry-After': '1' },
    };
  return { status: 500, code: 'server_error', description: 'The request could not be answered.' };
}
