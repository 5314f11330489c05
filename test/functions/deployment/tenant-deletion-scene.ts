import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { afterAll, beforeAll, beforeEach, expect } from 'vitest';
import { handler as tenantsHandler } from '../../../functions/admin/tenants.ts';
import { handler } from '../../../functions/deployment/tenant-deletions.ts';
import { appConnectionKey } from '../../../src/adapters/dynamodb/app-connection.ts';
import { auditEventStore } from '../../../src/adapters/dynamodb/audit-event.ts';
import { table as names, partitionPrefix } from '../../../src/adapters/dynamodb/table.ts';
import { tenantItem } from '../../../src/adapters/dynamodb/tenant.ts';
import { departures } from '../../../src/adapters/dynamodb/tenant-contents.ts';
import {
  parseTenantDeletion,
  tenantDeletionItem,
  tenantDeletionKey,
} from '../../../src/adapters/dynamodb/tenant-deletion.ts';
import { type PartitionKind, partitionKinds } from '../../../src/entities/partition.ts';
import { environment } from '../../../src/environment.ts';
import type { AuthorizerContext } from '../../../src/oauth/access-token/context.ts';
import { activeTenant } from '../../active-tenant.ts';
import { startUpstreamProvider, type UpstreamProvider } from '../../upstream-provider.ts';
import { deployAdmin, type Scene } from '../admin/scene.ts';
import { callHandler, newCaller } from '../deployment.ts';
import { deploySecrets } from '../key-management.ts';
import { type Furnished, furnishedTenant } from './furnished-tenant.ts';

export interface Row {
  readonly pk: string;
  readonly sk: string;
  readonly [name: string]: unknown;
}

const tenants = callHandler(tenantsHandler);

export const kindOf = ({ pk }: Row): PartitionKind | undefined =>
  partitionKinds.find((kind) => pk.startsWith(`${partitionPrefix[kind]}#`));

/** Tenants that leave, and the operator that has them leave; an operator of its own for each test. */
export function leavingTenants() {
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

  const read = (tenant: string) => tenants('GET /v1/tenants/{tenant}', { caller: operator, path: { tenant } });
  const begin = (tenant: string) => tenants('DELETE /v1/tenants/{tenant}', { caller: operator, path: { tenant } });
  const run = () => handler({} as never, { awsRequestId: 'run-1' });

  /** The deletion began so long ago that nobody is writing any more. */
  async function quiet(tenant: string): Promise<void> {
    const item = await scene.embedded.table.get(tenantDeletionKey(tenant));
    if (item === undefined) throw new Error('it has not begun');
    await scene.embedded.table.put(
      tenantDeletionItem({ ...parseTenantDeletion(item), startedAt: new Date(Date.now() - 66_000).toISOString() }),
    );
  }

  async function rows(): Promise<readonly Row[]> {
    const { Items = [] } = await client.send(new ScanCommand({ TableName: scene.embedded.tableName }));
    return Items.map((item) => unmarshall(item) as Row);
  }

  /** Rows whose partition is the tenant's, or that lie beside those of others under an id of its own. */
  const rowsOf = async (tenant: string) =>
    (await rows()).filter(({ pk, sk }) => pk.includes(tenant) || pk.includes(tenant.slice(4)) || sk.includes(tenant));

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

  return {
    scene: () => scene,
    secrets: () => secrets.secrets,
    operator: () => operator,
    furnished: () => furnishedTenant(scene, upstream, operator),
    read,
    begin,
    run,
    quiet,
    rowsOf,
    expectNothingLeft,
    actions,
  };
}
