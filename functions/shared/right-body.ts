import type * as z from 'zod/mini';
import { type RightName, rightOf } from '../../src/api/rights.ts';
import type { requestedRightAnswer } from '../../src/api/schemas/integration.ts';
import type { rightAnswer } from '../../src/api/schemas/right.ts';
import type { RegisteredApi } from '../../src/entities/deployment.ts';
import type { Integration, RequestedRight } from '../../src/entities/integration.ts';

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

/** An integration's requested rights, each with its name. */
export function requestedRightsOf({ rights }: Integration): (RequestedRight & { readonly right: string })[] {
  return Object.entries(rights).map(([right, requested]) => ({ right, ...requested }));
}

/** What became of a requested right; all of them are of the global context. */
export function requestedRightBody(
  requested: RequestedRight & { readonly right: string },
): z.output<typeof requestedRightAnswer> {
  return {
    right: requested.right,
    context: 'global',
    state: requested.state,
    requested_by: requested.requestedBy,
    ...(requested.decidedBy !== undefined && { decided_by: requested.decidedBy }),
    ...(requested.decidedAt !== undefined && { decided_at: requested.decidedAt }),
  };
}
