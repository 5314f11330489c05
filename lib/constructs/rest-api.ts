import { Aws, Duration } from 'aws-cdk-lib';
import {
  AccessLogFormat,
  AuthorizationType,
  AwsIntegration,
  EndpointType,
  RestApi as GatewayRestApi,
  LogGroupLogDestination,
  MethodLoggingLevel,
  type MethodOptions,
} from 'aws-cdk-lib/aws-apigateway';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { RestApiName, Route } from '../../src/api/route.ts';
import type { Stage } from '../stage.ts';
import { acknowledge } from './acknowledge.ts';
import type { EndpointFunction } from './endpoint-function.ts';
import { answerRefusals } from './gateway-responses.ts';
import { logGroup } from './log-group.ts';

export interface RestApiProps {
  readonly name: RestApiName;
  readonly stage: Stage;
}

/** Named fields alone: no query string, no header, no body can reach an access log. */
const accessLogFields = {
  requestId: '$context.requestId',
  extendedRequestId: '$context.extendedRequestId',
  xrayTraceId: '$context.xrayTraceId',
  requestTimeEpoch: '$context.requestTimeEpoch',
  sourceIp: '$context.identity.sourceIp',
  method: '$context.httpMethod',
  // The resource's template; the path itself holds ids.
  resource: '$context.resourcePath',
  status: '$context.status',
  refusal: '$context.error.responseType',
  responseLength: '$context.responseLength',
  responseLatency: '$context.responseLatency',
  integrationStatus: '$context.integration.status',
  integrationLatency: '$context.integration.latency',
  authorizerStatus: '$context.authorizer.status',
  authorizerLatency: '$context.authorizer.latency',
  principal: '$context.authorizer.principalId',
  wafStatus: '$context.waf.status',
} as const;

/** One regional REST API with one stage of its own name, its logs, refusals and preflights. */
export class RestApi extends Construct {
  readonly api: GatewayRestApi;
  /** `https://…/auth`, without a slash at the end: the domain's, or the API's own address. */
  readonly url: string;
  readonly #name: RestApiName;
  readonly #stage: Stage;
  readonly #integrations = new Map<EndpointFunction, AwsIntegration>();

  constructor(scope: Construct, id: string, { name, stage }: RestApiProps) {
    super(scope, id);
    this.#name = name;
    this.#stage = stage;
    this.api = new GatewayRestApi(this, 'Api', {
      restApiName: `${stage.name}-${name}`,
      endpointConfiguration: { types: [EndpointType.REGIONAL] },
      disableExecuteApiEndpoint: stage.domain !== undefined,
      cloudWatchRole: false,
      deployOptions: {
        stageName: name,
        tracingEnabled: true,
        // Detailed metrics are billed for each method; those of API and stage come without.
        metricsEnabled: false,
        throttlingRateLimit: stage.throttling.requestsPerSecond,
        throttlingBurstLimit: stage.throttling.burst,
        loggingLevel: MethodLoggingLevel.ERROR,
        // Data tracing would log whole requests, tokens included.
        dataTraceEnabled: false,
        accessLogDestination: new LogGroupLogDestination(logGroup(this, 'AccessLog', stage)),
        accessLogFormat: AccessLogFormat.custom(JSON.stringify(accessLogFields)),
      },
    });
    this.#keepExecutionLog();
    const host = stage.domain?.name ?? `${this.api.restApiId}.execute-api.${Aws.REGION}.${Aws.URL_SUFFIX}`;
    this.url = `https://${host}/${name}`;
    answerRefusals(this, {
      api: this.api,
      form: name === 'auth' ? 'oauth' : 'problem',
      ...(name !== 'auth' && { resourceMetadata: `${this.url}/.well-known/oauth-protected-resource` }),
      dpop: stage.dpop,
      corsOrigin: name === 'auth' ? '*' : stage.corsOrigin,
    });
    this.#acknowledge();
  }

  /** Serves a route by a function. Each function has one permission to be invoked, for this API's stage. */
  addRoute(route: Route, fn: EndpointFunction, options: MethodOptions = { authorizationType: AuthorizationType.NONE }) {
    const method = this.api.root.resourceForPath(route.path).addMethod(route.method, this.#integration(fn), options);
    if (options.authorizer === undefined) {
      const reason =
        this.#name === 'auth'
          ? 'The authorization server authenticates its callers itself (RFC 6749 §2.3); its metadata is public.'
          : 'Public by the route table: a description that holds no data (right: none).';
      acknowledge(method, 'AwsSolutions-APIG4', reason);
      acknowledge(method, 'AwsSolutions-COG4', reason);
    } else {
      acknowledge(method, 'AwsSolutions-COG4', 'Latchkey is the authorization server: its own authorizer decides.');
    }
  }

  /** Answers `OPTIONS` wherever a browser of another origin may call one of the routes; without a token. */
  addPreflights(routes: readonly Route[]): void {
    for (const [path, rows] of Map.groupBy(routes, (row) => row.path)) {
      const origin = rows.some((row) => row.anyOrigin)
        ? '*'
        : this.#name === 'auth'
          ? undefined
          : this.#stage.corsOrigin;
      if (origin === undefined) continue;
      this.api.root.resourceForPath(path).addCorsPreflight({
        allowOrigins: [origin],
        allowMethods: rows.map((row) => row.method),
        allowHeaders: ['Authorization', 'Content-Type', 'DPoP', 'If-Match'],
        maxAge: Duration.hours(1),
      });
    }
  }

  #integration(fn: EndpointFunction): AwsIntegration {
    let integration = this.#integrations.get(fn);
    if (integration === undefined) {
      integration = new AwsIntegration({
        service: 'lambda',
        proxy: true,
        path: `2015-03-31/functions/${fn.function.functionArn}/invocations`,
      });
      fn.function.addPermission('Invoke', {
        principal: new ServicePrincipal('apigateway.amazonaws.com'),
        // Not the console's test stage, which asks no authorizer.
        sourceAccount: Aws.ACCOUNT_ID,
        sourceArn: this.api.arnForExecuteApi('*', '/*', this.#name),
        scope: fn,
      });
      this.#integrations.set(fn, integration);
    }
    return integration;
  }

  /** API Gateway names this log group itself, and where it finds none makes one that keeps everything for ever. */
  #keepExecutionLog(): void {
    const name = `API-Gateway-Execution-Logs_${this.api.restApiId}/${this.#name}`;
    const log = logGroup(this, 'ExecutionLog', this.#stage, name);
    this.api.deploymentStage.node.addDependency(log);
  }

  #acknowledge(): void {
    acknowledge(
      this.api,
      'AwsSolutions-APIG2',
      'Functions validate every request against the schemas of the route table, and answer in the form of the contract.',
    );
    acknowledge(
      this.api.deploymentStage,
      'AwsSolutions-APIG3',
      this.#stage.waf
        ? 'The web ACL is associated in the firewall stack, where the rule does not look.'
        : 'The web ACL is a stage option (waf): it costs more than the idle deployment, and throttling bounds the APIs without it.',
    );
  }
}
