import { randomBytes, randomUUID } from 'node:crypto';
import { handler as linksHandler } from '../../../functions/admin/federated-identities.ts';
import { handler as identityProvidersHandler } from '../../../functions/admin/identity-providers.ts';
import { handler as integrationsHandler } from '../../../functions/admin/integrations.ts';
import { handler as patHandler } from '../../../functions/admin/personal-access-tokens.ts';
import { handler as projectsHandler } from '../../../functions/admin/projects.ts';
import { handler as sshKeysHandler } from '../../../functions/admin/ssh-keys.ts';
import { handler as tenantsHandler } from '../../../functions/admin/tenants.ts';
import { handler as usersHandler } from '../../../functions/admin/users.ts';
import { handler as issuesHandler } from '../../../functions/api/issues.ts';
import { appConnectionKey, applicationConnectionKey } from '../../../src/adapters/dynamodb/app-connection.ts';
import { applicationKey } from '../../../src/adapters/dynamodb/application.ts';
import {
  applicationVersionKey,
  listPartition,
  offerKey,
  offerPartition,
} from '../../../src/adapters/dynamodb/application-store.ts';
import type { Table } from '../../../src/adapters/dynamodb/commands.ts';
import { deliveryQueueKey } from '../../../src/adapters/dynamodb/delivery-row.ts';
import { endpointKey } from '../../../src/adapters/dynamodb/endpoint.ts';
import { pendingAuthorizationKey } from '../../../src/adapters/dynamodb/pending-authorization.ts';
import { personalAccessTokenKey } from '../../../src/adapters/dynamodb/personal-access-token.ts';
import { projectRightsItem } from '../../../src/adapters/dynamodb/project-rights.ts';
import { sessionKey } from '../../../src/adapters/dynamodb/session.ts';
import { partitionKey } from '../../../src/adapters/dynamodb/table.ts';
import { usernameKey } from '../../../src/adapters/dynamodb/user.ts';
import { userCredentialsKey } from '../../../src/adapters/dynamodb/user-credentials.ts';
import { rightNames } from '../../../src/api/rights.ts';
import { newId, newTenantBoundId, newTenantId } from '../../../src/entities/identifiers.ts';
import type { AuthorizerContext } from '../../../src/oauth/access-token/context.ts';
import { newSshPublicKey } from '../../ssh-public-key.ts';
import type { UpstreamProvider } from '../../upstream-provider.ts';
import { signIn } from '../admin/own-access-scene.ts';
import type { Scene } from '../admin/scene.ts';
import { type Answered, callHandler } from '../deployment.ts';

const send = {
  tenants: callHandler(tenantsHandler),
  integrations: callHandler(integrationsHandler),
  users: callHandler(usersHandler),
  projects: callHandler(projectsHandler),
  issues: callHandler(issuesHandler),
  providers: callHandler(identityProvidersHandler),
  links: callHandler(linksHandler),
  sshKeys: callHandler(sshKeysHandler),
  tokens: callHandler(patHandler),
};

