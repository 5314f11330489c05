/** One REST API with its one stage, as the templates describe it: what the gateway serves. */
export interface RestApi {
  readonly id: string;
  readonly stageName: string;
  readonly deploymentId: string;
  readonly stageVariables: Readonly<Record<string, string>>;
  /** Content types whose bodies are handed on as bytes: `image/png`, `image/*`, `*` + `/*`. */
  readonly binaryMediaTypes: readonly string[];
  readonly executeApiEndpointDisabled: boolean;
  readonly methods: readonly Method[];
  readonly gatewayResponses: ReadonlyMap<GatewayResponseType, GatewayResponseSettings>;
}

export interface Method {
  readonly resourceId: string;
  /** As API Gateway writes it: `/v1/projects/{project}/issues`. */
  readonly resourcePath: string;
  /** `GET`, …, or `ANY`. */
  readonly httpMethod: string;
  readonly authorizer?: Authorizer;
  readonly integration: LambdaIntegration | MockIntegration;
}

export interface LambdaIntegration {
  readonly kind: 'lambda';
  readonly functionArn: string;
  readonly timeoutMilliseconds: number;
}

/** Answers by itself: always the status that the request template names, here read when the template is loaded. */
export interface MockIntegration {
  readonly kind: 'mock';
  readonly status: number;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
  readonly contentType?: string;
}

/** A Lambda authorizer of type REQUEST. */
export interface Authorizer {
  readonly id: string;
  readonly functionArn: string;
  readonly identitySources: readonly IdentitySource[];
  /** How long an answer is used again; 0 asks every time. */
  readonly cacheSeconds: number;
}

/** `method.request.header.Authorization`, `context.path`, … */
export interface IdentitySource {
  readonly from: 'header' | 'querystring' | 'context' | 'stageVariables';
  readonly name: string;
}

/** What the template sets for one type of gateway response; what it does not set stays as AWS has it. */
export interface GatewayResponseSettings {
  readonly status?: number;
  readonly headers: readonly ResponseHeader[];
  /** Content type → template with `$context` variables. */
  readonly templates: ReadonlyMap<string, string>;
}

export interface ResponseHeader {
  readonly name: string;
  readonly value: { readonly static: string } | RequestValue;
}

/** A value of the request that a header repeats; left out where the request has none. */
export interface RequestValue {
  readonly from: 'header' | 'querystring' | 'path';
  readonly name: string;
}

/** API Gateway Developer Guide, "Gateway response types", with the status where the template sets none. */
export const gatewayResponseStatuses = {
  ACCESS_DENIED: 403,
  API_CONFIGURATION_ERROR: 500,
  AUTHORIZER_CONFIGURATION_ERROR: 500,
  AUTHORIZER_FAILURE: 500,
  BAD_REQUEST_BODY: 400,
  BAD_REQUEST_PARAMETERS: 400,
  DEFAULT_4XX: undefined,
  DEFAULT_5XX: undefined,
  EXPIRED_TOKEN: 403,
  INTEGRATION_FAILURE: 504,
  INTEGRATION_TIMEOUT: 504,
  INVALID_API_KEY: 403,
  INVALID_SIGNATURE: 403,
  MISSING_AUTHENTICATION_TOKEN: 403,
  QUOTA_EXCEEDED: 429,
  REQUEST_TOO_LARGE: 413,
  RESOURCE_NOT_FOUND: 404,
  THROTTLED: 429,
  UNAUTHORIZED: 401,
  UNSUPPORTED_MEDIA_TYPE: 415,
  WAF_FILTERED: 403,
} as const;

export type GatewayResponseType = keyof typeof gatewayResponseStatuses;

/** How the gateway reaches a function; the caller is checked against the function's resource policy on the way. */
export interface FunctionInvoker {
  /**
   * @param sourceArn what calls: a method or an authorizer, as in `AWS::Lambda::Permission` `SourceArn`.
   * @returns the function's answer, its error, or that no permission lets this source call it.
   */
  invoke(functionArn: string, sourceArn: string, event: unknown): Promise<Invocation>;
}

export type Invocation =
  | { readonly kind: 'answer'; readonly payload: unknown }
  | { readonly kind: 'error'; readonly errorType: string; readonly errorMessage: string }
  | { readonly kind: 'forbidden' };
