import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ClientRequest } from 'node:http';
import { KMSClient } from '@aws-sdk/client-kms';
import { apiItem, signingKeyItem } from '../../../src/adapters/dynamodb/deployment.ts';
import { integrationItem } from '../../../src/adapters/dynamodb/integration.ts';
import { kmsPublicKeys } from '../../../src/adapters/kms/public-key.ts';
import type { SigningKey } from '../../../src/entities/signing-key.ts';
import { environment } from '../../../src/environment.ts';
import { activeTenant } from '../../active-tenant.ts';
import { adminUrl, apiUrl, credentialsOf, issuer, type Registered } from '../../src/oauth/authorization-server.ts';
import { deployTable } from '../deployment.ts';
import { deployKeys } from '../key-management.ts';

/** A deployment that the authorization server's handlers of this process reach: its table, its signing key, its APIs. */
export async function deployAuthorizationServer(...known: readonly Registered[]) {
  const embedded = await deployTable();
  const keys = await deployKeys();
  const { arn } = await keys.kms.ensureKey('SigningKey', { KeySpec: 'RSA_2048', KeyUsage: 'SIGN_VERIFY' });
  Object.assign(process.env, {
    [environment.issuer]: issuer,
    [environment.signingAlgorithm]: 'RS256',
    [environment.tokenLifetimeSeconds]: '3600',
    [environment.refreshTokenLifetimeSeconds]: '2592000',
    [environment.refreshTokenIdleSeconds]: '604800',
  });
  const kmsClient = new KMSClient();
  const { kid, publicJwk } = await kmsPublicKeys(kmsClient).read(arn);
  kmsClient.destroy();
  const signingKey: SigningKey = {
    kid,
    name: 'main',
    algorithm: 'RS256',
    keyArn: arn,
    publicJwk,
    state: 'active',
    since: '2026-11-21T10:00:00.000Z',
  };
  await embedded.table.put(signingKeyItem(signingKey));
  await embedded.table.put(apiItem({ name: 'admin', url: adminUrl }));
  await embedded.table.put(apiItem({ name: 'api', url: apiUrl }));
  for (const { integration } of known) {
    await embedded.table.put(activeTenant(integration.tenant));
    await embedded.table.put(integrationItem(integration));
  }
  const called: string[] = [];
  const note = (message: unknown) => {
    const { request } = message as { readonly request: ClientRequest };
    called.push(String(request.getHeader('x-amz-target')).replace(/^.*\./, ''));
  };
  subscribe('http.client.request.start', note);
  return {
    signingKey,
    table: embedded.table,
    /** The operations of AWS that this process called since it was last asked, in order. */
    calls: () => called.splice(0),
    close: async () => {
      unsubscribe('http.client.request.start', note);
      await embedded.close();
      await keys.close();
    },
  };
}

const formType = { 'Content-Type': 'application/x-www-form-urlencoded' };

/** A form as a client sends it. */
export function form(parameters: Readonly<Record<string, string>>, headers: Readonly<Record<string, string>> = {}) {
  return { headers: { ...formType, ...headers }, body: new URLSearchParams(parameters).toString() };
}

/** A form whose client authenticates in the body. */
export function formOf(who: Registered, parameters: Readonly<Record<string, string>>) {
  return form({ ...credentialsOf(who), ...parameters });
}
