import { decideEach } from '../shared/decision-results.ts';
import { waitingFor } from '../shared/inbox-page.ts';
import { mustBeInCatalogue } from '../shared/named-rights.ts';
import { pageBody } from '../shared/page.ts';
import { auditedEndpoint } from '../shared/refusals.ts';
import { requestedRightBodies, waitingRightBody } from '../shared/right-body.ts';
import { contextOf, decideOn, decidingOf } from '../shared/right-deciding.ts';

export const handler = auditedEndpoint({
  listAuthorizations: async ({ caller, query }) => ({
    body: await pageBody(
      query,
      { tenant: caller.tenant, route: 'listAuthorizations', filters: { state: query.state } },
      (page) => waitingFor(caller, page),
      waitingRightBody,
    ),
  }),

  decideAuthorization: async ({ body, caller, origin, path }) => {
    mustBeInCatalogue(caller, body.rights);
    const deciding = decidingOf(body);
    const decided = await decideOn(caller, origin, path.client_id, deciding);
    return { body: { items: requestedRightBodies(decided, contextOf(deciding)) } };
  },

  decideAuthorizations: async (request) => {
    for (const [index, { rights }] of request.body.decisions.entries())
      mustBeInCatalogue(request.caller, rights, `/decisions/${index}/rights`);
    return { body: { results: await decideEach(request) } };
  },
});
