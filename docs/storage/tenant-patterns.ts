import { tenantReader, tenants } from '../../src/adapters/dynamodb/tenant.ts';
import { tenantRegister } from '../../src/adapters/dynamodb/tenant-register.ts';
import type { AccessPattern } from './access-patterns.ts';
import { event, integration, tenant, tenantDeletion } from './samples.ts';

const register = ['admin/tenants'];
const registered = { tenant, standing: { tenant: '{tenant}', status: 'active', operator: false } } as const;
const first = { administrator: integration, events: [event] };

/** How a tenant is read and changed by itself, and by the platform operator. */
export const tenantPatterns: readonly AccessPattern[] = [
  {
    name: 'One tenant',
    usedBy: ['admin/tenant', 'admin/personal-access-tokens', 'auth/token'],
    run: (table) => tenantReader(table).get('{tenant}'),
  },
  {
    name: 'Its name, how its pages look, and what it demands of its users',
    usedBy: ['admin/tenant'],
    run: (table) => tenants(table).update(tenant, tenant, event),
  },
  {
    name: 'Creating one, with its first administrator',
    usedBy: register,
    run: (table) => tenantRegister(table).create(registered, first),
  },
  {
    name: 'One tenant as the operator sees it',
    usedBy: register,
    run: (table) => tenantRegister(table).get('{tenant}'),
  },
  {
    name: 'A page of all tenants in the order of ids, and their names',
    usedBy: register,
    holding: [{ pk: 'TENANT_LIST#', sk: '{tenant}', tenant: '{tenant}', status: 'active' }],
    run: (table) => tenantRegister(table).list({ limit: 50 }),
  },
  {
    name: 'Suspending or restoring it',
    usedBy: register,
    run: (table) => tenantRegister(table).change(registered, { name: '{name}', status: 'suspended' }, [event]),
  },
  {
    name: 'Giving it another name as the operator, while nobody suspends it',
    usedBy: register,
    run: (table) => tenantRegister(table).change(registered, { name: '{new name}', status: 'active' }, [event]),
  },
  {
    name: 'One more administrator',
    usedBy: register,
    run: (table) => tenantRegister(table).addAdministrator(registered, first),
  },
  {
    name: 'Its deletion begins: nobody gets in any more',
    usedBy: register,
    run: (table) => tenantRegister(table).beginDeletion(registered, tenantDeletion, [event]),
  },
];
