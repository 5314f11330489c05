import { approvalBody, approvalDetailsBody } from '../../src/api/schemas/application-approval.ts';
import type { Application } from '../../src/entities/application.ts';
import { auditEvent, type Origin } from '../../src/entities/audit-event.ts';
import { Conflict, Forbidden } from '../../src/entities/errors.ts';
import type { AuthorizerContext } from '../../src/oauth/access-token/context.ts';
import { applications, changeApplication, existingApplication } from '../shared/application-change.ts';
import { operatorEvent } from '../shared/connection-event.ts';
import { endpoint } from '../shared/endpoint.ts';
import { pageBody } from '../shared/page.ts';
import { randomBytes } from '../shared/services.ts';

/** The gate lets nobody else in here; whatever it is asked, this holds besides. */
function mustBeOperator({ ofOperator }: AuthorizerContext): void {
  if (!ofOperator) throw new Forbidden("What is offered to all tenants is the platform operator's.");
}

/**
 * The operator's decision on an application of whichever tenant, told in the operator's log and in the developer's.
 *
 * @param decide what changes; undefined: it is so already
 */
async function decided(
  { caller, origin, path }: { caller: AuthorizerContext; origin: Origin; path: { readonly app_id: string } },
  action: string,
  decide: (before: Application) => Partial<Application> | undefined,
) {
  mustBeOperator(caller);
  const after = await changeApplication(
    () => existingApplication(path.app_id),
    (before, now) => {
      const change = decide(before.application);
      if (change === undefined) return undefined;
      const { id: object, tenant: developer, version } = before.application;
      const told = { action, object, changes: { version } };
      return {
        after: { ...before, application: { ...before.application, ...change } },
        events: [
          auditEvent({ tenant: caller.tenant, ...told }, origin, now, randomBytes),
          operatorEvent({ tenant: developer, ...told }, origin, now),
        ],
      };
    },
  );
  return { body: approvalDetailsBody(after) };
}

export const handler = endpoint({
  listApprovals: async ({ caller, query }) => {
    mustBeOperator(caller);
    const scope = { tenant: caller.tenant, route: 'listApprovals' };
    return { body: await pageBody(query, scope, (page) => applications().waiting(page), approvalBody) };
  },

  getApproval: async ({ caller, path }) => {
    mustBeOperator(caller);
    return { body: approvalDetailsBody(await existingApplication(path.app_id)) };
  },

  approveApplication: (request) =>
    decided(request, 'application.approved', ({ status, approval }) => {
      if (status !== 'published') throw new Conflict(`The application is ${status}.`);
      if (approval === 'none') throw new Conflict('The application is not to be offered to all tenants.');
      return approval === 'approved' ? undefined : { approval: 'approved' };
    }),

  banApplication: (request) =>
    decided(request, 'application.banned', ({ status }) => {
      if (status === 'withdrawn') throw new Conflict('The application is withdrawn.');
      return status === 'banned' ? undefined : { status: 'banned' };
    }),

  unbanApplication: (request) =>
    decided(request, 'application.unbanned', ({ status }) => {
      if (status === 'withdrawn') throw new Conflict('The application is withdrawn.');
      return status === 'published' ? undefined : { status: 'published' };
    }),
});
