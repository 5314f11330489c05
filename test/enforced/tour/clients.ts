import { setTimeout as sleep } from 'node:timers/promises';
import { deviceCodeGrant } from '../../../src/entities/grant-type.ts';
import type { Outputs } from '../../conformance/running-deployment.ts';
import { createKeyClient, type KeyClient } from '../key-client.ts';
import type { Scene } from '../operations.ts';
import { authorizationParameters } from '../pages.ts';
import { succeed } from '../request.ts';

/** Clients that authenticate with keys; twice, the second time when the states of signing keys are due to be read again. */
export async function clientTour({ outputs, admin, ownAccess }: Scene): Promise<void> {
  const client = await createKeyClient(outputs, admin, ['issues:read'], {
    grant_types: ['client_credentials', 'authorization_code', deviceCodeGrant],
    redirect_uris: [authorizationParameters.redirect_uri],
  });
  for (let time = 0; time < 2; time++) {
    await useEndpoints(outputs, client);
    await succeed(outputs, 'userinfo', { token: ownAccess.user.token });
    await sleep(1100);
  }
}

async function useEndpoints(outputs: Outputs, client: KeyClient): Promise<void> {
  const { body } = await succeed(outputs, 'token', {
    body: await client.authenticated({ grant_type: 'client_credentials' }),
  });
  const token: string = body.access_token;
  await succeed(outputs, 'introspect', { body: await client.authenticated({ token }) });
  await succeed(outputs, 'pushAuthorizationRequest', { body: await client.authenticated(authorizationParameters) });
  await succeed(outputs, 'deviceAuthorization', { body: await client.authenticated({ scope: 'issues:read' }) });
  await succeed(outputs, 'revoke', { body: await client.authenticated({ token }) });
}
