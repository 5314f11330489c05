import { randomBytes, randomUUID } from 'node:crypto';
import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { handler as linksHandler } from '../../../functions/admin/federated-identities.ts';
import { handler as identityProvidersHandler } from '../../../functions/admin/identity-providers.ts';
import { handler as integrationsHandler } from '../../../functions/admin/integrations.ts';
import { handler as patHandler } from '../../../functions/admin/personal-access-tokens.ts';
import { handler as projectsHandler } from '../../../functions/admin/projects.ts';
import { handler as sshKeysHandler } from '../../../functions/admin/ssh-keys.ts';
import { handler as tenantsHandler } from '../../../functions/admin/tenants.ts';
import { handler as usersHandler } from '../../../functions/admin/users.ts';
import { handler as issuesHandler } from '../../../functions/api/issues.ts';
import { handler } from '../../../functions/deployment/tenant-deletions.ts';
import { appConnectionKey, connectionPuts } from '../../../src/adapters/dynamodb/app-connection.ts';
import { applicationKey } from '../../../src/adapters/dynamodb/application.ts';
import {
  applicationVersionKey,
  listPartition,
  offerKey,
  offerPartition,
} from '../../../src/adapters/dynamodb/application-store.ts';
import { auditEventStore } from '../../../src/adapters/dynamodb/audit-event.ts';
import { deliveryQueueKey } from '../../../src/adapters/dynamodb/delivery-row.ts';
import { endpointKey } from '../../../src/adapters/dynamodb/endpoint.ts';
import { pendingAuthorizationKey } from '../../../src/adapters/dynamodb/pending-authorization.ts';
import { projectRightsItem } from '../../../src/adapters/dynamodb/project-rights.ts';
import { table as names, partitionKey, partitionPrefix } from '../../../src/adapters/dynamodb/table.ts';
import { tenantItem, tenantStandingKey } from '../../../src/adapters/dynamodb/tenant.ts';
import { departures } from '../../../src/adapters/dynamodb/tenant-contents.ts';
import {
  parseTenantDeletion,
  tenantDeletionItem,
  tenantDeletionKey,
} from '../../../src/adapters/dynamodb/tenant-deletion.ts';
import { usernameKey } from '../../../src/adapters/dynamodb/user.ts';
import { userCredentialsKey } from '../../../src/adapters/dynamodb/user-credentials.ts';
import { rightNames } from '../../../src/api/rights.ts';
import type { Route } from '../../../src/api/route.ts';
import { backgroundTouches, routes } from '../../../src/api/routes.ts';
import { newId, newTenantBoundId, newTenantId } from '../../../src/entities/identifiers.ts';
import { type PartitionKind, partitionKinds, type Touches } from '../../../src/entities/partition.ts';
import { environment } from '../../../src/environment.ts';
import type { AuthorizerContext } from '../../../src/oauth/access-token/context.ts';
import { activeTenant } from '../../active-tenant.ts';
import { newSshPublicKey } from '../../ssh-public-key.ts';
import { startUpstreamProvider, type UpstreamProvider } from '../../upstream-provider.ts';
import { signIn } from '../admin/own-access-scene.ts';
import { deployAdmin, type Scene } from '../admin/scene.ts';
import { type Answered, callHandler, newCaller } from '../deployment.ts';
import { deploySecrets } from '../key-management.ts';

let scene: Scene;
let secrets: Awaited<ReturnType<typeof deploySecrets>>;
let upstream: UpstreamProvider;
let client: DynamoDBClient;
let operator: AuthorizerContext;
beforeAll(async () => {
  // The upstream provider of this test runs on this machine.
  process.env[environment.loopbackFetch] = 'on';
  process.env[environment.revocationBoundSeconds] = '5';
  scene = await deployAdmin();
  secrets = await deploySecrets();
  upstream = await startUpstreamProvider();
  client = new DynamoDBClient({ endpoint: scene.embedded.endpoint });
});
afterAll(async () => {
  client.destroy();
  await Promise.all([upstream.close(), secrets.close(), scene.close()]);
});
beforeEach(async () => {
  scene.embedded.refuses = () => false;
  operator = { ...newCaller('tenants:manage'), ofOperator: true };
  const tenant = { tenant: operator.tenant, name: 'Operator', operator: true, managers: 1 };
  await scene.embedded.table.put(tenantItem(tenant));
  await scene.embedded.table.put(activeTenant(operator.tenant, true));
});

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

