import { tenantReader } from '../../src/adapters/dynamodb/tenant.ts';
import { NotFound } from '../../src/entities/errors.ts';
import { endpoint } from '../shared/endpoint.ts';
import { once } from '../shared/services.ts';
import { table } from '../shared/table.ts';

const tenants = once(() => tenantReader(table()));

export const handler = endpoint({
  getTenant: async ({ caller }) => {
    const found = await tenants().get(caller.tenant);
    if (found === undefined) throw new NotFound();
    return { body: { tenant: found.tenant, name: found.name } };
  },
});
