import type { Construct } from 'constructs';
import { type Deployed, ScheduledFunction } from './scheduled-function.ts';

/** The function that tells of secrets that are about to run out, every hour. */
export class ExpiringSecrets extends ScheduledFunction {
  constructor(scope: Construct, id: string, deployed: Deployed) {
    super(scope, id, {
      ...deployed,
      name: 'ExpiringSecrets',
      entry: 'deployment/expiring-secrets',
      purpose: 'tells of secrets that are about to run out',
      every: 'hour',
      failing: {
        runbook: 'expiringSecretsFailed',
        description: 'The function that tells of secrets about to run out fails: one may run out without a warning.',
      },
    });
  }
}
