import { type RightName, rightNames, rightOf } from '../../src/api/rights.ts';
import { changedIntegration, changesBetween } from '../../src/entities/integration-settings.ts';
import { askedNow } from '../shared/asked-now.ts';
import { callerOf } from '../shared/caller.ts';
import { deployment } from '../shared/clients.ts';
import { credentialsBody } from '../shared/credentials-body.ts';
import { changeIntegration, existingIntegration } from '../shared/integration-change.ts';
import { mustBeInCatalogue } from '../shared/named-rights.ts';
import { pageBody, pageOfAll } from '../shared/page.ts';
import { auditedEndpoint } from '../shared/refusals.ts';
import { requestedRightBodies, requestedRightBody, rightBody } from '../shared/right-body.ts';
import { type RightAskedFor, rightsAskedFor } from '../shared/rights-page.ts';

export const handler = auditedEndpoint({
  listRights: async ({ caller: { tenant, ofOperator }, query }) => {
    const names = rightNames.filter((name) => ofOperator || !rightOf(name).operatorOnly);
    const { apis } = await deployment().current();
    const scope = { tenant, route: 'listRights' };
    const shown = (name: RightName) => rightBody(name, apis);
    return { body: await pageOfAll(query, scope, names, (name) => name, shown) };
  },

  listIntegrationRights: async ({ caller, path, query }) => {
    const integration = await askedNow(await existingIntegration(caller, path.client_id));
    const { tenant, clientId } = integration;
    const scope = { tenant, route: 'listIntegrationRights', filters: { clientId } };
    const shown = ({ right, context, requested }: RightAskedFor) => ({
      ...requestedRightBody(right, context, requested),
      ...(requested.state === 'pending' && credentialsBody(integration)),
    });
    return { body: await pageBody(query, scope, (page) => rightsAskedFor(integration, page), shown) };
  },

  setIntegrationRights: async ({ body, caller, origin, path }) => {
    mustBeInCatalogue(caller, body.rights);
    const { rights } = await changeIntegration(caller, origin, path.client_id, async (read, now) => {
      const before = await askedNow(read);
      const after = changedIntegration(before, { rights: body.rights }, callerOf(caller), now);
      return Object.keys(changesBetween(before, after)).length === 0 ? undefined : { after };
    });
    return { body: { items: requestedRightBodies(rights, 'global') } };
  },
});
