import { KMSClient } from '@aws-sdk/client-kms';
import { keptDeployment } from '../../src/adapters/dynamodb/deployment.ts';
import { integrationStore } from '../../src/adapters/dynamodb/integration-store.ts';
import { logoutDeliveries } from '../../src/adapters/dynamodb/logout-delivery.ts';
import { kmsJwtSigner } from '../../src/adapters/kms/jwt-signer.ts';
import { idTokenAlgorithm } from '../../src/entities/signing-key.ts';
import { environment } from '../../src/environment.ts';
import { type BackChannelLogoutPorts, deliverLogouts } from '../../src/oauth/back-channel-logout.ts';
import { once } from '../../src/once.ts';
import { fetchFromOutside } from '../shared/guarded-fetch.ts';
import { logger } from '../shared/logger.ts';
import { clientOptions, clock, variable } from '../shared/services.ts';
import { table } from '../shared/table.ts';

const kms = once(() => new KMSClient(clientOptions));

/** Made for each run: a key that was revoked since the last one signs no more. */
const ports = (): BackChannelLogoutPorts => ({
  clock,
  integrations: integrationStore(table()),
  deliveries: logoutDeliveries(table()),
  fetch: fetchFromOutside(),
  signer: kmsJwtSigner({ kms: kms(), deployment: keptDeployment(table(), clock), algorithm: idTokenAlgorithm }),
});

/** For so long further deliveries are begun, in milliseconds; the function's timeout leaves room for the last. */
const workingTime = 40_000;

/** Every minute: tells clients of the sessions that ended. */
export async function handler(): Promise<void> {
  const undelivered = await deliverLogouts(variable(environment.issuer), ports(), clock.now() + workingTime);
  for (const line of undelivered) logger.warn('logout not delivered', { ...line });
}
