import { CfnOutput, Stack } from 'aws-cdk-lib';
import { ComparisonOperator } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { environment } from '../src/environment.ts';
import { addAlarm, alarmPeriod } from './constructs/alarms.ts';
import { DailySigningKeys } from './constructs/daily-signing-keys.ts';
import { Deliveries } from './constructs/deliveries.ts';
import {
  activeSigningKeys,
  durationP99,
  kmsQuotaUse,
  lambdaThrottles,
  lostEvents,
  pausedEndpoints,
  serverErrors,
  tableThrottles,
} from './constructs/deployment-metrics.ts';
import type { EndpointFunction } from './constructs/endpoint-function.ts';
import { publishIssuer } from './constructs/latchkey-deployment.ts';
import { LogoutDeliveries } from './constructs/logout-deliveries.ts';
import { RestApi } from './constructs/rest-api.ts';
import { RouteFunctions, routesOf } from './constructs/route-functions.ts';
import type { DataStack } from './data-stack.ts';
import type { Stage } from './stage.ts';

/** The authorization server. It knows no other API: their base URLs are rows that the bootstrap writes. */
export class AuthStack extends Stack {
  readonly api: RestApi;
  readonly issuer: string;
  readonly token: EndpointFunction;
  readonly signingKeys: DailySigningKeys;
  readonly logoutDeliveries: LogoutDeliveries;
  readonly deliveries: Deliveries;

  constructor(scope: Construct, id: string, props: { readonly stage: Stage; readonly data: DataStack }) {
    super(scope, id, { description: 'Latchkey: authorization server' });
    const { data, stage } = props;
    this.api = new RestApi(this, 'Auth', { name: 'auth', stage });
    this.issuer = this.api.url;
    const functions = new RouteFunctions(this, 'Functions', {
      api: this.api,
      rows: routesOf('auth'),
      data,
      stage,
      environment: {
        [environment.issuer]: this.issuer,
        [environment.signingAlgorithm]: stage.signingAlgorithm,
        [environment.tokenLifetimeSeconds]: String(stage.tokenLifetimeSeconds),
        [environment.refreshTokenLifetimeSeconds]: String(stage.refreshTokenLifetimeSeconds),
        [environment.refreshTokenIdleSeconds]: String(stage.refreshTokenIdleSeconds),
        [environment.sessionLifetimeSeconds]: String(stage.sessionLifetimeSeconds),
        ...(stage.legacyGrants.length > 0 && { [environment.legacyGrants]: stage.legacyGrants.join(',') }),
        ...(stage.dpop && { [environment.dpop]: 'on' }),
      },
      reservedConcurrency: { 'auth/token': stage.reservedConcurrency.token },
    });
    this.token = functions.of('auth/token');
    this.signingKeys = new DailySigningKeys(this, 'DailySigningKeys', { data, stage });
    this.logoutDeliveries = new LogoutDeliveries(this, 'BackChannelLogout', { data, stage, issuer: this.issuer });
    this.deliveries = new Deliveries(this, 'Deliveries', { data, stage });
    publishIssuer(this, stage.name, this.issuer);
    this.#addAlarms(data, stage);
    new CfnOutput(this, 'Issuer', { description: 'Issuer identifier (RFC 8414)', value: this.issuer });
    new CfnOutput(this, 'TokenEndpoint', {
      description: 'Where integrations get tokens',
      value: `${this.issuer}/oauth2/token`,
    });
  }

  #addAlarms({ alarmTopic, table }: DataStack, stage: Stage): void {
    addAlarm(this, 'ServerErrors', alarmTopic, {
      metric: serverErrors(this.api),
      runbook: 'serverErrors',
      description: 'The authorization server answers with 5XX.',
      threshold: 5,
    });
    addAlarm(this, 'SlowToken', alarmTopic, {
      metric: durationP99(this.token),
      runbook: 'slowToken',
      description: 'One token in a hundred takes a second or more.',
      threshold: 1000,
      periods: 3,
    });
    addAlarm(this, 'LambdaThrottles', alarmTopic, {
      metric: lambdaThrottles(),
      runbook: 'lambdaThrottles',
      description: "Lambda refuses calls: the account's concurrency is used up.",
      threshold: 1,
    });
    addAlarm(this, 'KmsQuota', alarmTopic, {
      metric: kmsQuotaUse(stage),
      runbook: 'kmsQuota',
      description: 'Signatures use more than four fifths of the quota of KMS.',
      threshold: 80,
      periods: 3,
    });
    addAlarm(this, 'TableThrottles', alarmTopic, {
      metric: tableThrottles(table),
      runbook: 'tableThrottles',
      description: 'DynamoDB refuses reads or writes of the table.',
      threshold: 1,
    });
    addAlarm(this, 'NoActiveKey', alarmTopic, {
      metric: activeSigningKeys(this.signingKeys),
      runbook: 'noActiveKey',
      description: 'No signing key is active: no token can be issued.',
      threshold: 1,
      comparison: ComparisonOperator.LESS_THAN_THRESHOLD,
    });
    addAlarm(this, 'SigningKeysFailed', alarmTopic, {
      metric: this.signingKeys.function.function.metricErrors(),
      runbook: 'signingKeysFailed',
      description: 'The daily function could not move signing keys to their next state.',
      threshold: 1,
    });
    addAlarm(this, 'DeliveriesFailed', alarmTopic, {
      metric: this.deliveries.function.function.metricErrors(),
      runbook: 'deliveriesFailed',
      description: "The function that tells apps' endpoints of what happened fails.",
      threshold: 1,
      periods: 3,
    });
    // Rows that it reports, and does not fail for, are no errors of the function's.
    addAlarm(this, 'DeliveriesBehind', alarmTopic, {
      metric: this.deliveries.function.function.metric('IteratorAge', { statistic: 'max', period: alarmPeriod }),
      runbook: 'deliveriesFailed',
      description: "What happened waits in the table's stream: after a day apps' endpoints would never be told of it.",
      threshold: 15 * 60 * 1000,
    });
    addAlarm(this, 'EventsLost', alarmTopic, {
      metric: lostEvents(this.deliveries),
      runbook: 'eventsLost',
      description: "An event was given up: apps' endpoints are not told of it.",
      threshold: 1,
    });
    addAlarm(this, 'EndpointPaused', alarmTopic, {
      metric: pausedEndpoints(this.deliveries),
      runbook: 'endpointPaused',
      description: "An app's endpoint failed for a day and was paused.",
      threshold: 1,
    });
    addAlarm(this, 'LogoutDeliveriesFailed', alarmTopic, {
      metric: this.logoutDeliveries.function.function.metricErrors(),
      runbook: 'logoutDeliveriesFailed',
      description: 'The function that tells clients of ended sessions fails.',
      threshold: 1,
      periods: 3,
    });
  }
}
