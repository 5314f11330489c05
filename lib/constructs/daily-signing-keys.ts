import { Duration } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { Construct } from 'constructs';
import { backgroundTouches } from '../../src/api/routes.ts';
import type { DataStack } from '../data-stack.ts';
import type { Stage } from '../stage.ts';
import { EndpointFunction } from './endpoint-function.ts';
import { grantTouches } from './table-access.ts';

const entry = 'deployment/signing-keys';

/** The daily function that moves signing keys from `next` to `active` and from `retiring` to `retired`. */
export class DailySigningKeys extends Construct {
  readonly function: EndpointFunction;

  constructor(scope: Construct, id: string, { data, stage }: { readonly data: DataStack; readonly stage: Stage }) {
    super(scope, id);
    this.function = new EndpointFunction(this, 'SigningKeys', {
      entry,
      description: 'Latchkey: moves signing keys to their next state, once a day',
      logs: stage,
      timeout: Duration.minutes(1),
    });
    grantTouches(data.table, this.function, backgroundTouches[entry]);
    data.signingKeys.describeTo(this.function);
    new Rule(this, 'Daily', {
      description: 'Latchkey: moves signing keys to their next state',
      schedule: Schedule.rate(Duration.days(1)),
      targets: [new LambdaFunction(this.function.function)],
    });
  }
}
