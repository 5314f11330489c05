import { Duration } from 'aws-cdk-lib';
import { Effect, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  ApplicationLogLevel,
  Architecture,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
  SystemLogLevel,
  Tracing,
} from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { type EnvironmentVariable, environment } from '../../src/environment.ts';
import { acknowledge } from './acknowledge.ts';
import { bundle, type Definitions } from './bundle.ts';
import { type LogOptions, logGroup } from './log-group.ts';

export type FunctionEnvironment = Readonly<Partial<Record<EnvironmentVariable, string>>>;

export interface EndpointFunctionProps {
  /** The file below `functions/`, without its ending. */
  readonly entry: string;
  readonly description: string;
  readonly logs: LogOptions;
  readonly environment?: FunctionEnvironment;
  /** Name in logs and metrics, and of the bundle. Default: the entry. */
  readonly service?: string;
  /** What the bundle is made with besides its source. */
  readonly define?: Definitions;
  /** Default 10 seconds: two tries of a call that hangs, and an honest answer. */
  readonly timeout?: Duration;
  readonly reservedConcurrency?: number | undefined;
}

/**
 * One Lambda function with a role, a log group and a bundle of its own. The role holds what writing logs and traces
 * needs; everything else is granted by the construct that owns the resource.
 */
export class EndpointFunction extends Construct {
  readonly function: LambdaFunction;

  constructor(scope: Construct, id: string, props: EndpointFunctionProps) {
    super(scope, id);
    const service = props.service ?? props.entry;
    const logs = logGroup(this, 'Logs', props.logs);
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    this.function = new LambdaFunction(this, 'Function', {
      description: props.description,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      code: bundle(this, props.entry, props.define, service),
      handler: 'index.handler',
      role,
      // The processor's share grows with it: with less, a cold start waits for the processor and costs no less.
      memorySize: 1024,
      timeout: props.timeout ?? Duration.seconds(10),
      tracing: Tracing.ACTIVE,
      logGroup: logs,
      loggingFormat: LoggingFormat.JSON,
      applicationLogLevelV2: ApplicationLogLevel.INFO,
      // Start and report lines of each call would be most of the log's cost.
      systemLogLevelV2: SystemLogLevel.WARN,
      ...(props.reservedConcurrency !== undefined && { reservedConcurrentExecutions: props.reservedConcurrency }),
      environment: { ...props.environment, [environment.service]: service },
    });
    this.allow({ actions: ['logs:CreateLogStream', 'logs:PutLogEvents'], resources: [logs.logGroupArn] });
    acknowledge(
      role,
      'AwsSolutions-IAM5[Resource::*]',
      'xray:PutTraceSegments and xray:PutTelemetryRecords, which this role holds for its traces, have no resource types: IAM accepts * alone.',
    );
  }

  /** Adds one statement to the function's role: actions named one by one, on the resources given. */
  allow(statement: {
    readonly actions: readonly string[];
    readonly resources: readonly string[];
    readonly conditions?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  }): void {
    this.function.addToRolePolicy(
      new PolicyStatement({
        effect: Effect.ALLOW,
        actions: [...statement.actions],
        resources: [...statement.resources],
        conditions: statement.conditions ?? {},
      }),
    );
  }

  /** Sets an environment variable; the construct that grants a permission sets what tells the function of it. */
  set(name: EnvironmentVariable, value: string): void {
    this.function.addEnvironment(name, value);
  }
}
