import type { Construct } from 'constructs';
import { type Deployed, ScheduledFunction } from './scheduled-function.ts';

/** The function that removes what deleted projects and integrations left of rights in single projects, every minute. */
export class RightsRemovals extends ScheduledFunction {
  constructor(scope: Construct, id: string, deployed: Deployed) {
    super(scope, id, {
      ...deployed,
      name: 'RightsRemovals',
      entry: 'deployment/rights-removals',
      purpose: 'removes rights that deleted projects and integrations left behind',
      every: 'minute',
      failing: {
        runbook: 'rightsRemovalsFailed',
        description: 'The function that removes rights in deleted projects fails: tokens still name such a project.',
      },
    });
  }
}
