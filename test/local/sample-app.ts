import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, CfnOutput, CustomResource, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import {
  AuthorizationType,
  IdentitySource,
  LambdaIntegration,
  RequestAuthorizer,
  ResponseType,
  RestApi,
} from 'aws-cdk-lib/aws-apigateway';
import { AttributeType, BillingMode, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Code, Function as Lambda, Runtime } from 'aws-cdk-lib/aws-lambda';
import { CfnSecret } from 'aws-cdk-lib/aws-secretsmanager';

/** What the sample's custom resource does: its code sees `event` and `answer(status, data, reason)`. */
export const succeeds =
  "await answer('SUCCESS', { Kind: event.RequestType, Former: event.PhysicalResourceId ?? 'none', Count: event.ResourceProperties.Count })";

export interface SampleOptions {
  readonly customResource?: string;
  readonly customResourceCount?: number;
  /** Changes stacks before they are synthesized. */
  readonly change?: (stacks: { data: Stack; api: Stack }) => void;
  /** The body that the echo function answers besides its event. */
  readonly version?: string;
}

/** What the sample's function answers. */
export interface Echoed {
  readonly event: { readonly path: string; readonly requestContext: { readonly path: string } };
  readonly environment: { readonly table: string; readonly region: string };
}

export interface SampleApp {
  readonly directory: string;
  remove(): void;
}

const echo = (version: string) => `exports.handler = async (event) => ({
  statusCode: 200,
  headers: { 'x-version': ${JSON.stringify(version)}, 'WWW-Authenticate': 'Basic' },
  body: JSON.stringify({ event, environment: { table: process.env.TABLE, region: process.env.AWS_REGION } }),
});`;

const authorizer = `exports.handler = async (event) => {
  const token = event.headers.Authorization ?? event.headers.authorization;
  if (token === 'Bearer thrown') throw new Error('Unauthorized');
  return {
    principalId: 'p',
    policyDocument: { Version: '2012-10-17', Statement: [{ Effect: token === 'Bearer good' ? 'Allow' : 'Deny', Action: 'execute-api:Invoke', Resource: event.methodArn }] },
    context: { right: 'things:read' },
  };
};`;

const custom = (work: string) => `exports.handler = async (event) => {
  const answer = (Status, Data, Reason) => fetch(event.ResponseURL, { method: 'PUT', body: JSON.stringify({
    Status, Data, Reason, PhysicalResourceId: 'physical-1', StackId: event.StackId, RequestId: event.RequestId, LogicalResourceId: event.LogicalResourceId,
  }) });
  ${work};
};`;

/** Synthesizes two stacks that use what the local run serves: an API with an authorizer, a table, keys, a custom resource. */
export function sampleApp(options: SampleOptions = {}): SampleApp {
  const directory = mkdtempSync(join(tmpdir(), 'latchkey-sample-'));
  const app = new App({ outdir: directory, analyticsReporting: false, builtinCloudFormationValidation: false });
  const data = new Stack(app, 'Data');
  const key = new Key(data, 'Key');
  const table = new Table(data, 'Table', {
    partitionKey: { name: 'pk', type: AttributeType.STRING },
    billingMode: BillingMode.PAY_PER_REQUEST,
    encryption: TableEncryption.CUSTOMER_MANAGED,
    encryptionKey: key,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  const secret = new CfnSecret(data, 'Secret', { kmsKeyId: key.keyArn, secretString: 'hidden' });
  new CfnOutput(data, 'SecretArn', { value: secret.attrId });

  const stack = new Stack(app, 'Api');
  const inline = (id: string, code: string) =>
    new Lambda(stack, id, { runtime: Runtime.NODEJS_24_X, handler: 'index.handler', code: Code.fromInline(code) });
  const echoFunction = inline('Echo', echo(options.version ?? '1'));
  echoFunction.addEnvironment('TABLE', table.tableName);
  const api = new RestApi(stack, 'Rest', {
    cloudWatchRole: false,
    endpointConfiguration: { types: ['REGIONAL' as never] },
    deployOptions: { stageName: 'api', throttlingRateLimit: 1, throttlingBurstLimit: 1 },
    defaultCorsPreflightOptions: { allowOrigins: ['*'] },
  });
  const gate = new RequestAuthorizer(stack, 'Gate', {
    handler: inline('Authorizer', authorizer),
    identitySources: [IdentitySource.header('Authorization'), IdentitySource.context('path')],
    resultsCacheTtl: Duration.seconds(3),
  });
  const integration = new LambdaIntegration(echoFunction, { allowTestInvoke: false });
  const v1 = api.root.addResource('v1');
  v1.addMethod('GET', integration);
  v1.addResource('{id}').addMethod('GET', integration, {
    authorizer: gate,
    authorizationType: AuthorizationType.CUSTOM,
  });
  api.addGatewayResponse('Denied', {
    type: ResponseType.ACCESS_DENIED,
    statusCode: '403',
    responseHeaders: { 'WWW-Authenticate': `'Bearer resource_metadata="${api.urlForPath('/meta')}"'` },
    templates: { 'application/json': '{"scope":"$context.authorizer.right"}' },
  });
  const resource = new CustomResource(stack, 'Custom', {
    serviceToken: inline('CustomFunction', custom(options.customResource ?? succeeds)).functionArn,
    properties: { Count: options.customResourceCount ?? 1, Url: api.url },
  });
  new Rule(stack, 'Daily', { schedule: Schedule.rate(Duration.days(1)), targets: [new LambdaFunction(echoFunction)] });
  new CfnOutput(stack, 'Url', { value: api.url });
  for (const name of ['Kind', 'Former', 'Count']) new CfnOutput(stack, name, { value: resource.getAttString(name) });
  options.change?.({ data, api: stack });
  app.synth();
  return { directory, remove: () => rmSync(directory, { recursive: true, force: true }) };
}
