import type { Context, ScheduledEvent } from 'aws-lambda';
import { logger } from '../shared/logger.ts';
import { deploymentOrigin } from '../shared/origin.ts';
import { reasonOf } from '../shared/reason.ts';
import { removeRights } from '../shared/rights-removal.ts';
import { clock } from '../shared/services.ts';

/** For so long further rights are removed, in milliseconds; the function's timeout leaves room for the last. */
const workingTime = 40_000;

/**
 * Every minute: removes the rights in single projects that deleted projects and integrations left behind.
 *
 * @throws Error where some could not be removed, so that somebody looks; all others had their turn
 */
export async function handler(_: ScheduledEvent, { awsRequestId }: Pick<Context, 'awsRequestId'>): Promise<void> {
  const { finished, failures } = await removeRights(deploymentOrigin(awsRequestId), clock.now() + workingTime);
  if (finished > 0) logger.info('rights were removed', { finished });
  for (const error of failures) logger.error('a right could not be removed', { reason: reasonOf(error) });
  if (failures.length > 0) throw new Error(`${failures.length} rights could not be removed`);
}
