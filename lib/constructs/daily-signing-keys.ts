import type { Construct } from 'constructs';
import { type Deployed, ScheduledFunction } from './scheduled-function.ts';

/** The daily function that moves signing keys from `next` to `active` and from `retiring` to `retired`. */
export class DailySigningKeys extends ScheduledFunction {
  constructor(scope: Construct, id: string, deployed: Deployed) {
    super(scope, id, {
      ...deployed,
      name: 'SigningKeys',
      entry: 'deployment/signing-keys',
      purpose: 'moves signing keys to their next state',
      every: 'day',
    });
    deployed.data.signingKeys.describeTo(this.function);
  }
}
