import { streamArnOf } from '../dynamodb/stream-record.ts';
import { physicalName, type ResourceAddress, shortId, uuidOf } from './physical-id.ts';

/** A resource of a stack, for what `Ref` and `Fn::GetAtt` of it are made from. */
export interface ResourceIdentity extends ResourceAddress {
  readonly region: string;
  readonly accountId: string;
  /** A property as text, resolved; undefined where the template does not set it. */
  text(property: string): string | undefined;
  /** The id that the local service gave the resource when it was made. */
  assignedId(): string;
}

type Value = (resource: ResourceIdentity) => string;

/** A resource type that the local run serves. */
export interface ResourceType {
  readonly ref: Value;
  readonly attributes?: Readonly<Record<string, Value>>;
  /** Properties that shape what is served. */
  readonly properties: readonly string[];
  /** Properties without an effect on one machine. */
  readonly inert?: readonly string[];
}

const arn =
  (service: string, resource: Value): Value =>
  (it) =>
    `arn:aws:${service}:${it.region}:${it.accountId}:${resource(it)}`;
const named =
  (property: string, maximum = 64): Value =>
  (it) =>
    it.text(property) ?? physicalName(it, maximum);
const id =
  (length: number): Value =>
  (it) =>
    shortId(it, length);

const functionName = named('FunctionName');
const tableName = named('TableName');
const tableArn = arn('dynamodb', (it) => `table/${tableName(it)}`);
const roleName = named('RoleName');
const ruleName = named('Name');
const logGroupName = named('LogGroupName', 512);
const assigned: Value = (it) => it.assignedId();
const iamArn =
  (kind: string, name: Value): Value =>
  (it) =>
    `arn:aws:iam::${it.accountId}:${kind}/${name(it)}`;

