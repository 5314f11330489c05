import type { Construct } from 'constructs';
import { type Deployed, ScheduledFunction } from './scheduled-function.ts';
import { TableStream } from './table-stream.ts';

/** The function that tells apps' endpoints of what happened: as the table's stream tells it, and every minute. */
export class Deliveries extends ScheduledFunction {
  readonly stream: TableStream;

  constructor(scope: Construct, id: string, deployed: Deployed) {
    super(scope, id, {
      ...deployed,
      name: 'Deliveries',
      entry: 'deployment/deliveries',
      purpose: "tells apps' endpoints of what happened",
      every: 'minute',
    });
    const { data } = deployed;
    data.secretProtection.grantDecrypt(this.function);
    data.webhookKeys.grantSign(this.function);
    this.stream = new TableStream(this, 'Stream', {
      table: data.table,
      function: this.function,
      kinds: ['outgoing-event'],
    });
  }
}
