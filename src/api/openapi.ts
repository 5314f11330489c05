import * as z from 'zod/mini';
import { type Form, formOf, formSchema, forms } from './forms.ts';
import { rightNames, rightOf } from './rights.ts';
import type { RestApiName, Route } from './route.ts';
import { type Operation, routes } from './routes.ts';

/** Where each REST API is reached: origin and stage, without the routes' own `/v1`. */
export type ApiAddresses = Readonly<Record<RestApiName, string>>;

type Json = { readonly [member: string]: unknown };

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
  const { right, body, answer, status, statusOfChange } = row;
  const form = row.api === 'auth' && row.method === 'POST' ? formOf(operation) : undefined;
  return {
    operationId: operation,
    summary: row.summary,
    tags: [row.api],
    'x-right': right,
    ...(row.orRight && { 'x-or-right': row.orRight }),
    ...(row.inAnyProject && { 'x-in-any-project': true }),
    ...(row.selfAllowed && { 'x-self-allowed': true }),
    security: securityOf(row, form),
    parameters: [...pathParameters(row), ...queryParameters(operation, row), ...headerParameters(operation)],
    ...(body && {
      requestBody: {
        required: !z.safeParse(body, undefined).success,
        content: { 'application/json': { schema: schemaOf(body, 'input') } },
      },
    }),
    ...(form && {
      requestBody: { required: true, content: { 'application/x-www-form-urlencoded': { schema: formSchema(form) } } },
    }),
    responses: {
      [status]: {
        description: 'Success',
        ...(status === 201 &&
          row.api !== 'auth' && { headers: { Location: { description: 'Where it is', schema: { type: 'string' } } } }),
        ...contentOf(answer, row.answerMediaType),
      },
      ...(statusOfChange && {
        [statusOfChange]: { description: 'Success; nothing new was made', ...contentOf(answer) },
      }),
      ...(row.api === 'auth' ? { default: errorAnswer('application/json', 'OAuthError') } : problemAnswers(row)),
    },
  };
}

const contentOf = (answer: Route['answer'], mediaType: string = 'application/json'): Json =>
  answer ? { content: { [mediaType]: { schema: schemaOf(answer, 'output') } } } : {};

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
function securityOf({ right, orRight }: Route, form: Form | undefined): readonly Json[] {
  if (form?.authenticatesClient) return [{ client_secret_basic: [] }, {}];
  if (right === 'none') return [];
  return [{ oauth2: right === 'any' ? [] : [right] }, ...(orRight === undefined ? [] : [{ oauth2: [orRight] }])];
}

function pathParameters({ path, selfAllowed }: Route): Json[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    ...(selfAllowed && {
      description:
        "`self` is the token's own integration: it needs no right for reading, nor, with a token that acts for the integration itself, for a change",
    }),
    schema: { type: 'string' },
  }));
}

function queryParameters(operation: string, { query, method }: Route): Json[] {
  const form = method === 'GET' ? forms[operation] : undefined;
  const schema = query === undefined ? form && formSchema(form) : schemaOf(query, 'input');
  const { properties = {}, required = [] } = (schema ?? {}) as {
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
      decided_by: { type: 'string', description: 'Who decided before, where something does not wait for a decision' },
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
  const titles = rightNames.filter((name) => !rightOf(name).operatorOnly).map((name) => [name, rightOf(name).title]);
  const scopes = Object.fromEntries(titles);
  const tokenUrl = `${auth}/oauth2/token`;
  const authorizationCode = { authorizationUrl: `${auth}/oauth2/authorize`, tokenUrl, refreshUrl: tokenUrl, scopes };
  return {
    oauth2: { type: 'oauth2', flows: { clientCredentials: { tokenUrl, scopes }, authorizationCode } },
    client_secret_basic: { type: 'http', scheme: 'basic' },
  };
}
