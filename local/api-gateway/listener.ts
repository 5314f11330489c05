import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Answer } from './answer.ts';
import type { Arrival } from './event.ts';
import type { Gateway } from './gateway.ts';
import { type GatewayRequest, readRequest, UnacceptableRequest } from './request.ts';
import type { RestApi } from './rest-api.ts';

/** One base path of an origin, and the API behind it. */
export interface Mapping {
  /** The first path segment, without slashes. */
  readonly basePath: string;
  readonly api: RestApi;
  /** Whether events look as behind a custom domain, or as at the API's own execute-api address. */
  readonly viaCustomDomain: boolean;
}

/** What an origin serves from now on; replaced as a whole when the templates change. */
export interface Site {
  readonly accountId: string;
  readonly region: string;
  readonly mappings: readonly Mapping[];
}

export interface Listener {
  /** `http://127.0.0.1:8787` */
  readonly origin: string;
  /** Serves this from the next request on; requests that came before the first site wait for it. */
  serve(site: Site): void;
  close(): Promise<void>;
}

const host = '127.0.0.1';

/** Opens a port of this machine, for this machine only; 0 takes a free one. Rejects where the port is taken. */
export async function listen(port: number, gateway: Gateway, report: (line: string) => void): Promise<Listener> {
  let site: Promise<Site>;
  let provide: ((site: Site) => void) | undefined;
  site = new Promise((resolve) => {
    provide = resolve;
  });
  // A request may be larger than what API Gateway takes: it then gets API Gateway's answer and not the parser's.
  const server = createServer({ maxHeaderSize: 64 * 1024, keepAliveTimeout: 60_000 }, (incoming, outgoing) => {
    respond(incoming, outgoing, () => site, gateway).catch((error: unknown) => {
      // A client that went away is nothing to report.
      if (!outgoing.destroyed && !outgoing.headersSent) {
        report(`the gateway failed: ${error instanceof Error ? error.stack : String(error)}`);
        send(outgoing, incoming.method, plainAnswer(500, 'Internal server error'));
      }
    });
  });
  const boundPort = await bind(server, port);
  return {
    origin: `http://${host}:${boundPort}`,
    serve(next) {
      provide?.(next);
      site = Promise.resolve(next);
    },
    close: () =>
      new Promise((resolve) => {
        const patience = setTimeout(() => server.closeAllConnections(), 2000);
        server.close(() => {
          clearTimeout(patience);
          resolve();
        });
        server.closeIdleConnections();
      }),
  };
}

async function bind(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : port;
}

async function respond(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  currentSite: () => Promise<Site>,
  gateway: Gateway,
): Promise<void> {
  const port = incoming.socket.localPort ?? 0;
  outgoing.on('error', () => undefined);
  let request: GatewayRequest;
  const site = await currentSite();
  try {
    request = await readRequest(incoming);
  } catch (error) {
    if (!(error instanceof UnacceptableRequest)) {
      throw error;
    }
    send(outgoing, incoming.method, plainAnswer(error.status, error.message));
    return;
  }
  // As any address of AWS refuses a name it was not given; here it also stops a web page that rebinds its own name.
  const served = [`${host}:${port}`, `localhost:${port}`].includes(incoming.headers.host ?? '');
  const arrival = served ? findArrival(site, request, port) : undefined;
  const answer = arrival ? await gateway.serve(request, arrival) : plainAnswer(403, 'Forbidden');
  send(outgoing, incoming.method, answer);
}

function findArrival(
  { mappings, accountId, region }: Site,
  request: GatewayRequest,
  port: number,
): Arrival | undefined {
  const [, basePath = ''] = request.path.split('/');
  const mapping = mappings.find((candidate) => candidate.basePath === basePath);
  if (!mapping || (!mapping.viaCustomDomain && mapping.api.executeApiEndpointDisabled)) {
    return undefined;
  }
  const pathBelow = request.path.slice(basePath.length + 1);
  return { ...mapping, accountId, region, domainName: host, port, pathBelow: pathBelow === '' ? '/' : pathBelow };
}

function plainAnswer(status: number, message: string): Answer {
  return { status, headers: [['Content-Type', 'application/json']], body: JSON.stringify({ message }) };
}

function send(outgoing: ServerResponse, method: string | undefined, answer: Answer): void {
  if (outgoing.destroyed) {
    return;
  }
  outgoing.statusCode = answer.status;
  for (const [name, value] of answer.headers) {
    outgoing.appendHeader(name, value);
  }
  outgoing.setHeader('Content-Length', Buffer.byteLength(answer.body));
  outgoing.end(method === 'HEAD' ? undefined : answer.body);
}