const read = (tenant: string) => send.tenants('GET /v1/tenants/{tenant}', { caller: operator, path: { tenant } });
const begin = (tenant: string) => send.tenants('DELETE /v1/tenants/{tenant}', { caller: operator, path: { tenant } });
const run = () => handler({} as never, { awsRequestId: 'run-1' });

/** The deletion began so long ago that nobody is writing any more. */
async function quiet(tenant: string): Promise<void> {
  const item = await scene.embedded.table.get(tenantDeletionKey(tenant));
  if (item === undefined) throw new Error('it has not begun');
  await scene.embedded.table.put(
    tenantDeletionItem({ ...parseTenantDeletion(item), startedAt: new Date(Date.now() - 66_000).toISOString() }),
  );
}

interface Row {
  readonly pk: string;
  readonly sk: string;
  readonly [name: string]: unknown;
}

async function rows(): Promise<readonly Row[]> {
  const { Items = [] } = await client.send(new ScanCommand({ TableName: scene.embedded.tableName }));
  return Items.map((item) => unmarshall(item) as Row);
}

/** Rows whose partition is the tenant's, or that lie beside those of others under an id of its own. */
const rowsOf = async (tenant: string) =>
  (await rows()).filter(({ pk, sk }) => pk.includes(tenant) || pk.includes(tenant.slice(4)) || sk.includes(tenant));

const kindOf = ({ pk }: Row): PartitionKind | undefined =>
  partitionKinds.find((kind) => pk.startsWith(`${partitionPrefix[kind]}#`));