/** Every resource type that the local run serves, with the properties that it knows. */
export const resourceTypes: Readonly<Record<string, ResourceType>> = {
  'AWS::Lambda::Function': {
    ref: functionName,
    attributes: { Arn: arn('lambda', (it) => `function:${functionName(it)}`) },
    properties: ['Code', 'Environment', 'FunctionName', 'Handler', 'MemorySize', 'Role', 'Runtime', 'Timeout'],
    inert: [
      'Architectures',
      'Description',
      'LoggingConfig',
      'ReservedConcurrentExecutions',
      'RecursiveLoop',
      'Tags',
      'TracingConfig',
    ],
  },
  'AWS::Lambda::Permission': {
    ref: physicalName,
    properties: ['Action', 'FunctionName', 'Principal', 'SourceArn', 'SourceAccount'],
  },
  'AWS::Lambda::EventInvokeConfig': {
    ref: physicalName,
    properties: [],
    // A scheduled function is run once here; what fails shows on the terminal.
    inert: ['DestinationConfig', 'FunctionName', 'MaximumEventAgeInSeconds', 'MaximumRetryAttempts', 'Qualifier'],
  },
  'AWS::Lambda::EventSourceMapping': {
    ref: uuidOf,
    attributes: {
      Id: uuidOf,
      EventSourceMappingArn: arn('lambda', (it) => `event-source-mapping:${uuidOf(it)}`),
    },
    properties: [
      'BatchSize',
      'BisectBatchOnFunctionError',
      'Enabled',
      'EventSourceArn',
      'FilterCriteria',
      'FunctionName',
      'FunctionResponseTypes',
      'MaximumBatchingWindowInSeconds',
      'MaximumRecordAgeInSeconds',
      'MaximumRetryAttempts',
      'ParallelizationFactor',
      'StartingPosition',
    ],
    inert: ['MetricsConfig', 'Tags'],
  },
  'AWS::IAM::Role': {
    ref: roleName,
    attributes: { Arn: iamArn('role', roleName), RoleId: (it) => `AROA${shortId(it, 17).toUpperCase()}` },
    properties: ['AssumeRolePolicyDocument', 'ManagedPolicyArns', 'Policies', 'RoleName'],
    inert: ['Description', 'MaxSessionDuration', 'Tags'],
  },
  'AWS::IAM::Policy': { ref: physicalName, properties: ['PolicyDocument', 'Roles'], inert: ['PolicyName'] },
  'AWS::IAM::ManagedPolicy': {
    ref: iamArn('policy', named('ManagedPolicyName')),
    properties: ['ManagedPolicyName', 'PolicyDocument', 'Roles'],
    inert: ['Description', 'Path'],
  },
  'AWS::ApiGateway::RestApi': {
    ref: id(10),
    attributes: { RestApiId: id(10), RootResourceId: (it) => rootResourceId(it) },
    properties: ['BinaryMediaTypes', 'DisableExecuteApiEndpoint', 'EndpointConfiguration'],
    inert: ['Description', 'Name', 'Tags', 'SecurityPolicy'],
  },
  'AWS::ApiGateway::Resource': {
    ref: id(6),
    attributes: { ResourceId: id(6) },
    properties: ['ParentId', 'PathPart', 'RestApiId'],
  },
  'AWS::ApiGateway::Method': {
    ref: id(6),
    properties: [
      'ApiKeyRequired',
      'AuthorizationType',
      'AuthorizerId',
      'HttpMethod',
      'Integration',
      'ResourceId',
      'RestApiId',
    ],
    // A Lambda proxy's answer passes as it is; a mock's answer is read from its integration responses.
    inert: ['MethodResponses', 'OperationName'],
  },
  'AWS::ApiGateway::Deployment': {
    ref: id(6),
    attributes: { DeploymentId: id(6) },
    properties: ['RestApiId'],
    inert: ['Description'],
  },
  'AWS::ApiGateway::Stage': {
    ref: named('StageName'),
    properties: ['DeploymentId', 'RestApiId', 'StageName', 'Variables'],
    inert: ['AccessLogSetting', 'Description', 'MethodSettings', 'Tags', 'TracingEnabled'],
  },
  'AWS::ApiGateway::Authorizer': {
    ref: id(6),
    attributes: { AuthorizerId: id(6) },
    properties: ['AuthorizerResultTtlInSeconds', 'AuthorizerUri', 'IdentitySource', 'RestApiId', 'Type'],
    inert: ['Name'],
  },
  'AWS::ApiGateway::GatewayResponse': {
    ref: id(6),
    properties: ['ResponseParameters', 'ResponseTemplates', 'ResponseType', 'RestApiId', 'StatusCode'],
  },
  'AWS::ApiGateway::DomainName': {
    ref: named('DomainName'),
    attributes: {
      RegionalDomainName: (it) => `d-${shortId(it, 10)}.execute-api.${it.region}.amazonaws.com`,
      RegionalHostedZoneId: () => 'Z000000000000000',
      DomainNameArn: (it) => `arn:aws:apigateway:${it.region}::/domainnames/${named('DomainName')(it)}`,
    },
    properties: ['DomainName', 'EndpointConfiguration'],
    inert: ['RegionalCertificateArn', 'SecurityPolicy', 'EndpointAccessMode', 'Tags'],
  },
  'AWS::ApiGateway::BasePathMapping': {
    ref: id(6),
    properties: ['BasePath', 'DomainName', 'RestApiId', 'Stage'],
  },
  'AWS::DynamoDB::Table': {
    ref: tableName,
    attributes: { Arn: tableArn, StreamArn: (it) => streamArnOf(tableArn(it)) },
    properties: [
      'AttributeDefinitions',
      'BillingMode',
      'GlobalSecondaryIndexes',
      'KeySchema',
      'SSESpecification',
      'StreamSpecification',
      'TableName',
      'TimeToLiveSpecification',
    ],
    inert: [
      'ContributorInsightsSpecification',
      'DeletionProtectionEnabled',
      'OnDemandThroughput',
      'PointInTimeRecoverySpecification',
      'TableClass',
      'Tags',
    ],
  },
  'AWS::KMS::Key': {
    ref: assigned,
    attributes: { Arn: arn('kms', (it) => `key/${assigned(it)}`), KeyId: assigned },
    properties: ['Enabled', 'KeyPolicy', 'KeySpec', 'KeyUsage'],
    inert: ['Description', 'EnableKeyRotation', 'PendingWindowInDays', 'RotationPeriodInDays', 'Tags'],
  },
  'AWS::KMS::Alias': { ref: named('AliasName'), properties: ['AliasName', 'TargetKeyId'] },
  'AWS::SecretsManager::Secret': {
    ref: assigned,
    attributes: { Id: assigned },
    properties: ['GenerateSecretString', 'KmsKeyId', 'Name', 'SecretString'],
    inert: ['Description', 'Tags'],
  },
  'AWS::SecretsManager::RotationSchedule': {
    ref: physicalName,
    properties: ['RotateImmediatelyOnUpdate', 'RotationLambdaARN', 'RotationRules', 'SecretId'],
  },
  'AWS::SSM::Parameter': {
    ref: named('Name'),
    attributes: { Type: (it) => it.text('Type') ?? 'String', Value: (it) => it.text('Value') ?? '' },
    properties: ['Name', 'Type', 'Value'],
    inert: ['Description', 'Tags', 'Tier', 'DataType', 'AllowedPattern'],
  },
  'AWS::Events::Rule': {
    ref: ruleName,
    attributes: { Arn: arn('events', (it) => `rule/${ruleName(it)}`) },
    properties: ['Name', 'ScheduleExpression', 'State', 'Targets'],
    inert: ['Description', 'Tags'],
  },
  'AWS::Logs::LogGroup': {
    ref: logGroupName,
    attributes: { Arn: arn('logs', (it) => `log-group:${logGroupName(it)}:*`) },
    properties: [],
    inert: ['KmsKeyId', 'LogGroupClass', 'LogGroupName', 'RetentionInDays', 'Tags', 'DataProtectionPolicy'],
  },
};

