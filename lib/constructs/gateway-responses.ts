import { GatewayResponse, type IRestApi, ResponseType } from 'aws-cdk-lib/aws-apigateway';
import type { Construct } from 'constructs';
import { dpopAlgorithms } from '../../src/api/dpop-algorithms.ts';

interface Refusal {
  readonly type: ResponseType;
  readonly status: number;
  /** The error code under `/auth` (RFC 6749 §5.2, and §4.1.2.1 for the server's own faults). */
  readonly error:
    | 'invalid_request'
    | 'invalid_token'
    | 'insufficient_scope'
    | 'server_error'
    | 'temporarily_unavailable';
  /** What the client may know. Never `$context.error.message`: it can quote the token. */
  readonly detail: string;
  readonly retryAfterSeconds?: number;
  /** The error of the Bearer challenge (RFC 6750 §3.1). */
  readonly challenge?: 'invalid_token' | 'insufficient_scope';
}

const notFound = { status: 404, error: 'invalid_request', detail: 'No such resource.' } as const;
const badRequest = { status: 400, error: 'invalid_request', detail: 'The request is malformed.' } as const;
const forbidden = { status: 403, error: 'invalid_request', detail: 'The request was refused.' } as const;
const serverFault = { status: 500, error: 'server_error', detail: 'Something went wrong on our side.' } as const;
const tooMany = {
  status: 429,
  error: 'temporarily_unavailable',
  detail: 'Too many requests.',
  retryAfterSeconds: 1,
} as const;

/** Every type of answer that API Gateway gives without asking a function. */
const refusals: readonly Refusal[] = [
  {
    type: ResponseType.UNAUTHORIZED,
    status: 401,
    error: 'invalid_token',
    detail: 'A valid access token is needed.',
    challenge: 'invalid_token',
  },
  {
    type: ResponseType.ACCESS_DENIED,
    status: 403,
    error: 'insufficient_scope',
    detail: 'The access token does not hold the right that is needed.',
    challenge: 'insufficient_scope',
  },
  // Path or method unknown: API Gateway takes it for a request that was not signed, or not well.
  { type: ResponseType.MISSING_AUTHENTICATION_TOKEN, ...notFound },
  { type: ResponseType.INVALID_SIGNATURE, ...notFound },
  { type: ResponseType.EXPIRED_TOKEN, ...notFound },
  { type: ResponseType.RESOURCE_NOT_FOUND, ...notFound },
  { type: ResponseType.BAD_REQUEST_BODY, ...badRequest },
  { type: ResponseType.BAD_REQUEST_PARAMETERS, ...badRequest },
  { type: ResponseType.DEFAULT_4XX, ...badRequest },
  { type: ResponseType.INVALID_API_KEY, ...forbidden },
  { type: ResponseType.WAF_FILTERED, ...forbidden },
  { type: ResponseType.REQUEST_TOO_LARGE, status: 413, error: 'invalid_request', detail: 'The body is too large.' },
  {
    type: ResponseType.UNSUPPORTED_MEDIA_TYPE,
    status: 415,
    error: 'invalid_request',
    detail: 'The content type is not supported.',
  },
  { type: ResponseType.THROTTLED, ...tooMany },
  { type: ResponseType.QUOTA_EXCEEDED, ...tooMany },
  { type: ResponseType.API_CONFIGURATION_ERROR, ...serverFault },
  { type: ResponseType.AUTHORIZER_CONFIGURATION_ERROR, ...serverFault },
  { type: ResponseType.AUTHORIZER_FAILURE, ...serverFault },
  { type: ResponseType.DEFAULT_5XX, ...serverFault },
  {
    type: ResponseType.INTEGRATION_FAILURE,
    status: 503,
    error: 'temporarily_unavailable',
    detail: 'The service is not available for the moment.',
    retryAfterSeconds: 5,
  },
  {
    type: ResponseType.INTEGRATION_TIMEOUT,
    status: 504,
    error: 'temporarily_unavailable',
    detail: 'The service did not answer in time.',
    retryAfterSeconds: 5,
  },
];

export interface GatewayResponseOptions {
  readonly api: IRestApi;
  /** `problem`: RFC 9457, for resource APIs. `oauth`: RFC 6749 §5.2. */
  readonly form: 'problem' | 'oauth';
  /** URL of the API's protected-resource metadata, which challenges name (RFC 9728 §5.1). */
  readonly resourceMetadata?: string;
  /** Whether the API accepts tokens that are bound to a key, so that a challenge names the scheme for them. */
  readonly dpop?: boolean | undefined;
  /** The origin whose scripts may read the answers, or `*`. */
  readonly corsOrigin?: string | undefined;
}

/** Gives every refusal of API Gateway's own the form of the API that it stands before. */
export function answerRefusals(scope: Construct, options: GatewayResponseOptions): void {
  for (const refusal of refusals) addResponse(scope, refusal, options);
}

/** Gives only the authorizer's refusals, 401 and 403, their RFC 6750 challenge and problem details. */
export function answerWithChallenges(scope: Construct, options: Omit<GatewayResponseOptions, 'form'>): void {
  for (const refusal of refusals)
    if (refusal.challenge !== undefined) addResponse(scope, refusal, { ...options, form: 'problem' });
}

function addResponse(scope: Construct, refusal: Refusal, options: GatewayResponseOptions): void {
  new GatewayResponse(scope, `Refusal-${refusal.type.responseType}`, {
    restApi: options.api,
    type: refusal.type,
    statusCode: String(refusal.status),
    responseHeaders: headersOf(refusal, options),
    templates: { 'application/json': JSON.stringify(bodyOf(refusal, options.form)) },
  });
}

/** Static values, which API Gateway wants in single quotes. */
function headersOf(refusal: Refusal, options: GatewayResponseOptions): Record<string, string> {
  const { challenge, retryAfterSeconds } = refusal;
  // RFC 9449 §7.1. A refusal cannot know which of the schemes was tried, and offers both.
  const proof = options.dpop && challenge === 'invalid_token' ? `, DPoP algs="${dpopAlgorithms.join(' ')}"` : '';
  const metadata = options.resourceMetadata === undefined ? '' : `, resource_metadata="${options.resourceMetadata}"`;
  return {
    'Content-Type': options.form === 'problem' ? "'application/problem+json'" : "'application/json'",
    'Cache-Control': "'no-store'",
    ...(challenge !== undefined && { 'WWW-Authenticate': `'Bearer error="${challenge}"${metadata}${proof}'` }),
    ...(retryAfterSeconds !== undefined && { 'Retry-After': `'${retryAfterSeconds}'` }),
    ...(options.corsOrigin !== undefined && {
      'Access-Control-Allow-Origin': `'${options.corsOrigin}'`,
      'Access-Control-Expose-Headers': "'WWW-Authenticate,Retry-After'",
    }),
  };
}

function bodyOf({ challenge, detail, error, status }: Refusal, form: GatewayResponseOptions['form']): object {
  if (form === 'oauth') return { error, error_description: detail };
  return {
    type: 'about:blank',
    title: titles[status],
    status,
    detail,
    // The right that was needed, from the authorizer: a name of the catalogue, since templates cannot escape.
    ...(challenge === 'insufficient_scope' && { scope: '$context.authorizer.scope' }),
  };
}

/** RFC 9457 §4.2.1: the title of `about:blank` is the status's own phrase. */
const titles: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
};
