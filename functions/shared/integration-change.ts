import { integrationStore } from '../../src/adapters/dynamodb/integration-store.ts';
import { type AuditedChange, auditEvent, type Origin } from '../../src/entities/audit-event.ts';
import { ConcurrentChange, NotFound } from '../../src/entities/errors.ts';
import type { Integration } from '../../src/entities/integration.ts';
import { withoutSpent } from '../../src/entities/secret-rotation.ts';
import type { AuthorizerContext } from '../../src/oauth/access-token/context.ts';
import { clock, once, randomBytes, table } from './services.ts';

export const integrations = once(() => integrationStore(table()));

/** How often a change is decided on, each time on what is stored by then, before its caller is told of the conflict. */
const tries = 3;

/** The token's own integration where `self` stands in place of a client id. */
export function namedClientId({ clientId }: AuthorizerContext, named: string): string {
  return named === 'self' ? clientId : named;
}

/**
 * An integration of the caller's tenant.
 *
 * @throws NotFound
 */
export async function existingIntegration(caller: AuthorizerContext, named: string): Promise<Integration> {
  const found = await integrations().get(caller.tenant, namedClientId(caller, named));
  if (found === undefined) throw new NotFound();
  return found;
}

/** What a change comes to: the integration as it is to be, or `deleted`; undefined: there is nothing to change. */
export type Decision = {
  readonly after: Integration | 'deleted';
  readonly event: Pick<AuditedChange, 'action' | 'changes'>;
};

/**
 * Reads, decides, writes; decides again where somebody else wrote in between.
 *
 * @param decide throws what refuses the change: nothing is written then
 * @returns the integration as it is now
 * @throws ConcurrentChange where others were faster every time; NotFound; what the store refuses
 */
export async function changeIntegration(
  caller: AuthorizerContext,
  origin: Origin,
  named: string,
  decide: (before: Integration, now: number) => Decision | undefined,
): Promise<Integration> {
  for (let attempt = 1; ; attempt++) {
    const before = await existingIntegration(caller, named);
    const now = clock.now();
    const decision = decide(before, now);
    if (decision === undefined) return before;
    const change = { tenant: before.tenant, object: before.clientId, ...decision.event };
    const event = auditEvent(change, origin, now, randomBytes);
    try {
      if (decision.after === 'deleted') {
        await integrations().delete(before, event);
        return before;
      }
      const after = { ...decision.after, secrets: withoutSpent(decision.after.secrets, now) };
      await integrations().update(before, after, event);
      return after;
    } catch (error) {
      if (!(error instanceof ConcurrentChange) || attempt === tries) throw error;
    }
  }
}
