import { Aws, Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { CfnRotationSchedule, CfnSecret, type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { EndpointFunction } from './endpoint-function.ts';
import { type WorkloadProps, workloadFunction } from './workload-function.ts';

export interface IntegrationCredentialsProps extends WorkloadProps {
  /** How often the client secret is replaced, 4 hours to 999 days. Default 30 days. */
  readonly rotateEvery?: Duration;
  /**
   * How long the former secret works beside the new one, an hour to 30 days, and less than `rotateEvery`: the time in
   * which every copy of the workload must have read the secret again. Default one day.
   */
  readonly overlap?: Duration;
  /** Who is told when a rotation fails: the former secret runs out after the overlap. Default: nobody. */
  readonly alarmTopic?: ITopic;
  /** A key of one's own for the secret. Default: the account's `aws/secretsmanager`. */
  readonly encryptionKey?: IKey;
}

/**
 * An integration's credentials in Secrets Manager, `{"tenant","client_id","client_secret","token_endpoint"}`, whose client
 * secret is replaced by itself. `AppIntegration` fills the secret; of an integration made by other means, the credentials
 * are put there once by hand.
 *
 * ```ts
 * const credentials = new IntegrationCredentials(this, 'Credentials', { deployment, manager });
 * credentials.secret.grantRead(workload);
 * ```
 */
export class IntegrationCredentials extends Construct {
  /** What the workload reads. */
  readonly secret: ISecret;
  /** How long a secret works beside its successor. */
  readonly overlap: Duration;
  readonly function: EndpointFunction;

  constructor(scope: Construct, id: string, props: IntegrationCredentialsProps) {
    super(scope, id);
    const rotateEvery = props.rotateEvery ?? Duration.days(30);
    this.overlap = props.overlap ?? Duration.days(1);
    checkTimes(rotateEvery, this.overlap);
    // The higher-level construct would generate a value; this one stays without until credentials are written.
    const made = new CfnSecret(this, 'Secret', {
      description: "Latchkey: an integration's client_id and client_secret, rotated by schedule",
      ...(props.encryptionKey && { kmsKeyId: props.encryptionKey.keyArn }),
    });
    // The credentials are of no use without what the stack declares, and the integration itself lives elsewhere.
    made.applyRemovalPolicy(props.removalPolicy === 'retain' ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY);
    this.secret = Secret.fromSecretAttributes(this, 'Found', {
      secretCompleteArn: made.ref,
      ...(props.encryptionKey && { encryptionKey: props.encryptionKey }),
    });
    this.function = workloadFunction(this, 'Rotation', {
      ...props,
      entry: 'workload/credential-rotation',
      description: "Latchkey: replaces an integration's client secret, one step of a rotation at a time",
      credentials: { secretArn: made.ref, encryptionKey: props.encryptionKey },
      credentialsActions: ['DescribeSecret', 'GetSecretValue', 'PutSecretValue', 'UpdateSecretVersionStage'],
      overlap: this.overlap,
    });
    this.function.function.addPermission('SecretsManager', {
      principal: new ServicePrincipal('secretsmanager.amazonaws.com'),
      sourceAccount: Aws.ACCOUNT_ID,
    });
    const schedule = new CfnRotationSchedule(this, 'Schedule', {
      secretId: made.ref,
      rotationLambdaArn: this.function.function.functionArn,
      rotationRules: { scheduleExpression: rateOf(rotateEvery) },
      // What holds no credentials yet cannot be rotated.
      rotateImmediatelyOnUpdate: false,
    });
    schedule.node.addDependency(this.function);
    if (props.alarmTopic !== undefined) this.#tell(props.alarmTopic);
  }
  #tell(topic: ITopic): void {
    const alarm = new Alarm(this, 'Failed', {
      alarmDescription: `Latchkey: the credentials in ${this.secret.secretArn} could not be rotated`,
      metric: this.function.function.metricErrors({ period: Duration.minutes(5) }),
      threshold: 1,
      evaluationPeriods: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    alarm.addAlarmAction(new SnsAction(topic));
  }
}

function checkTimes(rotateEvery: Duration, overlap: Duration): void {
  const hours = { every: rotateEvery.toHours({ integral: false }), overlap: overlap.toHours({ integral: false }) };
  if (!(hours.every >= 4 && hours.every <= 999 * 24 && Number.isInteger(hours.every)))
    throw new Error('IntegrationCredentials: rotateEvery must be whole hours, from 4 hours to 999 days');
  if (!(hours.overlap >= 1 && hours.overlap <= 30 * 24))
    throw new Error('IntegrationCredentials: overlap must be from one hour to 30 days');
  // Else the secret before the last would still live, and one more is refused.
  if (hours.overlap >= hours.every) throw new Error('IntegrationCredentials: overlap must be less than rotateEvery');
}

function rateOf(every: Duration): string {
  const hours = every.toHours();
  return hours % 24 === 0 ? `rate(${hours / 24} days)` : `rate(${hours} hours)`;
}