/** Resource types that change nothing on one machine, each with the reason. */
export const typesWithoutEffect: Readonly<Record<string, string>> = {
  'AWS::ApiGateway::Account': 'names the role with which API Gateway writes logs to CloudWatch',
  'AWS::ApiGateway::Model': 'describes bodies; it refuses none unless a method has a request validator',
  'AWS::ApiGateway::UsagePlan': 'limits API keys, which no method here asks for',
  'AWS::CDK::Metadata': 'counts constructs for the CDK project',
  'AWS::CertificateManager::Certificate': 'the local run speaks HTTP on one machine',
  'AWS::CloudWatch::Alarm': 'there are no CloudWatch metrics on one machine',
  'AWS::CloudWatch::CompositeAlarm': 'there are no CloudWatch metrics on one machine',
  'AWS::CloudWatch::Dashboard': 'there are no CloudWatch metrics on one machine',
  'AWS::Logs::MetricFilter': 'there are no CloudWatch logs on one machine',
  'AWS::Logs::QueryDefinition': 'there are no CloudWatch logs on one machine',
  'AWS::Logs::ResourcePolicy': 'there are no CloudWatch logs on one machine',
  'AWS::Route53::HostedZone': 'the local run has no domain names',
  'AWS::Route53::RecordSet': 'the local run has no domain names',
  'AWS::SNS::Subscription': 'only alarms are sent to topics',
  'AWS::SNS::Topic': 'only alarms are sent to topics',
  'AWS::SNS::TopicPolicy': 'only alarms are sent to topics',
  'AWS::WAFv2::WebACL': 'the firewall stands before API Gateway and is AWS’s own',
  'AWS::WAFv2::WebACLAssociation': 'the firewall stands before API Gateway and is AWS’s own',
};

/** Custom resources: every type of this kind is answered by the function its ServiceToken names. */
export function isCustomResource(type: string): boolean {
  return type.startsWith('Custom::') || type === 'AWS::CloudFormation::CustomResource';
}

/** Resources whose id is known only once a local service has made them. */
export function hasAssignedId(type: string): boolean {
  return type === 'AWS::KMS::Key' || type === 'AWS::SecretsManager::Secret';
}

/** The id of a REST API's root resource. */
export function rootResourceId({ stackName, logicalId }: ResourceAddress): string {
  return shortId({ stackName, logicalId: `${logicalId}/root` }, 10);
}
