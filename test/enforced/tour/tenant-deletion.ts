import { join } from 'node:path';
import { marshall } from '@aws-sdk/util-dynamodb';
import { vi } from 'vitest';
import { defaultPlace } from '../../../local/assembly.ts';
import { openDynamoDb } from '../../../local/dynamodb/service.ts';
import { rightsRemovalItem } from '../../../src/adapters/dynamodb/rights-removal.ts';
import { deletionPartition } from '../../../src/adapters/dynamodb/tenant-deletion.ts';
import { createIntegration, freshName, freshProjectKey, tokenOf } from '../../conformance/client.ts';
import type { Outputs } from '../../conformance/running-deployment.ts';
import { newSshPublicKey } from '../../ssh-public-key.ts';
import { registered } from '../applications.ts';
import { prepareFederation } from '../federation.ts';
import { prepareOwnAccess } from '../own-access.ts';
import { type Request, send, succeed } from '../request.ts';

const patience = { timeout: 60_000, interval: 500 };

/** A tenant with something of everything in it, whose deletion has begun. */
export async function tenantToDelete(outputs: Outputs): Promise<string> {
  const operator = await tokenOf(outputs, outputs.admin);
  const created = await succeed(outputs, 'createTenant', { token: operator, body: { name: freshName('Tenant') } });
  const { tenant, admin } = created.body;
  await furnish({ ...outputs, tenant, admin });
  await succeed(outputs, 'deleteTenant', { token: operator, path: { tenant } });
  return tenant;
}

async function furnish(outputs: Outputs): Promise<void> {
  const token = await tokenOf(outputs, outputs.admin);
  const as = (request: Request = {}): Request => ({ token, ...request });
  await prepareOwnAccess(outputs, token);
  await prepareFederation(outputs, token);
  const project = freshProjectKey();
  await succeed(outputs, 'createProject', as({ body: { key: project, name: 'Some' } }));
  await succeed(outputs, 'createIssue', as({ path: { project }, body: { title: 'Some', body: '' } }));

  const { client_id } = await createIntegration(outputs, token, ['issues:read']);
  const path = { client_id };
  await succeed(outputs, 'requestProjectRights', as({ path, body: { projects: [project], rights: ['boards:read'] } }));
  await succeed(outputs, 'addSshKey', as({ path, body: { name: 'Key', key: newSshPublicKey().line } }));
  // What nobody takes is written down all the same.
  const endpoint = { uri: 'http://127.0.0.1:9/', verification: 'public_key' };
  await succeed(outputs, 'setEndpoint', as({ path, body: endpoint }));
  await succeed(outputs, 'disableIntegration', as({ path }));
  const registrar = await tokenOf(outputs, await createIntegration(outputs, token, ['integrations:manage']));
  await createIntegration(outputs, registrar, ['users:read']);

  const app_id = await registered(outputs, token, { tenants: 'all' });
  await send(outputs, 'decideOnConnection', as({ path: { app_id }, body: { decision: 'decline' } }));
  await vi.waitFor(async () => {
    const { body } = await succeed(outputs, 'listDeliveries', as({ path }));
    if (body.items.length === 0) throw new Error('nothing was delivered');
  }, patience);
}

interface DeletionRow {
  readonly tenant: { readonly S: string };
  readonly startedAt: { readonly S: string };
}

/**
 * Makes every deletion in a deployment that is not running ten minutes older. In each of the tenants a project was deleted
 * just now, so that what is left of it goes with the tenant and not before.
 */
export async function ageTenantDeletions(dataDirectory: string, tableName: string): Promise<void> {
  const table = await openDynamoDb({ directory: join(dataDirectory, 'dynamodb'), clock: Date.now, ...defaultPlace });
  const { Items } = (await table.call('Query', {
    TableName: tableName,
    KeyConditionExpression: 'pk = :pk',
    ExpressionAttributeValues: { ':pk': { S: deletionPartition } },
  })) as { Items: readonly DeletionRow[] };
  for (const row of Items) {
    const startedAt = { S: new Date(Date.parse(row.startedAt.S) - 600_000).toISOString() };
    await table.call('PutItem', { TableName: tableName, Item: { ...row, startedAt } });
    const deletedAt = new Date(Date.now() + 600_000).toISOString();
    const removal = { of: 'project', id: 'GONE', startedAt: deletedAt, by: 'usr_1' } as const;
    const Item = marshall(rightsRemovalItem({ tenant: row.tenant.S, ...removal }));
    await table.call('PutItem', { TableName: tableName, Item });
  }
  await table.close();
}

/** Waits until the function that is due when `due` is called has removed the tenant. */
export async function tenantDeleted(outputs: Outputs, due: () => void, tenant: string): Promise<void> {
  const token = await tokenOf(outputs, outputs.admin);
  due();
  await vi.waitFor(async () => {
    const { status, text } = await send(outputs, 'getRegisteredTenant', { token, path: { tenant } });
    if (status !== 404) throw new Error(`it is still there: ${text}`);
  }, patience);
}
