import type * as z from 'zod/mini';
import type { RightName } from '../../src/api/rights.ts';
import type { authorizationDecision } from '../../src/api/schemas/authorization.ts';
import { countedRights } from '../../src/entities/asked-rights.ts';
import type { Origin } from '../../src/entities/audit-event.ts';
import { Forbidden, MissingRights } from '../../src/entities/errors.ts';
import type { Integration } from '../../src/entities/integration.ts';
import type { RequestedRights } from '../../src/entities/requested-rights.ts';
import type { RightContext } from '../../src/entities/right-change.ts';
import { decidedRights, type RightDecision } from '../../src/entities/right-decision.ts';
import type { AuthorizerContext } from '../../src/oauth/access-token/context.ts';
import { askedNow } from './asked-now.ts';
import { callerOf } from './caller.ts';
import { changeIntegration } from './integration-change.ts';
import { changeProjectRights } from './project-rights-change.ts';

/** What is decided on rights in one context; without a project it is the global one. */
export interface Deciding extends Pick<RightDecision, 'decision' | 'comment'> {
  readonly rights: readonly RightName[];
  readonly project?: string | undefined;
}

/** A decision as a body gives it. */
export function decidingOf(body: Omit<z.output<typeof authorizationDecision>, 'client_id'>): Deciding {
  const { context, project, rights, decision, comment } = body;
  const named = typeof context === 'object' ? context.project : project;
  return { rights, decision, comment, ...(named !== undefined && { project: named }) };
}

/** The context of a decision, as it is shown. */
export function contextOf({ project }: Deciding): RightContext {
  return project === undefined ? 'global' : { project };
}

/**
 * Decides on rights that an integration asked for, all of them together.
 *
 * @returns those rights as they are now
 * @throws MissingRights where the caller does not hold, in that context, `authorizations:decide` and each of the rights
 * @throws Forbidden for one's own rights, and for those of an integration that the calling integration owns
 * @throws AlreadyDecided where one of them does not wait, or is not granted; NotFound; Conflict for the last manager
 */
export async function decideOn(
  caller: AuthorizerContext,
  origin: Origin,
  clientId: string,
  { project, ...deciding }: Deciding,
): Promise<RequestedRights> {
  mustHoldThere(caller, deciding.rights, project);
  const decide = async (integration: Integration, now: number) => {
    mustBeAnothers(caller, integration);
    const asked = await askedNow(integration);
    const decision = { ...deciding, by: caller.subject, at: new Date(now).toISOString() };
    return (before: RequestedRights) => decidedRights(decidable(asked, before, deciding), decision);
  };
  if (project !== undefined) {
    const decided = await changeProjectRights(caller, origin, clientId, [project], decide);
    return only(deciding.rights, decided.get(project) ?? {});
  }
  const { rights } = await changeIntegration(caller, origin, clientId, async (before, now) => ({
    after: { ...before, rights: (await decide(before, now))(before.rights) },
  }));
  return only(deciding.rights, rights);
}

/**
 * The rights as they count. What waits by itself is granted or declined as it waits, even where a wider right, which was
 * granted and is asked for no more, included it.
 */
function decidable(integration: Integration, before: RequestedRights, { decision, rights }: Deciding): RequestedRights {
  const counted = countedRights(integration, before);
  if (decision === 'revoke') return counted;
  const waiting = only(rights, before);
  return Object.fromEntries(
    Object.entries(counted).map(([right, requested]) => {
      const asked = waiting[right];
      return [right, asked?.state === 'pending' ? asked : requested];
    }),
  );
}

function mustHoldThere(caller: AuthorizerContext, rights: readonly RightName[], project: string | undefined): void {
  const { holds } = callerOf(caller);
  const needed: readonly RightName[] = ['authorizations:decide', ...rights];
  const missing = needed.filter((right) => !holds(right, project));
  if (missing.length > 0) throw new MissingRights([...new Set(missing)]);
}

/** Whether deciding on the integration's rights is deciding on one's own. */
export function isOwn({ clientId }: AuthorizerContext, integration: Pick<Integration, 'clientId' | 'owner'>): boolean {
  return integration.clientId === clientId || integration.owner === clientId;
}

function mustBeAnothers(caller: AuthorizerContext, integration: Integration): void {
  if (isOwn(caller, integration))
    throw new Forbidden('Nobody decides on their own rights, nor an integration on those of one that it owns.');
}

function only(names: readonly string[], rights: RequestedRights): RequestedRights {
  return Object.fromEntries(Object.entries(rights).filter(([right]) => names.includes(right)));
}
