import type { Route } from '../../src/api/route.ts';
import { type Operation, routes } from '../../src/api/routes.ts';
import { type Credentials, call, type Reply } from '../conformance/client.ts';
import type { Outputs } from '../conformance/running-deployment.ts';

/** One request of an operation, as far as its row leaves it open. */
export interface Request {
  readonly path?: Readonly<Record<string, string | number>>;
  readonly query?: string;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
  readonly token?: string;
}

/** A request, or what makes one at the moment that it is sent. */
export type Prepared = Request | (() => Request | Promise<Request>);

/** Where an operation is served. */
export function urlOf(outputs: Outputs, operation: Operation, { path = {}, query = '' }: Request = {}): string {
  const row: Route = routes[operation];
  const bases = { auth: outputs.issuer, admin: outputs.admin_url.slice(0, -3), api: outputs.api_url.slice(0, -3) };
  const filled = row.path.replaceAll(/\{(\w+)\}/g, (_, name) => encodeURIComponent(String(path[name])));
  return `${bases[row.api]}${filled}${query && `?${query}`}`;
}

/** Sends one request of an operation. */
export async function send(outputs: Outputs, operation: Operation, prepared: Prepared = {}): Promise<Reply> {
  const request = typeof prepared === 'function' ? await prepared() : prepared;
  const { token, body, headers } = request;
  return call(routes[operation].method, urlOf(outputs, operation, request), {
    ...(token !== undefined && { token }),
    ...(body !== undefined && { body }),
    ...(headers && { headers }),
  });
}

/** Sends it, and throws where the answer is not the row's. */
export async function succeed(outputs: Outputs, operation: Operation, prepared: Prepared = {}): Promise<Reply> {
  const reply = await send(outputs, operation, prepared);
  if (reply.status !== routes[operation].status)
    throw new Error(`${operation} answered ${reply.status}: ${reply.text}`);
  return reply;
}

/** Client credentials as form parameters. */
export function form({ client_id, client_secret }: Credentials, members: Record<string, string> = {}): URLSearchParams {
  return new URLSearchParams({ client_id, client_secret, ...members });
}

/** The operations, in the order of the route table. */
export const operations = Object.keys(routes) as Operation[];
