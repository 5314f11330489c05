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

const entry = 'deployment/rights-removals';

/** The function that removes what deleted projects and integrations left of rights in single projects, every minute. */
export class RightsRemovals extends Construct {
  readonly function: EndpointFunction;

  constructor(scope: Construct, id: string, { data, stage }: { readonly data: DataStack; readonly stage: Stage }) {
    super(scope, id);
    this.function = new EndpointFunction(this, 'RightsRemovals', {
      entry,
      description: 'Latchkey: removes rights that deleted projects and integrations left behind, every minute',
      logs: stage,
      timeout: Duration.minutes(1),
    });
    grantTouches(data.table, this.function, backgroundTouches[entry]);
    new Rule(this, 'EveryMinute', {
      description: 'Latchkey: removes rights that deleted projects and integrations left behind',
      schedule: Schedule.rate(Duration.minutes(1)),
      targets: [new LambdaFunction(this.function.function)],
    });
    addAlarm(this, 'Failed', data.alarmTopic, {
      metric: this.function.function.metricErrors(),
      runbook: 'rightsRemovalsFailed',
      description: 'The function that removes rights in deleted projects fails: tokens still name such a project.',
      threshold: 1,
      periods: 3,
    });
  }
}
