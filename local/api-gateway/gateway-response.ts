import type { Answer } from './answer.ts';
import { fillContextTemplate } from './context-template.ts';
import type { Arrival, AuthorizerContext } from './event.ts';
import { firstAccepted, type HeaderPair, headerValue } from './http-headers.ts';
import type { GatewayRequest } from './request.ts';
import {
  type GatewayResponseSettings,
  type GatewayResponseType,
  gatewayResponseStatuses,
  type RequestValue,
  type RestApi,
} from './rest-api.ts';
import type { RouteMatch } from './router.ts';

/** Why API Gateway answers by itself. */
export interface Refusal {
  readonly type: GatewayResponseType;
  /** Where the type itself has none (a malformed answer of a function is a DEFAULT_5XX of 502). */
  readonly status?: number;
  /** `$context.error.message`; null is what some errors have. */
  readonly message: string | null;
  /** The value of `x-amzn-ErrorType`. */
  readonly errorType: string;
}

/** The request as far as it got before it was refused. */
export interface RefusedRequest {
  readonly request: GatewayRequest;
  readonly arrival: Arrival;
  readonly route?: RouteMatch;
  readonly authorizer?: AuthorizerContext;
}

const defaultTemplates = new Map([['application/json', '{"message":$context.error.messageString}']]);
const defaultSettings: GatewayResponseSettings = { headers: [], templates: defaultTemplates };

/** Renders a refusal as the API's gateway responses set it, DEFAULT_4XX or DEFAULT_5XX where its type sets nothing. */
export function gatewayResponse(refusal: Refusal, refused: RefusedRequest): Answer {
  const { api } = refused.arrival;
  const settings = settingsFor(api, refusal);
  const status = settings.status ?? ownStatus(refusal);
  const templates = settings.templates.size > 0 ? settings.templates : defaultTemplates;
  const [contentType, template] = chooseTemplate(templates, refused.request);
  const own: HeaderPair[] = [
    ['x-amzn-RequestId', refused.request.requestId],
    ['x-amz-apigw-id', refused.request.extendedRequestId],
    ['x-amzn-ErrorType', refusal.errorType],
    ['Content-Type', contentType],
  ];
  const mapped = mappedHeaders(settings, refused);
  return {
    status,
    headers: [...own.filter(([name]) => headerValue(mapped, name) === undefined), ...mapped],
    body: fillContextTemplate(template, contextValues(refusal, refused)),
  };
}

function settingsFor(api: RestApi, refusal: Refusal): GatewayResponseSettings {
  // "Customizing the default gateway response for 413 REQUEST_TOO_LARGE isn't currently supported" (Important notes).
  if (refusal.type === 'REQUEST_TOO_LARGE') {
    return defaultSettings;
  }
  const fallback = ownStatus(refusal) < 500 ? 'DEFAULT_4XX' : 'DEFAULT_5XX';
  return api.gatewayResponses.get(refusal.type) ?? api.gatewayResponses.get(fallback) ?? defaultSettings;
}

const ownStatus = (refusal: Refusal): number => refusal.status ?? gatewayResponseStatuses[refusal.type] ?? 500;

/** The template for the first media type of `Accept`, else for application/json, else the first there is. */
function chooseTemplate(templates: ReadonlyMap<string, string>, request: GatewayRequest): readonly [string, string] {
  const accepted = firstAccepted(request.headers);
  for (const contentType of [accepted, 'application/json', templates.keys().next().value]) {
    const template = contentType === undefined ? undefined : templates.get(contentType);
    if (contentType !== undefined && template !== undefined) {
      return [contentType, template];
    }
  }
  return ['application/json', ''];
}

function mappedHeaders(settings: GatewayResponseSettings, refused: RefusedRequest): HeaderPair[] {
  return settings.headers.flatMap(({ name, value }): HeaderPair[] => {
    const text = 'static' in value ? value.static : requestValue(value, refused);
    return text === undefined ? [] : [[name, text]];
  });
}

function requestValue({ from, name }: RequestValue, { request, route }: RefusedRequest): string | undefined {
  switch (from) {
    case 'header':
      return headerValue(request.headers, name);
    case 'querystring':
      return request.query.findLast(([candidate]) => candidate === name)?.[1];
    case 'path':
      return route?.pathParameters[name];
  }
}

function contextValues(refusal: Refusal, refused: RefusedRequest): Map<string, string> {
  const { request, arrival, route } = refused;
  const values = {
    accountId: arrival.accountId,
    apiId: arrival.api.id,
    domainName: arrival.domainName,
    'error.message': refusal.message ?? '',
    'error.messageString': JSON.stringify(refusal.message),
    'error.responseType': refusal.type,
    extendedRequestId: request.extendedRequestId,
    httpMethod: request.httpMethod,
    'identity.sourceIp': request.sourceIp,
    'identity.userAgent': headerValue(request.headers, 'user-agent') ?? '',
    path: request.path,
    protocol: request.protocol,
    requestId: request.requestId,
    requestTime: request.receivedAt.toISOString(),
    requestTimeEpoch: String(request.receivedAt.getTime()),
    resourcePath: route?.method.resourcePath ?? '',
    stage: arrival.api.stageName,
  };
  const authorizer = Object.entries(refused.authorizer ?? {});
  return new Map([
    ...Object.entries(values),
    ...authorizer.map(([name, value]) => [`authorizer.${name}`, String(value)] as const),
  ]);
}
