import { rightsRemovals } from '../../src/adapters/dynamodb/rights-removals.ts';
import { type Origin, originAt } from '../../src/entities/audit-event.ts';
import { ConcurrentChange, NotFound } from '../../src/entities/errors.ts';
import { isFindable, type RightsRemoval } from '../../src/entities/rights-removal.ts';
import { once } from '../../src/once.ts';
import { changeProjectRights, withdrawn } from './project-rights-change.ts';
import { clock } from './services.ts';
import { table } from './table.ts';

const removals = once(() => rightsRemovals(table()));

/** Removals that share the time that is left; the others wait until these had their turn. */
const atOnce = 25;
/** Integrations that are withdrawn from a project together. */
const integrationsAtOnce = 20;

/** What one run came to. */
export interface RemovalRun {
  /** Projects and integrations of which nothing is left. */
  readonly finished: number;
  /** Why others are not as far as they could be. */
  readonly failures: readonly unknown[];
}

/**
 * Goes on with what deleted projects and integrations left behind, each for an equal part of the time: an integration is
 * withdrawn from a project as if somebody had done it by hand, and one that is gone loses its rows. Of two runs at once,
 * and after a run that was cut off, each step is done once.
 *
 * @param origin of the run; what is withdrawn is told of as the doing of whoever deleted the project
 * @param until when no more is begun, in milliseconds since the epoch
 */
export async function removeRights(origin: Origin, until: number): Promise<RemovalRun> {
  let finished = 0;
  const failures: unknown[] = [];
  for (let after: RightsRemoval | undefined; clock.now() < until; ) {
    const begun = await removals().begun({ limit: atOnce, after });
    for (const [index, removal] of begun.entries()) {
      const end = clock.now() + (until - clock.now()) / (begun.length - index);
      const mayGoOn = () => clock.now() < end;
      try {
        if (await isGone(removal, originAt(origin, removal.by), mayGoOn, failures)) {
          await removals().finish(removal);
          finished += 1;
        }
      } catch (error) {
        // Another run is at it.
        if (!(error instanceof ConcurrentChange)) failures.push(error);
      }
    }
    after = begun.at(-1);
    if (begun.length < atOnce) break;
  }
  return { finished, failures };
}

/** Removes what is there, for as long as `mayGoOn`; whether nothing was left any more. */
async function isGone(removal: RightsRemoval, origin: Origin, mayGoOn: () => boolean, failures: unknown[]) {
  const { tenant, id } = removal;
  if (removal.of === 'integration') {
    for (let more = true; more; more = await removals().removeSome(tenant, id)) if (!mayGoOn()) return false;
    return true;
  }
  let found = false;
  for (let after: string | undefined; mayGoOn(); ) {
    const clientIds = await removals().askedIn({ tenant, project: id }, { limit: integrationsAtOnce, after });
    after = clientIds.at(-1);
    if (after === undefined) return !found && isFindable(removal, clock.now());
    found = true;
    const ends = await Promise.allSettled(clientIds.map((clientId) => withdraw({ tenant, clientId }, id, origin)));
    for (const end of ends)
      if (end.status === 'rejected' && !(end.reason instanceof ConcurrentChange)) failures.push(end.reason);
  }
  return false;
}

interface Asking {
  readonly tenant: string;
  readonly clientId: string;
}

/** Where the integration is gone too, or was withdrawn already and the index does not know yet, no more than a row is left. */
async function withdraw(asking: Asking, project: string, origin: Origin): Promise<void> {
  try {
    await changeProjectRights(asking, origin, asking.clientId, [project], () => withdrawn);
  } catch (error) {
    if (!(error instanceof NotFound)) throw error;
    await removals().removeIn(asking.tenant, asking.clientId, project);
  }
}
