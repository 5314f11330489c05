import type { APIGatewayProxyEvent } from 'aws-lambda';
import { createGateway } from '../../../local/api-gateway/gateway.ts';
import { type Listener, listen, type Mapping } from '../../../local/api-gateway/listener.ts';
import type { Authorizer, Invocation, Method, RestApi } from '../../../local/api-gateway/rest-api.ts';

export const functionArn = 'arn:aws:lambda:eu-central-1:000000000000:function:fn';
export const authorizerArn = 'arn:aws:lambda:eu-central-1:000000000000:function:authorizer';

/** A proxy integration with a function. */
export function method(httpMethod: string, resourcePath: string, authorizer?: Authorizer): Method {
  return {
    resourceId: 'res001',
    resourcePath,
    httpMethod,
    ...(authorizer && { authorizer }),
    integration: { kind: 'lambda', functionArn, timeoutMilliseconds: 29_000 },
  };
}

export function restApi(methods: readonly Method[], settings: Partial<RestApi> = {}): RestApi {
  return {
    id: 'api0000001',
    stageName: 'api',
    deploymentId: 'dep001',
    stageVariables: {},
    binaryMediaTypes: [],
    executeApiEndpointDisabled: false,
    methods,
    gatewayResponses: new Map(),
    ...settings,
  };
}

export interface Call {
  readonly functionArn: string;
  readonly sourceArn: string;
  readonly event: APIGatewayProxyEvent & { readonly methodArn?: string };
}

export interface GatewayUnderTest {
  readonly origin: string;
  readonly calls: Call[];
  readonly lines: string[];
  /** Moves the clock of the authorizer's cache. */
  pass(milliseconds: number): void;
  get(path: string, init?: RequestInit): Promise<Response>;
  listener: Listener;
}

export const answer = (payload: unknown): Invocation => ({ kind: 'answer', payload });

/** Serves APIs on a free port; `respond` stands for Lambda. */
export async function serve(
  apis: readonly RestApi[],
  respond: (call: Call) => Invocation | Promise<Invocation> = () => answer({ statusCode: 200 }),
  mapping: Partial<Mapping> = {},
): Promise<GatewayUnderTest> {
  const calls: Call[] = [];
  const lines: string[] = [];
  let now = 0;
  const gateway = createGateway(
    {
      invoke: async (functionArn, sourceArn, event) => {
        const call = { functionArn, sourceArn, event: structuredClone(event) as Call['event'] };
        calls.push(call);
        return respond(call);
      },
    },
    (line) => lines.push(line),
    () => now,
  );
  const listener = await listen(0, gateway, (line) => lines.push(line));
  listener.serve({
    accountId: '000000000000',
    region: 'eu-central-1',
    mappings: apis.map((api) => ({ basePath: api.stageName, api, viaCustomDomain: true, ...mapping })),
  });
  return {
    origin: listener.origin,
    calls,
    lines,
    listener,
    pass: (milliseconds) => {
      now += milliseconds;
    },
    get: (path, init) => fetch(`${listener.origin}${path}`, init),
  };
}
