import type * as z from 'zod/mini';
import { type RightName, rightOf } from '../../src/api/rights.ts';
import type { inboxPage } from '../../src/api/schemas/authorization.ts';
import type { requestedRightAnswer } from '../../src/api/schemas/integration.ts';
import type { rightAnswer } from '../../src/api/schemas/right.ts';
import type { RegisteredApi } from '../../src/entities/deployment.ts';
import type { RequestedRight } from '../../src/entities/integration.ts';
import type { RequestedRights } from '../../src/entities/requested-rights.ts';
import type { RightContext } from '../../src/entities/right-change.ts';
import { credentialsBody } from './credentials-body.ts';
import type { WaitingRight } from './inbox-page.ts';

/**
 * A right of the catalogue.
 *
 * @param apis the deployment's, of which one is the right's
 */
export function rightBody(name: RightName, apis: readonly RegisteredApi[]): z.output<typeof rightAnswer> {
  const { title, category, level, api, implies = [] } = rightOf(name);
  const registered = apis.find((each) => each.name === api);
  if (registered === undefined) throw new Error('a right belongs to an API that is not registered');
  return { name, title, category, level, api: registered.url, implies: [...implies] };
}

/** What became of a requested right. */
export function requestedRightBody(
  right: string,
  context: RightContext,
  requested: RequestedRight,
): z.output<typeof requestedRightAnswer> {
  const { state, requestedBy, requestedAt, decidedBy, decidedAt, comment } = requested;
  return {
    ...{ right, context, state, requested_by: requestedBy },
    ...(requestedAt !== undefined && { requested_at: requestedAt }),
    ...(decidedBy !== undefined && { decided_by: decidedBy }),
    ...(decidedAt !== undefined && { decided_at: decidedAt }),
    ...(comment !== undefined && { comment }),
  };
}

/** What became of the rights asked for in one context. */
export function requestedRightBodies(rights: RequestedRights, context: RightContext) {
  return Object.entries(rights).map(([right, requested]) => requestedRightBody(right, context, requested));
}

/** A line of the inbox. */
export function waitingRightBody({
  right,
  context,
  requested,
  integration,
}: WaitingRight): z.output<typeof inboxPage>['items'][number] {
  const { clientId, name, owner } = integration;
  return {
    ...{ client_id: clientId, name, owner },
    ...requestedRightBody(right, context, requested),
    ...credentialsBody(integration),
  };
}
