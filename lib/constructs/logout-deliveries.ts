import type { Construct } from 'constructs';
import { environment } from '../../src/environment.ts';
import { type Deployed, ScheduledFunction } from './scheduled-function.ts';

export interface LogoutDeliveriesProps extends Deployed {
  readonly issuer: string;
}

/** The function that tells clients of ended sessions (OIDC Back-Channel Logout), every minute. */
export class LogoutDeliveries extends ScheduledFunction {
  constructor(scope: Construct, id: string, { issuer, ...deployed }: LogoutDeliveriesProps) {
    super(scope, id, {
      ...deployed,
      name: 'LogoutDeliveries',
      entry: 'deployment/logout-deliveries',
      purpose: 'tells clients of sessions that ended',
      every: 'minute',
      environment: { [environment.issuer]: issuer },
    });
    deployed.data.signingKeys.grantSign(this.function);
  }
}
