import { type RightName, rightNames, rightOf } from '../../src/api/rights.ts';
import { changedIntegration, changesBetween } from '../../src/entities/integration-settings.ts';
import { callerOf } from '../shared/caller.ts';
import { deployment } from '../shared/clients.ts';
import { changeIntegration, existingIntegration } from '../shared/integration-change.ts';
import { mustBeInCatalogue } from '../shared/named-rights.ts';
import { pageOfAll } from '../shared/page.ts';
import { auditedEndpoint } from '../shared/refusals.ts';
import { requestedRightBody, requestedRightsOf, rightBody } from '../shared/right-body.ts';

export const handler = auditedEndpoint({
  listRights: async ({ caller: { tenant, ofOperator }, query }) => {
    const names = rightNames.filter((name) => ofOperator || !rightOf(name).operatorOnly);
    const { apis } = await deployment().current();
    const scope = { tenant, route: 'listRights' };
    const shown = (name: RightName) => rightBody(name, apis);
    return { body: await pageOfAll(query, scope, names, (name) => name, shown) };
  },

  listIntegrationRights: async ({ caller, path, query }) => {
    const integration = await existingIntegration(caller, path.client_id);
    const scope = {
      tenant: caller.tenant,
      route: 'listIntegrationRights',
      filters: { clientId: integration.clientId },
    };
    const rights = requestedRightsOf(integration);
    return { body: await pageOfAll(query, scope, rights, ({ right }) => right, requestedRightBody) };
  },

  setIntegrationRights: async ({ body, caller, origin, path }) => {
    mustBeInCatalogue(caller, body.rights);
    const integration = await changeIntegration(caller, origin, path.client_id, (before, now) => {
      const after = changedIntegration(before, { rights: body.rights }, callerOf(caller), now);
      const changes = changesBetween(before, after);
      if (Object.keys(changes).length === 0) return undefined;
      return { after, event: { action: 'integration.changed', changes } };
    });
    return { body: { items: requestedRightsOf(integration).map(requestedRightBody) } };
  },
});
