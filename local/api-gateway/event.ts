import { forwardRequestHeaders, type HeaderPair, headerValue, isBinary } from './http-headers.ts';
import type { GatewayRequest } from './request.ts';
import type { RestApi } from './rest-api.ts';
import type { RouteMatch } from './router.ts';

/** Where a request arrived: which API, under which name of the machine and which base path. */
export interface Arrival {
  readonly api: RestApi;
  readonly accountId: string;
  readonly region: string;
  /** The host part of the origin, without a port. */
  readonly domainName: string;
  readonly port: number;
  /**
   * The first path segment: of a custom domain's base path mapping, which events show in `path`, or of the stage at an
   * execute-api address, which they do not.
   */
  readonly basePath: string;
  readonly viaCustomDomain: boolean;
  /** Below the stage or base path, undecoded, beginning with a slash. */
  readonly pathBelow: string;
}

/** Everything known of one request, once a resource and method serve it. */
export interface RoutedRequest extends Arrival {
  readonly request: GatewayRequest;
  readonly route: RouteMatch;
}

/** The `authorizer` member of the request context: `principalId` and the authorizer's context, all strings. */
export type AuthorizerContext = Readonly<Record<string, string | number>>;

/** The proxy event of REST APIs, payload format 1.0 (API Gateway Developer Guide, "Lambda proxy integrations"). */
export function proxyEvent(routed: RoutedRequest, authorizer: AuthorizerContext | undefined): Record<string, unknown> {
  const { request, api } = routed;
  const isBase64Encoded =
    request.body.length > 0 && isBinary(headerValue(request.headers, 'content-type'), api.binaryMediaTypes);
  return {
    ...requestMembers(routed),
    requestContext: requestContext(routed, authorizer),
    body: request.body.length === 0 ? null : request.body.toString(isBase64Encoded ? 'base64' : 'utf8'),
    isBase64Encoded,
  };
}

/** The event of a REQUEST authorizer: the request without its body. */
export function authorizerEvent(routed: RoutedRequest): Record<string, unknown> {
  return {
    type: 'REQUEST',
    methodArn: methodArn(routed),
    ...requestMembers(routed),
    requestContext: requestContext(routed, undefined),
  };
}

/** `arn:aws:execute-api:{region}:{account}:{api}/{stage}/{METHOD}/{path}`, the path as it was sent. */
export function methodArn(routed: RoutedRequest): string {
  return `${apiArn(routed)}/${routed.api.stageName}/${routed.request.httpMethod}${routed.pathBelow}`;
}

/** `arn:aws:execute-api:{region}:{account}:{api}`, with which the source ARNs of invocations begin. */
export function apiArn({ region, accountId, api }: Arrival): string {
  return `arn:aws:execute-api:${region}:${accountId}:${api.id}`;
}

function requestMembers(routed: RoutedRequest): Record<string, unknown> {
  const { request, route, api } = routed;
  const headers = eventHeaders(routed);
  return {
    resource: route.method.resourcePath,
    path: routed.viaCustomDomain ? request.path : routed.pathBelow,
    httpMethod: request.httpMethod,
    headers: lastValues(headers),
    multiValueHeaders: allValues(headers),
    queryStringParameters: orNull(lastValues(request.query)),
    multiValueQueryStringParameters: orNull(allValues(request.query)),
    pathParameters: orNull(route.pathParameters),
    stageVariables: orNull(api.stageVariables),
  };
}

function requestContext(routed: RoutedRequest, authorizer: AuthorizerContext | undefined): Record<string, unknown> {
  const { request, route, api } = routed;
  return {
    resourceId: route.method.resourceId,
    ...(authorizer === undefined ? {} : { authorizer }),
    resourcePath: route.method.resourcePath,
    httpMethod: request.httpMethod,
    extendedRequestId: request.extendedRequestId,
    requestTime: commonLogTime(request.receivedAt),
    path: request.path,
    accountId: routed.accountId,
    protocol: request.protocol,
    stage: api.stageName,
    domainPrefix: routed.domainName.split('.')[0],
    requestTimeEpoch: request.receivedAt.getTime(),
    requestId: request.requestId,
    identity: {
      cognitoIdentityPoolId: null,
      accountId: null,
      cognitoIdentityId: null,
      caller: null,
      sourceIp: request.sourceIp,
      principalOrgId: null,
      accessKey: null,
      cognitoAuthenticationType: null,
      cognitoAuthenticationProvider: null,
      userArn: null,
      userAgent: headerValue(request.headers, 'user-agent') ?? null,
      user: null,
    },
    domainName: routed.domainName,
    deploymentId: api.deploymentId,
    apiId: api.id,
  };
}

function eventHeaders({ request, port }: RoutedRequest): HeaderPair[] {
  const forwardedFor = headerValue(request.headers, 'x-forwarded-for');
  const own = new Set(['x-forwarded-for', 'x-forwarded-port', 'x-forwarded-proto', 'x-amzn-trace-id']);
  return [
    ...forwardRequestHeaders(request.headers).filter(([name]) => !own.has(name.toLowerCase())),
    ['X-Amzn-Trace-Id', request.traceId],
    ['X-Forwarded-For', forwardedFor === undefined ? request.sourceIp : `${forwardedFor}, ${request.sourceIp}`],
    ['X-Forwarded-Port', String(port)],
    ['X-Forwarded-Proto', 'http'],
  ];
}

const lastValues = (values: readonly HeaderPair[]): Record<string, string> => Object.fromEntries(values);

function allValues(values: readonly HeaderPair[]): Record<string, string[]> {
  const byName = new Map<string, string[]>();
  for (const [name, value] of values) {
    byName.set(name, [...(byName.get(name) ?? []), value]);
  }
  return Object.fromEntries(byName);
}

const orNull = <T extends object>(values: T): T | null => (Object.keys(values).length === 0 ? null : values);

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `21/Nov/2026:10:00:00 +0000` */
function commonLogTime(at: Date): string {
  const day = String(at.getUTCDate()).padStart(2, '0');
  return `${day}/${months[at.getUTCMonth()]}/${at.getUTCFullYear()}:${at.toISOString().slice(11, 19)} +0000`;
}
