import { tellingUnder } from '../../entities/standing.ts';
import type { Tellings } from '../../entities/tellings.ts';
import { applicationKey, parseApplicationStanding } from './application.ts';
import type { Table } from './commands.ts';
import { parseTenantStanding, tenantStandingKey } from './tenant.ts';

/** Standings of tenants and applications over the one table, both in one round trip. */
export function tellings(table: Table): Tellings {
  return {
    async of(tenant, application) {
      const isConnection = application !== undefined;
      const keys = [tenantStandingKey(tenant), ...(isConnection ? [applicationKey(application)] : [])];
      const items = await table.batchGet(keys);
      const [ofTenant, ofApplication] = keys.map(({ pk, sk }) =>
        items.find((item) => item.pk === pk && item.sk === sk),
      );
      const under = {
        tenant: ofTenant && parseTenantStanding(ofTenant),
        application: ofApplication && parseApplicationStanding(ofApplication),
      };
      return tellingUnder(under, isConnection);
    },
  };
}
