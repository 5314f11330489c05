import type { Answer } from './answer.ts';
import { createAuthorizerGate } from './authorizer.ts';
import { type Arrival, type AuthorizerContext, apiArn, proxyEvent, type RoutedRequest } from './event.ts';
import { functionAnswer } from './function-answer.ts';
import { gatewayResponse, type Refusal } from './gateway-response.ts';
import { headerValue } from './http-headers.ts';
import type { GatewayRequest } from './request.ts';
import type { FunctionInvoker, Invocation, LambdaIntegration, MockIntegration, RestApi } from './rest-api.ts';
import { createRouter, type Router } from './router.ts';

export interface Gateway {
  /** Serves a request that arrived at an API; never throws for what a client sent. */
  serve(request: GatewayRequest, arrival: Arrival): Promise<Answer>;
}

/** Lambda takes 6 MB in a synchronous call. */
const maximumEventBytes = 6 * 1024 * 1024;

/** REST APIs: resource, authorizer, integration, or the gateway response that says why not. */
export function createGateway(
  invoker: FunctionInvoker,
  report: (line: string) => void,
  now: () => number = () => performance.now(),
): Gateway {
  const routers = new WeakMap<RestApi, Router>();
  const gate = createAuthorizerGate(invoker, now, report);

  function routerOf(api: RestApi): Router {
    const router = routers.get(api) ?? createRouter(api.methods);
    routers.set(api, router);
    return router;
  }

  async function integrate(
    integration: LambdaIntegration,
    routed: RoutedRequest,
    authorizer: AuthorizerContext | undefined,
  ): Promise<Answer | Refusal> {
    const event = proxyEvent(routed, authorizer);
    if (Buffer.byteLength(JSON.stringify(event)) > maximumEventBytes) {
      return tooLarge;
    }
    const { method } = routed.route;
    const sourceArn = `${apiArn(routed)}/${routed.api.stageName}/${routed.request.httpMethod}${method.resourcePath}`;
    const invocation = await within(
      integration.timeoutMilliseconds,
      invoker.invoke(integration.functionArn, sourceArn, event),
    );
    if (invocation === undefined) {
      return timedOut;
    }
    if (invocation.kind === 'forbidden') {
      report(
        `${sourceArn} may not lambda:InvokeFunction on ${integration.functionArn} (no permission of the function lets it)`,
      );
      return configurationError;
    }
    const answer = invocation.kind === 'answer' && functionAnswer(invocation.payload, routed.request, routed.api);
    if (invocation.kind === 'answer' && !answer) {
      report(`${method.httpMethod} ${method.resourcePath}: malformed Lambda proxy response`);
    }
    return answer || malformed;
  }

  return {
    async serve(request, arrival) {
      const route = routerOf(arrival.api).match(request.httpMethod, arrival.pathBelow);
      if (!route) {
        return gatewayResponse(noSuchMethod(request), { request, arrival });
      }
      const routed: RoutedRequest = { ...arrival, request, route };
      let authorizer: AuthorizerContext | undefined;
      if (route.method.authorizer) {
        const authorization = await gate.authorize(route.method.authorizer, routed);
        authorizer = authorization.context;
        if (!authorization.passes) {
          return gatewayResponse(authorization.refusal, { request, arrival, route, ...(authorizer && { authorizer }) });
        }
      }
      const { integration } = route.method;
      const answer =
        integration.kind === 'mock'
          ? mockAnswer(integration, request)
          : await integrate(integration, routed, authorizer);
      return 'type' in answer
        ? gatewayResponse(answer, { request, arrival, route, ...(authorizer && { authorizer }) })
        : answer;
    },
  };
}

/**
 * An unknown resource is taken for a call that lacks, or has a bad, Signature Version 4: with any other `Authorization`
 * header the message repeats that header.
 */
function noSuchMethod(request: GatewayRequest): Refusal {
  const authorization = headerValue(request.headers, 'authorization');
  if (authorization === undefined) {
    return {
      type: 'MISSING_AUTHENTICATION_TOKEN',
      message: 'Missing Authentication Token',
      errorType: 'MissingAuthenticationTokenException',
    };
  }
  const credentials = authorization.split(' ').at(-1);
  return {
    type: 'INVALID_SIGNATURE',
    message: `'${credentials}' not a valid key=value pair (missing equal-sign) in Authorization header: '${authorization}'.`,
    errorType: 'IncompleteSignatureException',
  };
}

const tooLarge: Refusal = {
  type: 'REQUEST_TOO_LARGE',
  message: 'Request Too Long',
  errorType: 'RequestTooLargeException',
};
const malformed: Refusal = {
  type: 'DEFAULT_5XX',
  status: 502,
  message: 'Internal server error',
  errorType: 'InternalServerErrorException',
};
const configurationError: Refusal = {
  type: 'API_CONFIGURATION_ERROR',
  message: 'Internal server error',
  errorType: 'InternalServerErrorException',
};
const timedOut: Refusal = {
  type: 'INTEGRATION_TIMEOUT',
  message: 'Endpoint request timed out',
  errorType: 'InternalServerErrorException',
};

function mockAnswer(integration: MockIntegration, request: GatewayRequest): Answer {
  return {
    status: integration.status,
    headers: [
      ['x-amzn-RequestId', request.requestId],
      ['x-amz-apigw-id', request.extendedRequestId],
      ['Content-Type', integration.contentType ?? 'application/json'],
      ...integration.headers,
    ],
    body: integration.body,
  };
}

/** What comes within that time; undefined where nothing does. */
async function within(milliseconds: number, invocation: Promise<Invocation>): Promise<Invocation | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, milliseconds, undefined);
  });
  try {
    return await Promise.race([invocation, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
