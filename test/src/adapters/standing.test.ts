import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { applicationKey } from '../../../src/adapters/dynamodb/application.ts';
import { clientReader } from '../../../src/adapters/dynamodb/client-reader.ts';
import { integrationItem } from '../../../src/adapters/dynamodb/integration.ts';
import { livenessReader } from '../../../src/adapters/dynamodb/liveness.ts';
import { projectItemKey } from '../../../src/adapters/dynamodb/project.ts';
import { projectRightsItem } from '../../../src/adapters/dynamodb/project-rights.ts';
import { tenantStandingItem } from '../../../src/adapters/dynamodb/tenant.ts';
import { newClientId, newTenantBoundId, newTenantId } from '../../../src/entities/identifiers.ts';
import type { Integration } from '../../../src/entities/integration.ts';
import { activeTenant } from '../../active-tenant.ts';
import { grantedIn, inProjects, itemsOf, projectRightsOf } from '../../project-grants.ts';
import { newIntegration } from '../oauth/access-token/scene.ts';
import { type EmbeddedTable, openEmbeddedTable } from './dynamodb/embedded-table.ts';

let embedded: EmbeddedTable;
beforeAll(async () => {
  embedded = await openEmbeddedTable();
});
afterAll(() => embedded.close());

let tenant: string;
let integration: Integration;
beforeEach(async () => {
  tenant = newTenantId(randomBytes);
  integration = { ...newIntegration(), tenant, clientId: newClientId(tenant, randomBytes) };
  await embedded.table.put(activeTenant(tenant));
  await embedded.table.put(integrationItem(integration));
  embedded.calls();
});

async function put(...items: readonly Parameters<EmbeddedTable['table']['put']>[0][]): Promise<void> {
  for (const item of items) await embedded.table.put(item);
  embedded.calls();
}

const state = (more: object = {}) =>
  livenessReader(embedded.table).read({ tenant, clientId: integration.clientId, ...more });
const client = (projects?: readonly string[]) =>
  clientReader(embedded.table).get(tenant, integration.clientId, projects);
const connection = (id: string): Integration => ({
  ...integration,
  application: { id, acceptedVersion: 1, rights: { 'issues:read': { since: 1 }, 'users:read': { since: 1 } } },
});

describe('the tenant', () => {
  it.each(['suspended', 'deleting'] as const)(
    '%s: its integrations count as disabled for both readers',
    async (status) => {
      expect(await client()).toMatchObject({ status: 'active' });
      await put(tenantStandingItem({ tenant, status, operator: false }));
      expect(await client()).toMatchObject({ status: 'disabled' });
      expect(await state()).toMatchObject({ tenant: { status }, integration: { status: 'disabled' } });
      await put(activeTenant(tenant));
      expect(await client()).toMatchObject({ status: 'active' });
    },
  );

  it('without a standing lets nobody in', async () => {
    await embedded.table.transact([{ delete: { pk: `TENANT#${tenant}#`, sk: 'STANDING' } }]);
    expect(await client()).toMatchObject({ status: 'disabled' });
    expect(await state()).toMatchObject({ integration: { status: 'disabled' } });
  });
});

