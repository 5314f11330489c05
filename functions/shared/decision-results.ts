import type * as z from 'zod/mini';
import { authorizationRoutes } from '../../src/api/routes/authorizations.ts';
import type { authorizationDecisions, authorizationResults } from '../../src/api/schemas/authorization.ts';
import type { ApiRequest } from './endpoint.ts';
import { problemOf } from './middleware/problems.ts';
import { tellRefusal } from './refusals.ts';
import { contextOf, decideOn, decidingOf } from './right-deciding.ts';

type Request = ApiRequest<'decideAuthorizations'>;
type Part = z.output<typeof authorizationDecisions>['decisions'][number];
type Result = z.output<typeof authorizationResults>['results'][number];

/**
 * Decides on each by itself: what refuses one stops no other. Those on one integration come one after the other, as they
 * stand in the request, because they are changes of the same item.
 *
 * @returns what became of each, in the order of the request
 * @throws what is a fault of ours, once all others are decided on; they stay decided
 */
export async function decideEach(request: Request): Promise<readonly Result[]> {
  const { decisions } = request.body;
  const results = new Map<Part, Result>();
  const ofIntegration = Map.groupBy(decisions, ({ client_id }) => client_id);
  const ends = await Promise.allSettled(
    [...ofIntegration.values()].map(async (parts) => {
      for (const part of parts) results.set(part, await resultOf(request, part));
    }),
  );
  // Not before all have ended: what is still under way when the answer goes out may never come to its end.
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
  return decisions.flatMap((part) => results.get(part) ?? []);
}

async function resultOf(request: Request, part: Part): Promise<Result> {
  const deciding = decidingOf(part);
  const { rights, decision } = deciding;
  const asked = { client_id: part.client_id, context: contextOf(deciding), rights: [...rights], decision };
  try {
    await decideOn(request.caller, request.origin, part.client_id, deciding);
    return { ...asked, status: 200 };
  } catch (error) {
    const { status, detail, members } = problemOf(error);
    if (status >= 500 && status !== 503) throw error;
    const { refusals } = authorizationRoutes.decideAuthorizations;
    const refused = { ...request, path: { client_id: part.client_id }, body: part };
    await tellRefusal({ operation: 'decideAuthorizations', refusals, request: refused as never }, error);
    return { ...asked, status, detail, ...members };
  }
}
