import type { Construct } from 'constructs';
import { environment } from '../../src/environment.ts';
import { type Deployed, ScheduledFunction } from './scheduled-function.ts';

/** The function that removes what is left of tenants that are being deleted, every minute. */
export class TenantDeletions extends ScheduledFunction {
  constructor(scope: Construct, id: string, deployed: Deployed) {
    const { data, stage } = deployed;
    super(scope, id, {
      ...deployed,
      name: 'TenantDeletions',
      entry: 'deployment/tenant-deletions',
      purpose: 'removes what is left of tenants that are being deleted',
      every: 'minute',
      environment: { [environment.revocationBoundSeconds]: String(stage.revocationBoundSeconds) },
      failing: {
        runbook: 'tenantDeletionsFailed',
        description: 'The function that removes tenants fails: one that is being deleted stays as it is.',
      },
    });
    data.upstreamSecrets.grantDelete(this.function);
  }
}
