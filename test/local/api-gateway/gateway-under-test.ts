import { request as httpRequest } from 'node:http';
import type { APIGatewayProxyEvent } from 'aws-lambda';
import { afterEach } from 'vitest';
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

/** Sends what fetch would not: header cases, repeated headers, another Host. */
export function send(
  under: GatewayUnderTest,
  path: string,
  options: { method?: string; headers?: string[]; body?: string | Buffer } = {},
): Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; raw: string[]; body: string }> {
  return new Promise((resolve, reject) => {
    const url = new URL(under.origin);
    const hasHost = options.headers?.some((name, index) => index % 2 === 0 && name.toLowerCase() === 'host');
    const headers = [...(hasHost ? [] : ['Host', url.host]), ...(options.headers ?? [])];
    const outgoing = httpRequest(
      { host: url.hostname, port: url.port, path, method: options.method ?? 'GET', headers, agent: false },
      async (incoming) => {
        const chunks: Buffer[] = [];
        for await (const chunk of incoming) chunks.push(chunk);
        resolve({
          status: incoming.statusCode ?? 0,
          headers: incoming.headers,
          raw: incoming.rawHeaders,
          body: Buffer.concat(chunks).toString(),
        });
      },
    );
    outgoing.once('error', reject);
    outgoing.end(options.body);
  });
}

/** An API with a path parameter and a method that takes a body. */
export const things = restApi([method('GET', '/v1/things/{id}'), method('POST', '/v1/things')]);

/** Serves as {@link serve} does, until the test ends. */
export async function serving(...options: Parameters<typeof serve>): Promise<GatewayUnderTest> {
  const under = await serve(...options);
  open.push(under);
  return under;
}

const open: GatewayUnderTest[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map(({ listener }) => listener.close()));
});