describe('the application of a connection', () => {
  const asked = { 'issues:read': { since: 1 }, 'users:read': { since: 1 } };

  it('is read with all else at the gate, and once besides where the client asks for a token', async () => {
    const id = newTenantBoundId('app', newTenantId(randomBytes), randomBytes);
    await put(integrationItem(connection(id)), { ...applicationKey(id), status: 'published', rights: asked });
    expect(await state({ applicationId: id })).toMatchObject({ integration: connection(id) });
    expect(embedded.calls()).toEqual({ BatchGetItem: 1 });
    expect(await client()).toEqual(connection(id));
    expect(embedded.calls()).toEqual({ BatchGetItem: 1, GetItem: 1 });
  });

  it.each(['withdrawn', 'banned'] as const)('%s: its connections count as disabled', async (status) => {
    const id = newTenantBoundId('app', newTenantId(randomBytes), randomBytes);
    await put(integrationItem(connection(id)), { ...applicationKey(id), status, rights: asked });
    expect(await client()).toMatchObject({ status: 'disabled' });
    expect(await state({ applicationId: id })).toMatchObject({ integration: { status: 'disabled' } });
  });

  it('that is not there, or that a token does not name, lets no connection in', async () => {
    const id = newTenantBoundId('app', newTenantId(randomBytes), randomBytes);
    await put(integrationItem(connection(id)));
    expect(await client()).toMatchObject({ status: 'disabled' });
    expect(await state({ applicationId: id })).toMatchObject({ integration: { status: 'disabled' } });
    await put({ ...applicationKey(id), status: 'published', rights: asked });
    expect(await state()).toMatchObject({ integration: { status: 'disabled' } });
  });

  it('takes away what it asks for no more, in projects too', async () => {
    const id = newTenantBoundId('app', newTenantId(randomBytes), randomBytes);
    const rights = { 'issues:read': asked['issues:read'] };
    await put(...itemsOf(connection(id), { PRJ: ['issues:read', 'boards:read'] }));
    await put({ ...applicationKey(id), status: 'published', rights });
    const found = await state({ applicationId: id, projects: ['PRJ'] });
    expect(Object.keys(found.integration?.rights ?? {})).toEqual(['issues:read']);
    expect(found.integration?.projectGrants?.listed).toEqual({ PRJ: ['issues:read'] });
    expect((await client())?.projectGrants?.listed).toEqual({ PRJ: ['issues:read'] });
  });
});

describe('single projects', () => {
  it('are what their own rows say at the gate, whatever the integration lists', async () => {
    await put(...itemsOf(integration, inProjects(3, 'issues:read')));
    await put(projectRightsItem(projectRightsOf(integration, 'AB', ['issues:read'], 'revoked')));
    const asked = ['AA', 'AB', 'AA', 'AC', 'ZZ'];
    expect((await state({ projects: asked })).integration?.projectGrants?.listed).toEqual({
      AA: ['issues:read'],
      AC: ['issues:read'],
    });
    expect(embedded.calls()).toEqual({ BatchGetItem: 1 });
  });

  it('exist or not, where a request is about one', async () => {
    await put(...itemsOf(integration, { PRJ: ['issues:read'] }));
    expect(await state({ project: 'PRJ', projects: ['PRJ'] })).toMatchObject({ projectExists: true });
    expect(await state()).not.toHaveProperty('projectExists');
    await embedded.table.transact([{ delete: projectItemKey(tenant, 'PRJ') }]);
    expect(await state({ project: 'PRJ', projects: ['PRJ'] })).toMatchObject({ projectExists: false });
  });

  it('are listed with the client while they fit into a token, whichever it names', async () => {
    const byProject = inProjects(3, 'issues:read');
    await put(...itemsOf(integration, byProject));
    const listed = grantedIn(integration, byProject);
    expect(await client()).toEqual(listed);
    expect(await client(['AA'])).toEqual(listed);
  });

  it('past that, are read where they are named, in the same round trip', async () => {
    await put(...itemsOf(integration, inProjects(100, 'issues:read')));
    expect((await client())?.projectGrants).toEqual({ count: 100 });
    embedded.calls();
    expect((await client(['AA', 'ZZ', 'AB']))?.projectGrants).toEqual({
      count: 100,
      listed: { AA: ['issues:read'], AB: ['issues:read'] },
      partial: true,
    });
    expect(embedded.calls()).toEqual({ BatchGetItem: 1 });
  });

  it('are looked at for integrations alone: a personal access token hangs on its user', async () => {
    await put(...itemsOf(integration, { PRJ: ['issues:read'] }));
    const found = await state({ userId: 'usr_1', personalAccessToken: 'hash', project: 'PRJ', projects: ['PRJ'] });
    expect(found.integration).toBeUndefined();
    expect(found.projectExists).toBe(true);
  });
});
