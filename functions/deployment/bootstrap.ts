import { KMSClient } from '@aws-sdk/client-kms';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { bootstrapStore } from '../../src/adapters/dynamodb/bootstrap.ts';
import { kmsPublicKeys } from '../../src/adapters/kms/public-key.ts';
import { secretsManagerCredentials } from '../../src/adapters/secrets-manager/credentials.ts';
import { BootstrapFailed, bootstrap } from '../../src/deployment/bootstrap.ts';
import { ConcurrentChange, DependencyUnavailable } from '../../src/entities/errors.ts';
import { environment } from '../../src/environment.ts';
import { once } from '../../src/once.ts';
import { customResource } from '../shared/custom-resource.ts';
import { declaration } from '../shared/declaration.ts';
import { secretProtector } from '../shared/new-secret.ts';
import { onceAllowed } from '../shared/once-allowed.ts';
import { deploymentOrigin } from '../shared/origin.ts';
import { clientOptions, clock, randomBytes, variable } from '../shared/services.ts';
import { table } from '../shared/table.ts';

const ports = once(() => ({
  credentials: secretsManagerCredentials(
    new SecretsManagerClient(clientOptions),
    variable(environment.bootstrapSecretArn),
  ),
  store: bootstrapStore(table()),
  publicKeys: kmsPublicKeys(new KMSClient(clientOptions)),
  protector: secretProtector(),
  clock,
  randomBytes,
}));

export const handler = customResource({
  handle: async ({ RequestType, RequestId }) => {
    // Delete does nothing: what was made is data. The role is as new as the stack, and a bootstrap that was stopped
    // anywhere may be repeated.
    if (RequestType !== 'Delete')
      await onceAllowed(() => bootstrap(ports(), declaration(), deploymentOrigin(RequestId)));
    // Never another, so that CloudFormation replaces nothing.
    return { physicalId: 'latchkey-bootstrap' };
  },
  reason,
});

/** The text of what this project throws; of anything else its name alone. */
function reason(error: unknown): string {
  if (error instanceof BootstrapFailed) return error.message;
  if (error instanceof DependencyUnavailable) return `${error.message}: ${nameOf(error.cause)}`;
  if (error instanceof ConcurrentChange) return 'another bootstrap was at work at the same time';
  return nameOf(error);
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : 'unknown';
}