const succeed = (answer: Answered) => {
  if (answer.status >= 300) throw new Error(`${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body;
};

interface Furnished {
  readonly tenant: string;
  readonly provider: string;
  /** What it published, and another tenant connected. */
  readonly application: string;
  readonly connected: string;
}

/** A tenant with something of every kind in it. */
async function furnished(): Promise<Furnished> {
  const created = succeed(await send.tenants('POST /v1/tenants', { caller: operator, body: { name: 'Leaving' } }));
  const tenant: string = created.tenant;
  const { caller: signedIn, user: self } = await signIn(scene.embedded, rightNames, tenant);
  await scene.embedded.table.put({ ...usernameKey(tenant, self.username.toLowerCase()), ...self });
  await scene.embedded.table.put({ ...userCredentialsKey(tenant, self.id) });
  const caller = { ...signedIn, ofOperator: false };
  const user = (name: string) =>
    send.users('POST /v1/users', {
      caller,
      body: { username: name, email: `${name.toUpperCase()}@example.com`, name, roles: ['member'] },
    });
  const { id: user_id } = succeed(await user('ada'));
  const { id: gone } = succeed(await user('bob'));
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
        issuer: upstream.issuer,
        client_id: upstream.client.id,
        client_secret: upstream.client.secret,
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
  return { tenant, provider, ...(await furnishRows(tenant, client_id)) };
}

/** What other endpoints would write. */
async function furnishRows(tenant: string, clientId: string) {
  const { table } = scene.embedded;
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
  await connectTo(connected, application);

  const offered = newTenantBoundId('app', connected, randomBytes);
  await table.put({ pk: offerPartition(tenant), sk: `APP#${offered}`, id: offered });
  await connectTo(tenant, offered);
  return { application, connected };
}

async function connectTo(tenant: string, applicationId: string): Promise<void> {
  const at = new Date().toISOString();
  const connection = {
    tenant,
    applicationId,
    clientId: 'int_1',
    state: 'connected',
    decidedBy: 'usr_1',
    decidedAt: at,
  };
  await scene.embedded.table.transact(connectionPuts(connection as never));
}

/** What may stay: what goes by itself, and what another tenant decided on what this one published. */
function expectNothingLeft(left: readonly Row[], { application, connected }: Furnished): void {
  const decision = appConnectionKey(connected, application);
  for (const row of left.filter(({ pk, sk }) => pk !== decision.pk || sk !== decision.sk)) {
    const kind = kindOf(row);
    // Told in the operator's own log.
    if (kind === 'audit-event' && row.tenant === operator.tenant) continue;
    expect(kind === undefined ? undefined : departures[kind], `${row.pk} ${row.sk}`).toHaveProperty('expires');
    expect(row[names.timeToLive], `${row.pk} ${row.sk}`).toBeGreaterThan(Date.now() / 1000);
  }
}

const actions = async () =>
  (await auditEventStore(scene.embedded.table).list(operator.tenant, {}, { limit: 100 })).items.map(
    ({ action }) => action,
  );

describe('a tenant with something of every kind in it', () => {
  it('is gone after a run, with its secrets outside the table, and nothing of another is', async () => {
    const leaving = await furnished();
    const staying = await furnished();
    const before = await rowsOf(leaving.tenant);
    const kinds = new Set(before.map(kindOf));
    const removed = partitionKinds.filter((kind) => 'step' in departures[kind] && kind !== 'tenant-deletion');
    expect(removed.filter((kind) => !kinds.has(kind))).toEqual([]);
    const others = (await rowsOf(staying.tenant)).map((row) => JSON.stringify(row)).sort();

    await begin(leaving.tenant);
    await quiet(leaving.tenant);
    await run();
    expectNothingLeft(await rowsOf(leaving.tenant), leaving);
    expect((await read(leaving.tenant)).status).toBe(404);
    expect((await begin(leaving.tenant)).status).toBe(404);
    expect((await rowsOf(staying.tenant)).map((row) => JSON.stringify(row)).sort()).toEqual(others);
    const secretOf = ({ tenant, provider }: Furnished) =>
      secrets.secrets.call('GetSecretValue', { SecretId: `Latchkey/identity-providers/${tenant}/${provider}` });
    await expect(secretOf(leaving)).rejects.toThrow();
    await expect(secretOf(staying)).resolves.toBeDefined();
    expect((await actions())[0]).toBe('tenant.deleted');
    const [told] = (await auditEventStore(scene.embedded.table).list(operator.tenant, {}, { limit: 1 })).items;
    const gone = before.length - (await rowsOf(leaving.tenant)).length;
    expect(told).toMatchObject({
      actor: 'deployment',
      object: leaving.tenant,
      changes: { removed: expect.any(Number) },
    });
    expect(told?.changes?.removed).toBeGreaterThanOrEqual(gone);
  });

  it('says how far it is, and nothing is removed while somebody may still be writing', async () => {
    const { tenant } = await furnished();
    await begin(tenant);
    const before = (await rowsOf(tenant)).length;
    await run();
    expect((await rowsOf(tenant)).length).toBe(before);
    expect((await read(tenant)).body.deletion).toMatchObject({ step: 'waiting', removed: 0 });

    await quiet(tenant);
    let transactions = 0;
    scene.embedded.refuses = (operation) => operation === 'TransactWriteItems' && ++transactions > 3;
    await expect(run()).rejects.toThrow();
    scene.embedded.refuses = () => false;
    const { status, deletion } = (await read(tenant)).body;
    expect(status).toBe('deleting');
    expect(deletion.step).not.toBe('waiting');
    expect(deletion.removed).toBeGreaterThan(0);
    expect(await scene.embedded.table.get(tenantStandingKey(tenant))).toMatchObject({ status: 'deleting' });
    await run();
    expect((await read(tenant)).status).toBe(404);
  });

  it('is removed to the end whichever call fails, and however often', async () => {
    const leaving = await furnished();
    await begin(leaving.tenant);
    await quiet(leaving.tenant);
    for (let fault = 1; ; fault += 2) {
      let calls = 0;
      // Three tries of the SDK fail each.
      scene.embedded.refuses = () => {
        calls += 1;
        return calls >= fault && calls < fault + 3;
      };
      const failed = await run().then(
        () => false,
        () => true,
      );
      scene.embedded.refuses = () => false;
      if (!failed) break;
      expect(fault).toBeLessThan(500);
    }
    expectNothingLeft(await rowsOf(leaving.tenant), leaving);
    expect((await actions()).filter((action) => action === 'tenant.deleted')).toHaveLength(1);
  }, 120_000);

  it('is removed once by runs at the same time, which count each row once', async () => {
    const leaving = await furnished();
    await begin(leaving.tenant);
    await quiet(leaving.tenant);
    await Promise.all(Array.from({ length: 5 }, run));
    await run();
    expectNothingLeft(await rowsOf(leaving.tenant), leaving);
    expect((await actions()).filter((action) => action === 'tenant.deleted')).toHaveLength(1);
  });

  it('does not keep another waiting whose rows cannot be read', async () => {
    const [broken, whole] = [await furnished(), await furnished()];
    for (const { tenant } of [broken, whole]) {
      await begin(tenant);
      await quiet(tenant);
    }
    const key = { pk: partitionKey('username', broken.tenant), sk: 'broken' };
    await scene.embedded.table.put(key);
    await expect(run()).rejects.toThrow();
    expect((await read(whole.tenant)).status).toBe(404);
    expect((await read(broken.tenant)).body.deletion).toMatchObject({ step: 'users' });
    await scene.embedded.table.transact([{ delete: key }]);
    await run();
    expect((await read(broken.tenant)).status).toBe(404);
  });
});

describe('what is large', () => {
  it('goes on in the next run where the time is over', async () => {
    const { tenant } = await furnished();
    for (let number = 10; number < 260; number++)
      await scene.embedded.table.put({ pk: partitionKey('issue', tenant, 'ONE'), sk: `ISSUE#${number}` });
    await begin(tenant);
    await quiet(tenant);
    const now = vi.spyOn(Date, 'now');
    let time = Date.now();
    // Each look at the clock costs two seconds.
    now.mockImplementation(() => (time += 2000));
    const seen: number[] = [];
    for (let runs = 0; runs < 30; runs++) {
      await run();
      const { status, body } = await read(tenant);
      if (status === 404) break;
      seen.push(body.deletion.removed);
    }
    now.mockRestore();
    expect(seen.length).toBeGreaterThan(2);
    expect(seen).toEqual([...seen].sort((one, other) => one - other));
    expect((await read(tenant)).status).toBe(404);
  });
});

describe('the kinds of partition', () => {
  const touched: Touches = backgroundTouches['deployment/tenant-deletions'];

  it('are removed where it is said that they are, and no others', () => {
    const removed = partitionKinds.filter((kind) => 'step' in departures[kind]);
    expect(partitionKinds.filter((kind) => touched[kind]?.includes('DeleteItem'))).toEqual(removed);
    expect(Object.keys(touched).sort()).toEqual([...removed].sort());
  });

  it('are each said how they leave, in words where they go by themselves', () => {
    for (const kind of partitionKinds) {
      const departure = departures[kind];
      if ('expires' in departure) expect(departure.expires.length, kind).toBeGreaterThan(10);
    }
  });

  it('of the audit log are deleted from by nobody else', () => {
    const deleting = [
      ...Object.values<Route>(routes).map(({ entry, touches }) => [entry, touches] as const),
      ...Object.entries<Touches>(backgroundTouches),
    ].filter(([, touches]) => touches['audit-event']?.some((action) => /Delete|Update/.test(action)));
    expect(deleting.map(([entry]) => entry)).toEqual(['deployment/tenant-deletions']);
  });
});
