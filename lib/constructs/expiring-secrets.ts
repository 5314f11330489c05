import { Duration } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { Construct } from 'constructs';
import { backgroundTouches } from '../../src/api/routes.ts';
import type { DataStack } from '../data-stack.ts';
import type { Stage } from '../stage.ts';
import { addAlarm } from './alarms.ts';
import { EndpointFunction } from './endpoint-function.ts';
import { grantTouches } from './table-access.ts';

const entry = 'deployment/expiring-secrets';

/** The function that tells of secrets that are about to run out, every hour. */
export class ExpiringSecrets extends Construct {
  readonly function: EndpointFunction;

  constructor(scope: Construct, id: string, { data, stage }: { readonly data: DataStack; readonly stage: Stage }) {
    super(scope, id);
    this.function = new EndpointFunction(this, 'ExpiringSecrets', {
      entry,
      description: 'Latchkey: tells of secrets that are about to run out, every hour',
      logs: stage,
      timeout: Duration.minutes(1),
    });
    grantTouches(data.table, this.function, backgroundTouches[entry]);
    new Rule(this, 'EveryHour', {
      description: 'Latchkey: tells of secrets that are about to run out',
      schedule: Schedule.rate(Duration.hours(1)),
      targets: [new LambdaFunction(this.function.function)],
    });
    addAlarm(this, 'Failed', data.alarmTopic, {
      metric: this.function.function.metricErrors({ period: Duration.hours(1) }),
      runbook: 'expiringSecretsFailed',
      description: 'The function that tells of secrets about to run out fails: one may run out without a warning.',
      threshold: 1,
      periods: 3,
    });
  }
}
