import type { SecretsManagerRotationEvent } from 'aws-lambda';
import { rotate } from '../../src/deployment/credential-rotation.ts';
import { logger } from '../shared/logger.ts';
import { onceAllowed } from '../shared/once-allowed.ts';
import { workload } from '../shared/workload.ts';

/** Secrets Manager calls it for each step of a rotation; what it throws ends the rotation, which is tried again. */
export async function handler({ Step, ClientRequestToken }: SecretsManagerRotationEvent): Promise<void> {
  await onceAllowed(() => rotate(workload(), Step, ClientRequestToken));
  logger.info('credentials rotation went one step', { step: Step, version: ClientRequestToken });
}
