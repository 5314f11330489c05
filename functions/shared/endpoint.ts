import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import * as z from 'zod/mini';
import type { AuditedRefusals, Route } from '../../src/api/route.ts';
import { type Operation, routes } from '../../src/api/routes.ts';
import type { Origin } from '../../src/entities/audit-event.ts';
import { type Fault, InvalidInput, NotFound } from '../../src/entities/errors.ts';
import { type AuthorizerContext, decodeContext } from '../../src/oauth/access-token/context.ts';
import { crossOriginHeaders } from './cross-origin.ts';
import { hasNoBody, jsonBody } from './json-body.ts';
import { problems } from './middleware/problems.ts';
import { callerOrigin } from './origin.ts';
import { stack } from './stack.ts';

type Row<O extends Operation> = (typeof routes)[O];
type Parsed<R, Member extends string> = R extends { readonly [M in Member]: infer Schema extends z.ZodMiniType }
  ? z.output<Schema>
  : undefined;
type PathParameters<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? { readonly [N in Name]: string } & PathParameters<Rest>
  : unknown;

/** One request of an operation, parsed: the handler sees nothing that did not pass its row's schemas. */
export interface ApiRequest<O extends Operation> {
  readonly body: Parsed<Row<O>, 'body'>;
  readonly query: Parsed<Row<O>, 'query'>;
  readonly path: PathParameters<Row<O>['path']>;
  /** Who calls, as the authorizer found: tenant, subject and rights come from here alone. */
  readonly caller: Row<O>['right'] extends 'none' ? undefined : AuthorizerContext;
  /** For audit events: the actor (the token's user, else its client), the token, and the request. */
  readonly origin: Origin;
  readonly header: (name: string) => string | undefined;
}

/** What a handler answers; the status is the row's. */
export interface Answer {
  /** Nothing new was made, in an operation that may make something: the row's `statusOfChange`. */
  readonly madeNothing?: true;
  readonly body?: unknown;
  /** In place of `body`, where the row has a media type of its own: the text as it is sent. */
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export type Handler<O extends Operation> = (request: ApiRequest<O>) => Promise<Answer>;

export type Handlers = { readonly [O in Operation]?: Handler<O> };

/** Tells the audit log of a request that was refused, where it is told of this one. */
type TellRefusal = (refused: RefusedRequest, error: unknown) => Promise<void>;

/** A request as it was when it was refused. */
export interface RefusedRequest {
  readonly operation: string;
  readonly refusals: AuditedRefusals;
  readonly request: ApiRequest<Operation>;
}

/**
 * The Lambda handler of an entry that serves these operations of the admin or the resource API.
 *
 * @param tellRefusal where a row's refusals are audited: {@link AuditedRefusals}
 */
export function endpoint(handlers: Handlers, tellRefusal?: TellRefusal) {
  const byRoute = new Map<string, { row: Route; handle: Handler<Operation> }>();
  for (const [operation, plain] of Object.entries(handlers)) {
    const row: Route = routes[operation as Operation];
    const handle = withRefusals(operation, row, plain as Handler<Operation>, tellRefusal);
    byRoute.set(`${row.method} ${row.path}`, { row, handle });
  }
  const find = (event: APIGatewayProxyEvent) => byRoute.get(`${event.httpMethod} ${event.resource}`);
  return stack(
    async (event) => {
      const found = find(event);
      if (found === undefined) throw new NotFound();
      const answer = await found.handle(requestOf(found.row, event));
      return answered(found.row, answer);
    },
    problems((event) => crossOriginHeaders(find(event)?.row)),
  );
}

/** @throws Error where the row's refusals are audited and its entry does not say by what */
function withRefusals(
  operation: string,
  { refusals }: Route,
  handle: Handler<Operation>,
  tell: TellRefusal | undefined,
): Handler<Operation> {
  if (refusals === undefined) return handle;
  if (tell === undefined) throw new Error(`${operation} tells of refusals: its entry must be an auditedEndpoint`);
  return async (request) => {
    try {
      return await handle(request);
    } catch (error) {
      await tell({ operation, refusals, request }, error);
      throw error;
    }
  };
}

function requestOf(row: Route, event: APIGatewayProxyEvent): ApiRequest<Operation> {
  const route = `${row.method} ${row.path}`;
  const caller = row.right === 'none' ? undefined : decodeContext(event.requestContext.authorizer, route);
  return {
    body: row.body && bodyOf(row.body, event),
    query: row.query && parsed(row.query, singleValued(event), ''),
    path: event.pathParameters ?? {},
    caller,
    origin: callerOrigin(event, caller),
    header: (name) => headerOf(event, name),
  } as ApiRequest<Operation>;
}

function bodyOf(schema: z.ZodMiniType, event: APIGatewayProxyEvent): unknown {
  const absent = hasNoBody(event) && z.safeParse(schema, undefined).success;
  return parsed(schema, absent ? undefined : jsonBody(event), '/');
}

function parsed(schema: z.ZodMiniType, input: unknown, prefix: string): unknown {
  const result = z.safeParse(schema, input);
  if (result.success) return result.data;
  throw new InvalidInput(result.error.issues.flatMap((issue) => faultsOf(issue, prefix)));
}

function faultsOf(issue: z.core.$ZodIssue, prefix: string): Fault[] {
  const path = issue.path.map((part) => String(part).replaceAll('~', '~0').replaceAll('/', '~1'));
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({ pointer: prefix + [...path, key].join('/'), detail: 'is unknown' }));
  return [{ pointer: path.length === 0 ? '' : prefix + path.join('/'), detail: issue.message }];
}

/** The query's parameters; one that is repeated has no single meaning. */
function singleValued(event: APIGatewayProxyEvent): Record<string, string | undefined> {
  for (const [name, values] of Object.entries(event.multiValueQueryStringParameters ?? {}))
    if ((values?.length ?? 0) > 1) throw new InvalidInput([{ pointer: name, detail: 'is repeated' }]);
  return event.queryStringParameters ?? {};
}

function headerOf(event: APIGatewayProxyEvent, name: string): string | undefined {
  const found = Object.keys(event.headers ?? {}).find((header) => header.toLowerCase() === name);
  return found && event.headers[found];
}

function answered(row: Route, answer: Answer): APIGatewayProxyResult {
  const content = answer.text ?? (answer.body === undefined ? '' : JSON.stringify(answer.body));
  return {
    statusCode: answer.madeNothing ? (row.statusOfChange ?? row.status) : row.status,
    headers: {
      'Cache-Control': 'no-store',
      ...(content !== '' && { 'Content-Type': row.answerMediaType ?? 'application/json' }),
      ...crossOriginHeaders(row),
      ...answer.headers,
    },
    body: content,
  };
}
