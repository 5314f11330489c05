import { randomBytes } from 'node:crypto';
import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import { logger } from '../../functions/shared/logger.ts';
import { cursorKeyItem } from '../../src/adapters/dynamodb/cursor-key.ts';
import { newTenantId } from '../../src/entities/identifiers.ts';
import { environment } from '../../src/environment.ts';
import { type AuthorizerContext, encodeContext } from '../../src/oauth/access-token/context.ts';
import { type EmbeddedTable, openEmbeddedTable } from '../src/adapters/dynamodb/embedded-table.ts';

/** The table that handlers of this process reach through their environment, with a key for cursors. */
export async function deployTable(): Promise<EmbeddedTable> {
  const embedded = await openEmbeddedTable();
  await embedded.table.put(cursorKeyItem(randomBytes(32)));
  Object.assign(process.env, {
    [environment.tableName]: embedded.tableName,
    [environment.issuer]: 'https://one.example/auth',
    [environment.auditRetentionDays]: '400',
    AWS_ENDPOINT_URL: embedded.endpoint,
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
  });
  logger.setLogLevel('SILENT');
  return embedded;
}

/** A caller as the authorizer hands it on, in a tenant of its own; `rights` in the global context. */
export function newCaller(...rights: readonly string[]): AuthorizerContext {
  return {
    kind: 'access-token',
    tenant: newTenantId(randomBytes),
    subject: 'usr_caller',
    clientId: 'int_caller',
    credential: 'sec_caller',
    rights,
    ofOperator: false,
    projectRights: {},
    tokenId: 'tok_caller',
  };
}

/** What a test sends; the body is written as JSON unless it is text already. */
export interface Call {
  readonly caller?: AuthorizerContext;
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** The route that the authorizer decided on; default: the one that is called. */
  readonly decidedOn?: string;
}

/** An answer with its body read; `undefined` where it has none. */
export interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every form
  readonly body: any;
}

type LambdaHandler = (event: APIGatewayProxyEvent, context: never) => Promise<APIGatewayProxyResult>;

/** Calls a handler with an event of API Gateway's form: `send('POST /v1/projects', …)`. */
export function callHandler(handler: LambdaHandler) {
  return async (
    route: string,
    { caller, path, query, headers, body, decidedOn = route }: Call = {},
  ): Promise<Answered> => {
    const [httpMethod = '', resource = ''] = route.split(' ');
    const sent = { ...(body !== undefined && { 'Content-Type': 'application/json' }), ...headers };
    const event = {
      httpMethod,
      resource,
      pathParameters: path ?? null,
      queryStringParameters: query ?? null,
      multiValueQueryStringParameters:
        query === undefined ? null : Object.fromEntries(Object.entries(query).map(([name, value]) => [name, [value]])),
      headers: sent,
      multiValueHeaders: Object.fromEntries(Object.entries(sent).map(([name, value]) => [name, [value]])),
      body: body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body),
      isBase64Encoded: false,
      requestContext: {
        requestId: 'request-1',
        identity: { sourceIp: '203.0.113.7' },
        authorizer: caller && encodeContext(caller, decidedOn),
      },
    } as unknown as APIGatewayProxyEvent;
    const answer = await handler(event, {} as never);
    return {
      status: answer.statusCode,
      headers: answer.headers ?? {},
      body: bodyOf(answer),
    };
  };
}

/** As text where it is no JSON. */
function bodyOf({ headers, body }: APIGatewayProxyResult): unknown {
  if (body === '') return undefined;
  return /[/+]json$/.test(String(headers?.['Content-Type'])) ? JSON.parse(body) : body;
}
