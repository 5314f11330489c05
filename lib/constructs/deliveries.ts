import { Duration } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { Construct } from 'constructs';
import { backgroundTouches } from '../../src/api/routes.ts';
import type { DataStack } from '../data-stack.ts';
import type { Stage } from '../stage.ts';
import { EndpointFunction } from './endpoint-function.ts';
import { grantTouches } from './table-access.ts';
import { TableStream } from './table-stream.ts';

const entry = 'deployment/deliveries';

/** The function that tells apps' endpoints of what happened: as the table's stream tells it, and every minute. */
export class Deliveries extends Construct {
  readonly function: EndpointFunction;
  readonly stream: TableStream;

  constructor(scope: Construct, id: string, { data, stage }: { readonly data: DataStack; readonly stage: Stage }) {
    super(scope, id);
    this.function = new EndpointFunction(this, 'Deliveries', {
      entry,
      description: "Latchkey: tells apps' endpoints of what happened, at once and every minute",
      logs: stage,
      timeout: Duration.minutes(1),
    });
    grantTouches(data.table, this.function, backgroundTouches[entry]);
    data.secretProtection.grantDecrypt(this.function);
    data.webhookKeys.grantSign(this.function);
    this.stream = new TableStream(this, 'Stream', {
      table: data.table,
      function: this.function,
      kinds: ['outgoing-event'],
    });
    new Rule(this, 'EveryMinute', {
      description: "Latchkey: tells apps' endpoints of what is due",
      schedule: Schedule.rate(Duration.minutes(1)),
      targets: [new LambdaFunction(this.function.function)],
    });
  }
}
