import { applications as applicationStore } from '../../src/adapters/dynamodb/application-store.ts';
import type { PublishedApplication } from '../../src/entities/application.ts';
import type { AuditEvent } from '../../src/entities/audit-event.ts';
import { NotFound } from '../../src/entities/errors.ts';
import { tenantOfBoundId } from '../../src/entities/identifiers.ts';
import { once } from '../../src/once.ts';
import { decideAgain } from './decide-again.ts';
import { clock } from './services.ts';
import { table } from './table.ts';

export const applications = once(() => applicationStore(table()));

/**
 * An application of whichever tenant.
 *
 * @throws NotFound
 */
export async function existingApplication(id: string): Promise<PublishedApplication> {
  // What is no id of an application is not looked for: free text never becomes part of a key.
  const found = tenantOfBoundId('app', id) === undefined ? undefined : await applications().get(id);
  if (found === undefined) throw new NotFound();
  return found;
}

/**
 * An application of the caller's tenant.
 *
 * @throws NotFound
 */
export async function ownApplication({ tenant }: { readonly tenant: string }, id: string) {
  if (tenantOfBoundId('app', id) !== tenant) throw new NotFound();
  return existingApplication(id);
}

/** What a change comes to, and what the audit logs are told. */
export interface ApplicationDecision {
  readonly after: PublishedApplication;
  readonly events: readonly AuditEvent[];
}

/**
 * Reads, decides, writes, until there is nothing more to change: a large change is written in several transactions, each of
 * which leaves the application whole. Decides again on a fresh read where somebody else wrote in between.
 *
 * @param read the application, and what else its change is decided on
 * @param decide undefined: there is nothing to change, or no more; throws what refuses the change: nothing more is written then.
 *   `isBegun`: a transaction of this change is written already; what went with that is not written over what others wrote since
 * @throws ConcurrentChange where others were faster every time
 */
export function changeApplication<Before extends PublishedApplication>(
  read: () => Promise<Before>,
  decide: (before: Before, now: number, isBegun: boolean) => ApplicationDecision | undefined,
): Promise<PublishedApplication> {
  let isBegun = false;
  return decideAgain(async () => {
    for (let before = await read(); ; ) {
      const decision = decide(before, clock.now(), isBegun);
      if (decision === undefined) return before;
      before = { ...before, ...(await applications().update(before, decision.after, decision.events)) };
      isBegun = true;
    }
  });
}
