import { Duration } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { Construct } from 'constructs';
import { backgroundTouches } from '../../src/api/routes.ts';
import { environment } from '../../src/environment.ts';
import type { DataStack } from '../data-stack.ts';
import type { Stage } from '../stage.ts';
import { EndpointFunction } from './endpoint-function.ts';
import { grantTouches } from './table-access.ts';

const entry = 'deployment/logout-deliveries';

export interface LogoutDeliveriesProps {
  readonly data: DataStack;
  readonly stage: Stage;
  readonly issuer: string;
}

/** The function that tells clients of ended sessions (OIDC Back-Channel Logout), every minute. */
export class LogoutDeliveries extends Construct {
  readonly function: EndpointFunction;

  constructor(scope: Construct, id: string, { data, stage, issuer }: LogoutDeliveriesProps) {
    super(scope, id);
    this.function = new EndpointFunction(this, 'LogoutDeliveries', {
      entry,
      description: 'Latchkey: tells clients of sessions that ended, every minute',
      logs: stage,
      environment: { [environment.issuer]: issuer },
      timeout: Duration.minutes(1),
    });
    grantTouches(data.table, this.function, backgroundTouches[entry]);
    data.signingKeys.grantSign(this.function);
    new Rule(this, 'EveryMinute', {
      description: 'Latchkey: tells clients of sessions that ended',
      schedule: Schedule.rate(Duration.minutes(1)),
      targets: [new LambdaFunction(this.function.function)],
    });
  }
}
