import { KMSClient } from '@aws-sdk/client-kms';
import { logoutDeliveries } from '../../src/adapters/dynamodb/logout-delivery.ts';
import { kmsJwtSigner } from '../../src/adapters/kms/jwt-signer.ts';
import { environment } from '../../src/environment.ts';
import { type BackChannelLogoutPorts, deliverLogouts } from '../../src/oauth/back-channel-logout.ts';
import { authentication, deployment } from '../shared/clients.ts';
import { fetchFromOutside } from '../shared/guarded-fetch.ts';
import { logger } from '../shared/logger.ts';
import { clientOptions, clock, once, variable } from '../shared/services.ts';
import { table } from '../shared/table.ts';

const ports = once(
  (): BackChannelLogoutPorts => ({
    clock,
    integrations: authentication().integrations,
    deliveries: logoutDeliveries(table()),
    fetch: fetchFromOutside(),
    signer: kmsJwtSigner({ kms: new KMSClient(clientOptions), deployment: deployment(), algorithm: 'RS256' }),
  }),
);

/** For so long further deliveries are begun, in milliseconds; the function's timeout leaves room for the last. */
const workingTime = 40_000;

/** Every minute: tells clients of the sessions that ended. */
export async function handler(): Promise<void> {
  const undelivered = await deliverLogouts(variable(environment.issuer), ports(), clock.now() + workingTime);
  for (const line of undelivered) logger.warn('logout not delivered', { ...line });
}
