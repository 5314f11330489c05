import { Duration } from 'aws-cdk-lib';
import { MathExpression, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { table } from '../../src/adapters/dynamodb/table.ts';
import { metrics } from '../../src/environment.ts';
import type { Stage } from '../stage.ts';
import { alarmPeriod } from './alarms.ts';
import type { DailySigningKeys } from './daily-signing-keys.ts';
import type { Deliveries } from './deliveries.ts';
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

/** Uses of tokens, secrets and keys whose owners will not see them; nothing else depends on it. */
export function unnotedUses(fn: EndpointFunction): Metric {
  return ofFunction(metrics.unnotedUses, fn);
}

function ofAuthorizer(metricName: string, authorizer: RightsAuthorizer): Metric {
  return ofFunction(metricName, authorizer.function);
}

function ofFunction(metricName: string, fn: EndpointFunction): Metric {
  return new Metric({
    namespace: metrics.namespace,
    metricName,
    dimensionsMap: { [metrics.dimension]: fn.function.functionName },
    period: alarmPeriod,
    statistic: Stats.SUM,
  });
}

/** Endpoints that were paused because they failed for a day. */
export function pausedEndpoints({ function: fn }: Deliveries): Metric {
  return ofFunction(metrics.pausedEndpoints, fn);
}

/** Events that no endpoint will be told of: those that cannot be read, and those that the stream's mapping gave up. */
export function lostEvents({ function: fn, stream }: Deliveries): MathExpression {
  return new MathExpression({
    expression: 'FILL(unreadable, 0) + FILL(dropped, 0)',
    usingMetrics: {
      unreadable: ofFunction(metrics.unreadableEvents, fn),
      dropped: new Metric({
        namespace: 'AWS/Lambda',
        metricName: 'DroppedEventCount',
        dimensionsMap: { EventSourceMappingUUID: stream.mapping.eventSourceMappingId },
        period: alarmPeriod,
        statistic: Stats.SUM,
      }),
    },
    label: 'Events that nobody is told of',
    period: alarmPeriod,
  });
}

/** Written once a day. */
export function activeSigningKeys(daily: DailySigningKeys): Metric {
  return new Metric({
    namespace: metrics.namespace,
    metricName: metrics.activeSigningKeys,
    dimensionsMap: { [metrics.dimension]: daily.function.function.functionName },
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

/** Of the table and of its index, whose events DynamoDB counts apart. */
export function tableThrottles({ tableName }: TableAccess): MathExpression {
  const throttled = (metricName: string, index: Readonly<Record<string, string>>) =>
    new Metric({
      namespace: 'AWS/DynamoDB',
      metricName,
      dimensionsMap: { TableName: tableName, ...index },
      period: alarmPeriod,
      statistic: Stats.SUM,
    });
  const ofIndex = { GlobalSecondaryIndexName: table.index.name };
  return new MathExpression({
    expression: 'FILL(reads, 0) + FILL(writes, 0) + FILL(indexReads, 0) + FILL(indexWrites, 0)',
    usingMetrics: {
      reads: throttled('ReadThrottleEvents', {}),
      writes: throttled('WriteThrottleEvents', {}),
      indexReads: throttled('ReadThrottleEvents', ofIndex),
      indexWrites: throttled('WriteThrottleEvents', ofIndex),
    },
    label: 'Throttled reads and writes',
    period: alarmPeriod,
  });
}

/**
 * Signatures of the account against the quota of their kind of key, in percent: KMS publishes use, not refusals. RSA and
 * elliptic curves have a quota each.
 */
export function kmsQuotaUse({ signingAlgorithm }: Pick<Stage, 'signingAlgorithm'>): MathExpression {
  const [kind, resource] =
    signingAlgorithm === 'RS256'
      ? ['RSA', 'CryptographicOperationsRsa']
      : ['Elliptic-curve', 'CryptographicOperationsEcc'];
  const calls = new Metric({
    namespace: 'AWS/Usage',
    metricName: 'CallCount',
    dimensionsMap: { Service: 'KMS', Type: 'API', Resource: resource, Class: 'None' },
    period: Duration.minutes(1),
    statistic: Stats.SUM,
  });
  return new MathExpression({
    expression: 'calls / SERVICE_QUOTA(calls) * 100',
    usingMetrics: { calls },
    label: `${kind} operations, percent of the quota`,
    period: Duration.minutes(1),
  });
}
