import * as z from 'zod/mini';
import { rightNames, rightOf } from './rights.ts';
import type { RestApiName, Route } from './route.ts';
import { type Operation, routes } from './routes.ts';

/** Where each REST API is reached: origin and stage, without the routes' own `/v1`. */
export type ApiAddresses = Readonly<Record<RestApiName, string>>;

type Json = { readonly [member: string]: unknown };

/** How a client authenticates in the body (RFC 6749 §2.3.1, RFC 7521 §4.2), where it does not in a header. */
const clientParameters: Readonly<Record<string, string>> = {
  client_id: 'The client, with client_secret; beside other credentials it must agree with them',
  client_secret: 'client_secret_post',
  client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer, with private_key_jwt',
  client_assertion: 'private_key_jwt: the signed JWT (RFC 7523)',
};

/** Form parameters of the authorization server's endpoints, which parse their bodies by their own rules. */
const formParameters: Readonly<Record<string, Json>> = {
  token: formSchema(['grant_type'], {
    grant_type: 'A grant type of the metadata, for example client_credentials',
    scope: 'Rights, separated by spaces; absent: all that may be had',
    resource: 'The base URL of an API (RFC 8707); repeatable',
    authorization_details: 'JSON (RFC 9396): rights narrowed to projects',
    ...clientParameters,
  }),
  pushAuthorizationRequest: formSchema(['response_type', 'redirect_uri', 'code_challenge', 'code_challenge_method'], {
    response_type: 'code',
    redirect_uri: 'One of the redirect URIs of the integration',
    code_challenge: 'Of the code verifier (RFC 7636)',
    code_challenge_method: 'S256',
    scope: 'Rights and openid, profile, email, offline_access, separated by spaces',
    state: 'Comes back in the answer',
    ...clientParameters,
  }),
  introspect: formSchema(['token'], { token: 'The access token', ...clientParameters }),
  revoke: formSchema(['token'], { token: 'The access token', ...clientParameters }),
};

/**
 * The description of every route (OpenAPI 3.1), rendered from the route table. `x-right` names what an operation needs:
 * a right, `any` valid token, or `none`. Each path stands with its stage, and the server it is reached at beside it.
 */
export function openApi(addresses: ApiAddresses): Json {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const [operation, row] of Object.entries<Route>(routes)) {
    const path = `/${row.api}${row.path}`;
    const server = { url: addresses[row.api].slice(0, -`/${row.api}`.length) };
    paths[path] = { servers: [server], ...paths[path], [row.method.toLowerCase()]: describe(operation, row) };
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'Latchkey',
      version: '1',
      description:
        'An authorization server for app integrations: its protocol endpoints, its admin API, and the reference API.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    paths,
    components: { schemas, securitySchemes: securitySchemes(addresses) },
  };
}

function describe(operation: string, row: Route): Json {
  const { right, body, answer, status } = row;
  const form = formParameters[operation];
  return {
    operationId: operation,
    summary: row.summary,
    tags: [row.api],
    'x-right': right,
    ...(row.selfAllowed && { 'x-self-allowed': true }),
    security: securityOf(row, form !== undefined),
    parameters: [...pathParameters(row), ...queryParameters(row), ...headerParameters(operation)],
    ...(body && {
      requestBody: {
        required: !z.safeParse(body, undefined).success,
        content: { 'application/json': { schema: schemaOf(body, 'input') } },
      },
    }),
    ...(form && {
      requestBody: { required: true, content: { 'application/x-www-form-urlencoded': { schema: form } } },
    }),
    responses: {
      [status]: {
        description: 'Success',
        ...(status === 201 &&
          row.api !== 'auth' && { headers: { Location: { description: 'Where it is', schema: { type: 'string' } } } }),
        ...(answer && { content: { 'application/json': { schema: schemaOf(answer, 'output') } } }),
      },
      ...(row.api === 'auth' ? { default: errorAnswer('application/json', 'OAuthError') } : problemAnswers(row)),
    },
  };
}

function problemAnswers({ right, body, query, path }: Route): Json {
  const statuses = [
    ...(body || query ? ['400'] : []),
    ...(right === 'none' ? [] : ['401', '403']),
    ...(path.includes('{') ? ['404'] : []),
    'default',
  ];
  return Object.fromEntries(statuses.map((status) => [status, errorAnswer('application/problem+json', 'Problem')]));
}

const errorAnswer = (type: string, schema: keyof typeof schemas): Json => ({
  description: schema === 'Problem' ? 'Problem details (RFC 9457)' : 'Error (RFC 6749 §5.2)',
  content: { [type]: { schema: { $ref: `#/components/schemas/${schema}` } } },
});

/** None, the client's own credentials, or a token with the right. */
function securityOf({ right }: Route, authenticatesClient: boolean): readonly Json[] {
  if (authenticatesClient) return [{ client_secret_basic: [] }, {}];
  if (right === 'none') return [];
  return [{ oauth2: right === 'any' ? [] : [right] }];
}

function pathParameters({ path, selfAllowed }: Route): Json[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    ...(selfAllowed && { description: "`self` is the token's own integration, and needs no right" }),
    schema: { type: 'string' },
  }));
}

function queryParameters({ query }: Route): Json[] {
  if (query === undefined) return [];
  const { properties = {}, required = [] } = schemaOf(query, 'input') as {
    properties?: Record<string, Json>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema,
  }));
}

/** The operations that change only the version that they name (RFC 9110 §13.1.1). */
const conditional: readonly string[] = ['changeIssue'] satisfies Operation[];

function headerParameters(operation: string): Json[] {
  if (!conditional.includes(operation)) return [];
  return [
    {
      name: 'If-Match',
      in: 'header',
      required: true,
      description: 'The ETag of what is changed: 428 without, 412 where it is no longer current',
      schema: { type: 'string' },
    },
  ];
}

/** JSON Schema of what is sent (`input`) or answered (`output`); a check that it cannot say is left to the error. */
function schemaOf(schema: z.ZodMiniType, io: 'input' | 'output'): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  return rest;
}

function formSchema(required: readonly string[], descriptions: Readonly<Record<string, string>>): Json {
  const properties = Object.entries(descriptions).map(([name, description]) => [name, { type: 'string', description }]);
  return { type: 'object', required, properties: Object.fromEntries(properties) };
}

const schemas = {
  Problem: {
    type: 'object',
    required: ['type', 'title', 'status'],
    properties: {
      type: { type: 'string' },
      title: { type: 'string' },
      status: { type: 'integer' },
      detail: { type: 'string' },
      errors: {
        type: 'array',
        items: {
          type: 'object',
          required: ['pointer', 'detail'],
          properties: { pointer: { type: 'string' }, detail: { type: 'string' } },
        },
      },
      missing_rights: { type: 'array', items: { type: 'string' } },
      scope: { type: 'string', description: 'The right that was needed' },
      request_id: { type: 'string' },
    },
  },
  OAuthError: {
    type: 'object',
    required: ['error'],
    properties: { error: { type: 'string' }, error_description: { type: 'string' } },
  },
} as const;

function securitySchemes({ auth }: ApiAddresses): Json {
  const scopes = rightNames.filter((name) => !rightOf(name).operatorOnly).map((name) => [name, rightOf(name).title]);
  return {
    oauth2: {
      type: 'oauth2',
      flows: { clientCredentials: { tokenUrl: `${auth}/oauth2/token`, scopes: Object.fromEntries(scopes) } },
    },
    client_secret_basic: { type: 'http', scheme: 'basic' },
  };
}
