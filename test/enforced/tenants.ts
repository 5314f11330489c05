import type { Operation } from '../../src/api/routes.ts';
import { freshName } from '../conformance/client.ts';
import type { Outputs } from '../conformance/running-deployment.ts';
import { type Prepared, succeed } from './request.ts';

/** Tenants that their operations use up. */
export interface Tenants {
  readonly read: string;
  readonly toChange: string;
  readonly toDelete: string;
}

export async function prepareTenants(outputs: Outputs, admin: string): Promise<Tenants> {
  const tenant = async () =>
    (await succeed(outputs, 'createTenant', { token: admin, body: { name: freshName('Tenant') } })).body.tenant;
  return { read: await tenant(), toChange: await tenant(), toDelete: await tenant() };
}

/** One request of every operation on tenants. */
export function tenantRequests({ read, toChange, toDelete }: Tenants, admin: string) {
  return {
    createTenant: { token: admin, body: { name: freshName('Tenant') } },
    listTenants: { token: admin, query: 'limit=1' },
    getRegisteredTenant: { token: admin, path: { tenant: read } },
    changeRegisteredTenant: { token: admin, path: { tenant: toChange }, body: { status: 'suspended' } },
    deleteTenant: { token: admin, path: { tenant: toDelete } },
    addTenantAdministrator: { token: admin, path: { tenant: read } },
  } as const satisfies Partial<Record<Operation, Prepared>>;
}
