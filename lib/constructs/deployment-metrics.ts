import { Duration } from 'aws-cdk-lib';
import { MathExpression, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { metrics } from '../../src/environment.ts';
import { alarmPeriod } from './alarms.ts';
import type { EndpointFunction } from './endpoint-function.ts';
import type { RestApi } from './rest-api.ts';
import type { RightsAuthorizer } from './rights-authorizer.ts';
import type { TableAccess } from './table-access.ts';

/** What alarms and the dashboard look at, each named once. */

export function serverErrors({ api }: RestApi): Metric {
  return api.deploymentStage.metricServerError({ period: alarmPeriod, statistic: Stats.SUM });
}

export function requests({ api }: RestApi): Metric {
  return api.deploymentStage.metricCount({ period: alarmPeriod, statistic: Stats.SUM });
}

export function clientErrors({ api }: RestApi): Metric {
  return api.deploymentStage.metricClientError({ period: alarmPeriod, statistic: Stats.SUM });
}

/** Milliseconds. */
export function durationP99(fn: EndpointFunction): Metric {
  return fn.function.metricDuration({ period: alarmPeriod, statistic: Stats.p(99) });
}

export function authorizerFailures(authorizer: RightsAuthorizer): Metric {
  return ofAuthorizer(metrics.authorizerFailures, authorizer);
}

export function refusedTokens(authorizer: RightsAuthorizer): Metric {
  return ofAuthorizer(metrics.refusedTokens, authorizer);
}

function ofAuthorizer(metricName: string, { service }: RightsAuthorizer): Metric {
  return new Metric({
    namespace: metrics.namespace,
    metricName,
    dimensionsMap: { [metrics.serviceDimension]: service },
    period: alarmPeriod,
    statistic: Stats.SUM,
  });
}

/** Written once a day. */
export function activeSigningKeys(): Metric {
  return new Metric({
    namespace: metrics.namespace,
    metricName: metrics.activeSigningKeys,
    period: Duration.days(1),
    statistic: Stats.MINIMUM,
  });
}

/** Of the whole account: concurrency is the account's, and who throttles whom cannot be told apart. */
export function lambdaThrottles(): Metric {
  return new Metric({
    namespace: 'AWS/Lambda',
    metricName: 'Throttles',
    period: alarmPeriod,
    statistic: Stats.SUM,
  });
}

export function tableThrottles({ tableName }: TableAccess): MathExpression {
  const throttled = (metricName: string) =>
    new Metric({
      namespace: 'AWS/DynamoDB',
      metricName,
      dimensionsMap: { TableName: tableName },
      period: alarmPeriod,
      statistic: Stats.SUM,
    });
  return new MathExpression({
    expression: 'FILL(reads, 0) + FILL(writes, 0)',
    usingMetrics: { reads: throttled('ReadThrottleEvents'), writes: throttled('WriteThrottleEvents') },
    label: 'Throttled reads and writes',
    period: alarmPeriod,
  });
}

/** RSA operations of the account against its quota, in percent: KMS publishes use, not refusals. */
export function kmsQuotaUse(): MathExpression {
  const calls = new Metric({
    namespace: 'AWS/Usage',
    metricName: 'CallCount',
    dimensionsMap: { Service: 'KMS', Type: 'API', Resource: 'CryptographicOperationsRsa', Class: 'None' },
    period: Duration.minutes(1),
    statistic: Stats.SUM,
  });
  return new MathExpression({
    expression: 'calls / SERVICE_QUOTA(calls) * 100',
    usingMetrics: { calls },
    label: 'RSA operations, percent of the quota',
    period: Duration.minutes(1),
  });
}
