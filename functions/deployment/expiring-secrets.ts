import { integrationStore } from '../../src/adapters/dynamodb/integration-store.ts';
import { secretWarnings } from '../../src/adapters/dynamodb/secret-warning.ts';
import { type SecretWarningPorts, warnOfExpiringSecrets } from '../../src/deployment/expiring-secrets.ts';
import { once } from '../../src/once.ts';
import { logger } from '../shared/logger.ts';
import { deploymentOrigin } from '../shared/origin.ts';
import { reasonOf } from '../shared/reason.ts';
import { clock, randomBytes } from '../shared/services.ts';
import { table } from '../shared/table.ts';

const ports = once(
  (): SecretWarningPorts => ({
    clock,
    randomBytes,
    warnings: secretWarnings(table()),
    integrations: integrationStore(table()),
  }),
);

/** For so long further integrations are looked at, in milliseconds; the function's timeout leaves room for the last. */
const workingTime = 40_000;

/**
 * Every hour: tells of secrets that are about to run out.
 *
 * @throws Error where some could not be told of, so that somebody looks; all others were
 */
export async function handler(_event: unknown, { awsRequestId }: { readonly awsRequestId: string }): Promise<void> {
  const { warned, left } = await warnOfExpiringSecrets(
    ports(),
    deploymentOrigin(awsRequestId),
    clock.now() + workingTime,
  );
  logger.info('secrets warned of', { warned });
  for (const error of left) logger.error('a secret could not be warned of', { reason: reasonOf(error) });
  if (left.length > 0) throw new Error(`${left.length} integrations could not be warned of their secrets`);
}
