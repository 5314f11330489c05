import { Duration } from 'aws-cdk-lib';
import { type Alarm, ComparisonOperator, type IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { Construct } from 'constructs';
import type { AlarmTopic } from './alarm-topic.ts';

/** The headings of docs/runbook.md that alarms lead to, as anchors; a test holds the two to one another. */
export const runbookHeadings = {
  serverErrors: 'an-api-answers-with-server-errors',
  authorizerFailures: 'the-authorizer-cannot-decide',
  lambdaThrottles: 'lambda-throttles',
  kmsQuota: 'kms-nears-its-quota-of-signatures',
  tableThrottles: 'dynamodb-throttles',
  slowToken: 'the-token-endpoint-is-slow',
  slowAuthorizer: 'the-authorizer-is-slow',
  noActiveKey: 'no-signing-key-is-active',
  signingKeysFailed: 'the-daily-signing-key-function-fails',
  logoutDeliveriesFailed: 'clients-are-not-told-of-ended-sessions',
  deliveriesFailed: 'apps-are-not-told-of-what-happened',
  eventsLost: 'apps-were-not-told-of-an-event',
  endpointPaused: 'an-endpoint-was-paused',
  expiringSecretsFailed: 'secrets-run-out-without-a-warning',
  tenantDeletionsFailed: 'a-tenant-is-not-deleted',
  rightsRemovalsFailed: 'rights-in-deleted-projects-stay',
} as const;

export interface AlarmDefinition {
  readonly metric: IMetric & { createAlarm(scope: Construct, id: string, props: object): Alarm };
  readonly runbook: keyof typeof runbookHeadings;
  /** What is wrong, in one sentence. */
  readonly description: string;
  readonly threshold: number;
  /** Default: at or above the threshold. */
  readonly comparison?: ComparisonOperator;
  /** How many periods in a row; default 1. */
  readonly periods?: number;
}

/** One alarm, sent to the deployment's topic when it goes off and when it is over. */
export function addAlarm(scope: Construct, id: string, topic: AlarmTopic, definition: AlarmDefinition): Alarm {
  const alarm = definition.metric.createAlarm(scope, id, {
    alarmDescription: `${definition.description} See docs/runbook.md#${runbookHeadings[definition.runbook]}`,
    threshold: definition.threshold,
    comparisonOperator: definition.comparison ?? ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    evaluationPeriods: definition.periods ?? 1,
    treatMissingData: TreatMissingData.NOT_BREACHING,
  });
  const action = new SnsAction(topic.topic);
  alarm.addAlarmAction(action);
  alarm.addOkAction(action);
  return alarm;
}

/** The period of every alarm that is not daily. */
export const alarmPeriod = Duration.minutes(5);
