import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import type { Route } from '../../src/api/route.ts';
import { routes } from '../../src/api/routes.ts';
import { environment } from '../../src/environment.ts';

type LambdaHandler = (event: APIGatewayProxyEvent, context: never) => Promise<APIGatewayProxyResult>;

/** What functions find in their environment besides what `deployAuthorizationServer` sets. */
const settings = {
  [environment.refreshTokenLifetimeSeconds]: '2592000',
  [environment.refreshTokenIdleSeconds]: '604800',
  [environment.sessionLifetimeSeconds]: '43200',
};

/**
 * Serves the authorization server's pages to a real browser, from this process: with the events and answers of API
 * Gateway, as far as pages read them. Its address becomes the issuer.
 */
export async function startPageServer() {
  const server = createServer((request, response) => {
    answer(request).then(
      (result) => send(result, response),
      (error) => response.writeHead(500).end(String(error)),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const issuer = `http://127.0.0.1:${port}/auth`;
  Object.assign(process.env, settings, { [environment.issuer]: issuer });
  return {
    issuer,
    close: () => new Promise((resolve) => server.close(resolve).closeAllConnections()),
  };
}

async function answer(request: IncomingMessage): Promise<APIGatewayProxyResult> {
  const url = new URL(request.url ?? '/', 'http://127.0.0.1');
  const path = url.pathname.replace(/^\/auth/, '');
  for (const row of Object.values<Route>(routes)) {
    const found = row.api === 'auth' && row.method === request.method && parametersOf(row, path);
    if (!found) continue;
    const { handler } = (await import(/* @vite-ignore */ `../../functions/${row.entry}.ts`)) as {
      handler: LambdaHandler;
    };
    return handler(eventOf(row, found, url, request, await textOf(request)), {} as never);
  }
  return { statusCode: 404, body: `nothing at ${request.method} ${path}` };
}

function parametersOf({ path }: Route, actual: string): Record<string, string> | undefined {
  const pattern = path.replaceAll('.', '\\.').replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)');
  const match = new RegExp(`^${pattern}$`).exec(actual);
  return match === null ? undefined : { ...match.groups };
}

function eventOf(
  { method, path }: Route,
  pathParameters: Record<string, string>,
  url: URL,
  { headers, socket }: IncomingMessage,
  body: string,
): APIGatewayProxyEvent {
  const names = [...new Set(url.searchParams.keys())];
  return {
    httpMethod: method,
    resource: path,
    pathParameters,
    headers,
    multiValueQueryStringParameters:
      names.length === 0 ? null : Object.fromEntries(names.map((name) => [name, url.searchParams.getAll(name)])),
    body: body === '' ? null : body,
    isBase64Encoded: false,
    requestContext: { requestId: 'request-1', identity: { sourceIp: socket.remoteAddress } },
  } as unknown as APIGatewayProxyEvent;
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += chunk;
  return text;
}

function send({ statusCode, headers, multiValueHeaders, body }: APIGatewayProxyResult, response: ServerResponse): void {
  const all = { ...headers, ...multiValueHeaders } as Record<string, string | string[]>;
  response.writeHead(statusCode, all).end(body);
}
