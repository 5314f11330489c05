import { type AuthorizerAnswer, authorizerContext, evaluate, readAuthorizerAnswer } from './authorizer-answer.ts';
import { type AuthorizerContext, apiArn, authorizerEvent, methodArn, type RoutedRequest } from './event.ts';
import type { Refusal } from './gateway-response.ts';
import { headerValue } from './http-headers.ts';
import type { Authorizer, FunctionInvoker, IdentitySource } from './rest-api.ts';

/** Whether a request may pass; a refusal may come with the context of a deny, for the body of its response. */
export type Authorization =
  | { readonly passes: true; readonly context: AuthorizerContext }
  | { readonly passes: false; readonly refusal: Refusal; readonly context?: AuthorizerContext };

export interface AuthorizerGate {
  authorize(authorizer: Authorizer, routed: RoutedRequest): Promise<Authorization>;
}

interface CachedAnswer {
  readonly answer: AuthorizerAnswer;
  readonly validUntil: number;
}

/**
 * Asks REQUEST authorizers as API Gateway does: a missing identity source is refused without a call; an answer is kept
 * for its time to live under the values of all identity sources, and what is kept decides about other methods too.
 *
 * @param now milliseconds, from any steady origin.
 */
export function createAuthorizerGate(
  invoker: FunctionInvoker,
  now: () => number,
  report: (line: string) => void,
): AuthorizerGate {
  const cache = new Map<string, CachedAnswer>();

  async function ask(authorizer: Authorizer, routed: RoutedRequest): Promise<AuthorizerAnswer | Refusal> {
    const sourceArn = `${apiArn(routed)}/authorizers/${authorizer.id}`;
    const invocation = await invoker.invoke(authorizer.functionArn, sourceArn, authorizerEvent(routed));
    if (invocation.kind === 'forbidden') {
      report(
        `${sourceArn} may not lambda:InvokeFunction on ${authorizer.functionArn} (no permission of the function lets it)`,
      );
      return configurationError;
    }
    if (invocation.kind === 'error') {
      return invocation.errorMessage === 'Unauthorized' ? unauthorized : failure;
    }
    try {
      return readAuthorizerAnswer(invocation.payload);
    } catch (error) {
      report(`authorizer ${authorizer.id}: ${error instanceof Error ? error.message : String(error)}`);
      return configurationError;
    }
  }

  return {
    async authorize(authorizer, routed) {
      const identity = authorizer.identitySources.map((source) => identityValue(source, routed));
      if (identity.some((value) => value === undefined || value === '')) {
        return { passes: false, refusal: unauthorized };
      }
      const started = now();
      const key = JSON.stringify([routed.api.id, routed.api.stageName, authorizer.id, ...identity]);
      const cached = authorizer.cacheSeconds > 0 ? cache.get(key) : undefined;
      const answer = cached && cached.validUntil > started ? cached.answer : await ask(authorizer, routed);
      if ('type' in answer) {
        return { passes: false, refusal: answer };
      }
      if (authorizer.cacheSeconds > 0 && answer !== cached?.answer) {
        forgetExpired(cache, now());
        cache.set(key, { answer, validUntil: now() + authorizer.cacheSeconds * 1000 });
      }
      const context = authorizerContext(answer, Math.round(now() - started));
      const decision = evaluate(answer, methodArn(routed));
      return decision === 'allow'
        ? { passes: true, context }
        : { passes: false, refusal: denied(decision === 'explicit-deny'), context };
    },
  };
}

const unauthorized: Refusal = { type: 'UNAUTHORIZED', message: 'Unauthorized', errorType: 'UnauthorizedException' };
const failure: Refusal = { type: 'AUTHORIZER_FAILURE', message: null, errorType: 'AuthorizerFailureException' };
const configurationError: Refusal = {
  type: 'AUTHORIZER_CONFIGURATION_ERROR',
  message: null,
  errorType: 'AuthorizerConfigurationException',
};

const denied = (explicitly: boolean): Refusal => ({
  type: 'ACCESS_DENIED',
  message: `User is not authorized to access this resource${explicitly ? ' with an explicit deny' : ''}`,
  errorType: 'AccessDeniedException',
});

/** The value of an identity source, which is part of the cache's key. */
function identityValue({ from, name }: IdentitySource, routed: RoutedRequest): string | undefined {
  const { request, api, route } = routed;
  switch (from) {
    case 'header':
      return headerValue(request.headers, name);
    case 'querystring':
      return request.query.findLast(([candidate]) => candidate === name)?.[1];
    case 'stageVariables':
      return api.stageVariables[name];
    case 'context':
      return contextIdentity(name, {
        httpMethod: request.httpMethod,
        path: request.path,
        stage: api.stageName,
        resourcePath: route.method.resourcePath,
        apiId: api.id,
        'identity.sourceIp': request.sourceIp,
        'identity.userAgent': headerValue(request.headers, 'user-agent'),
      });
  }
}

/** The `$context` variables that an identity source may name here. */
export const contextIdentitySources = [
  'apiId',
  'httpMethod',
  'identity.sourceIp',
  'identity.userAgent',
  'path',
  'resourcePath',
  'stage',
] as const;

type ContextIdentity = (typeof contextIdentitySources)[number];

function contextIdentity(
  name: string,
  values: Readonly<Record<ContextIdentity, string | undefined>>,
): string | undefined {
  const known = contextIdentitySources.find((candidate) => candidate === name);
  return known && values[known];
}

function forgetExpired(cache: Map<string, CachedAnswer>, at: number): void {
  for (const [key, { validUntil }] of cache) {
    if (validUntil <= at) {
      cache.delete(key);
    }
  }
}
