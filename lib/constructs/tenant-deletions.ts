import { Duration } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { Construct } from 'constructs';
import { backgroundTouches } from '../../src/api/routes.ts';
import { environment } from '../../src/environment.ts';
import type { DataStack } from '../data-stack.ts';
import type { Stage } from '../stage.ts';
import { addAlarm } from './alarms.ts';
import { EndpointFunction } from './endpoint-function.ts';
import { grantTouches } from './table-access.ts';

const entry = 'deployment/tenant-deletions';

/** The function that removes what is left of tenants that are being deleted, every minute. */
export class TenantDeletions extends Construct {
  readonly function: EndpointFunction;

  constructor(scope: Construct, id: string, { data, stage }: { readonly data: DataStack; readonly stage: Stage }) {
    super(scope, id);
    this.function = new EndpointFunction(this, 'TenantDeletions', {
      entry,
      description: 'Latchkey: removes what is left of tenants that are being deleted, every minute',
      logs: stage,
      environment: { [environment.revocationBoundSeconds]: String(stage.revocationBoundSeconds) },
      timeout: Duration.minutes(1),
    });
    grantTouches(data.table, this.function, backgroundTouches[entry]);
    data.upstreamSecrets.grantDelete(this.function);
    new Rule(this, 'EveryMinute', {
      description: 'Latchkey: removes what is left of tenants that are being deleted',
      schedule: Schedule.rate(Duration.minutes(1)),
      targets: [new LambdaFunction(this.function.function)],
    });
    addAlarm(this, 'Failed', data.alarmTopic, {
      metric: this.function.function.metricErrors(),
      runbook: 'tenantDeletionsFailed',
      description: 'The function that removes tenants fails: one that is being deleted stays as it is.',
      threshold: 1,
      periods: 3,
    });
  }
}
