import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Context, ScheduledEvent } from 'aws-lambda';
import { tenantRemoval } from '../../src/adapters/dynamodb/tenant-removal.ts';
import { upstreamSecretRemoval } from '../../src/adapters/secrets-manager/upstream-secrets.ts';
import { deleteTenants } from '../../src/deployment/tenant-deletion.ts';
import { environment } from '../../src/environment.ts';
import { once } from '../../src/once.ts';
import { logger } from '../shared/logger.ts';
import { deploymentOrigin } from '../shared/origin.ts';
import { clientOptions, clock, randomBytes, variable } from '../shared/services.ts';
import { table } from '../shared/table.ts';

const ports = once(() => ({
  removal: tenantRemoval(
    table(),
    upstreamSecretRemoval(new SecretsManagerClient(clientOptions), variable(environment.upstreamSecretPrefix)),
  ),
  clock,
  randomBytes,
}));

/** For so long further rows are removed, in milliseconds; the function's timeout leaves room for the last. */
const workingTime = 45_000;

/** Every minute: removes what is left of tenants that are being deleted. */
export async function handler(_: ScheduledEvent, { awsRequestId }: Pick<Context, 'awsRequestId'>): Promise<void> {
  const settings = {
    revocationBoundSeconds: Number(variable(environment.revocationBoundSeconds)),
    deadline: clock.now() + workingTime,
  };
  const reached = await deleteTenants(ports(), settings, deploymentOrigin(awsRequestId));
  for (const { tenant, step, removed } of reached) logger.info('tenant is being deleted', { tenant, step, removed });
}