const succeed = (answer: Answered) => {
  if (answer.status >= 300) throw new Error(`${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body;
};

export interface Furnished {
  readonly tenant: string;
  readonly provider: string;
  /** What it published, and another tenant connected. */
  readonly application: string;
  readonly connected: string;
}

/** A tenant with something of every kind in it. */
export async function furnishedTenant(
  { embedded }: Scene,
  { issuer, client: registered }: UpstreamProvider,
  operator: AuthorizerContext,
): Promise<Furnished> {
  const created = succeed(await send.tenants('POST /v1/tenants', { caller: operator, body: { name: 'Leaving' } }));
  const tenant: string = created.tenant;
  const { caller: signedIn, user: self } = await signIn(embedded, rightNames, tenant);
  await embedded.table.put({ ...usernameKey(tenant, self.username.toLowerCase()), ...self });
  await embedded.table.put({ ...userCredentialsKey(tenant, self.id) });
  const caller = { ...signedIn, ofOperator: false };
  const user = (name: string) =>
    send.users('POST /v1/users', {
      caller,
      body: { username: name, email: `${name.toUpperCase()}@example.com`, name, roles: ['member'] },
    });
  const { id: user_id } = succeed(await user('ada'));
  const { id: gone } = succeed(await user('bob'));
  await embedded.table.put({ ...sessionKey(tenant, gone, 'ses_1') });
  await embedded.table.put({ ...personalAccessTokenKey(tenant, gone, 'hash') });
  succeed(await send.users('DELETE /v1/users/{user_id}', { caller, path: { user_id: gone } }));
  for (const key of ['ONE', 'TWO']) {
    succeed(await send.projects('POST /v1/projects', { caller, body: { key, name: key } }));
    const path = { project: key };
    for (let count = 0; count < 3; count++)
      succeed(
        await send.issues('POST /v1/projects/{project}/issues', {
          caller: { ...caller, project: key },
          path,
          body: { title: 'Some', body: '' },
        }),
      );
  }
  succeed(await send.projects('DELETE /v1/projects/{project}', { caller, path: { project: 'TWO' } }));
  const { client_id } = succeed(
    await send.integrations('POST /v1/integrations', { caller, body: { name: 'Ümlaut', rights: ['issues:read'] } }),
  );
  succeed(
    await send.sshKeys('POST /v1/integrations/{client_id}/ssh-keys', {
      caller,
      path: { client_id },
      body: { name: 'Key', key: newSshPublicKey().line },
    }),
  );
  const { id: provider } = succeed(
    await send.providers('POST /v1/identity-providers', {
      caller,
      body: {
        name: 'Example ID',
        issuer: issuer,
        client_id: registered.id,
        client_secret: registered.secret,
      },
    }),
  );
  succeed(
    await send.links('POST /v1/users/{user_id}/federated-identities', {
      caller,
      path: { user_id },
      body: { identity_provider: provider, subject: randomUUID() },
    }),
  );
  succeed(
    await send.tokens('POST /v1/personal-access-tokens', {
      caller,
      body: { name: 'Script', rights: ['issues:read'], expires_in: 3600 },
    }),
  );
  return { tenant, provider, ...(await furnishRows(embedded.table, tenant, client_id)) };
}

/** What other endpoints would write. */
async function furnishRows(table: Table, tenant: string, clientId: string) {
  const deleted = newId('int', randomBytes);
  for (const client of [clientId, deleted])
    await table.put(projectRightsItem({ tenant, clientId: client, project: 'ONE', rights: {}, version: 1 }));
  await table.put({ ...pendingAuthorizationKey({ tenant, clientId }), tenant, clientId, rights: {} });
  await table.put({ ...endpointKey(tenant, clientId) });
  await table.put({ ...endpointKey(tenant, deleted) });
  await table.put({ ...deliveryQueueKey(tenant, clientId) });
  await table.put({ ...deliveryQueueKey(tenant, deleted) });
  await table.put({ pk: partitionKey('credential-use', tenant, clientId), sk: 'sec_1' });

  const connected = newTenantId(randomBytes);
  const application = newTenantBoundId('app', tenant, randomBytes);
  const line = { id: application };
  await table.put({ pk: listPartition(tenant), sk: `APP#${application}`, ...line });
  await table.put({ pk: partitionKey('application-list', 'waiting'), sk: `APP#${application}`, ...line });
  await table.put({ ...offerKey(connected, application), ...line });
  await table.put({ ...offerKey('all', application), ...line });
  await table.put({ ...applicationKey(application) });
  await table.put({ ...applicationVersionKey(application, 1) });
  await table.put({ pk: applicationKey(application).pk, sk: 'TENANTS', tenants: [connected] });
  await connectTo(table, connected, application);

  const offered = newTenantBoundId('app', connected, randomBytes);
  await table.put({ pk: offerPartition(tenant), sk: `APP#${offered}`, id: offered });
  await connectTo(table, tenant, offered);
  return { application, connected };
}

async function connectTo(table: Table, tenant: string, applicationId: string): Promise<void> {
  const at = new Date().toISOString();
  const connection = {
    tenant,
    applicationId,
    clientId: 'int_1',
    state: 'connected',
    decidedBy: 'usr_1',
    decidedAt: at,
  };
  await table.put({ ...appConnectionKey(tenant, applicationId), ...connection });
  await table.put({ ...applicationConnectionKey(applicationId, tenant), ...connection });
}
