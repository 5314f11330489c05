import { auditEvent, type Origin } from '../entities/audit-event.ts';
import { ConcurrentChange } from '../entities/errors.ts';
import { isQuiet, type TenantDeletion, type TenantRemoval } from '../entities/tenant-deletion.ts';
import type { Clock, RandomBytes } from '../ports.ts';

export interface TenantDeletionPorts {
  readonly removal: TenantRemoval;
  readonly clock: Clock;
  readonly randomBytes: RandomBytes;
}

export interface TenantDeletionSettings {
  readonly revocationBoundSeconds: number;
  /** When no more is begun, in milliseconds since the epoch. */
  readonly deadline: number;
}

/**
 * Goes on with every deletion that has begun, each for an equal part of the time that is left: a large tenant does not
 * keep the others waiting. Another run at the same tenant goes on alone.
 *
 * @throws what went wrong first, once every tenant had its turn
 * @returns how far each is, those that are done at the step `tenant`
 */
export async function deleteTenants(
  { removal, clock, randomBytes }: TenantDeletionPorts,
  { revocationBoundSeconds, deadline }: TenantDeletionSettings,
  origin: Origin,
): Promise<readonly TenantDeletion[]> {
  const begun = await removal.inProgress();
  const quiet = begun.filter((deletion) => isQuiet(deletion, revocationBoundSeconds, clock.now()));
  const reached: TenantDeletion[] = [];
  const failures: unknown[] = [];
  for (const [index, deletion] of quiet.entries()) {
    const share = (deadline - clock.now()) / (quiet.length - index);
    const until = clock.now() + share;
    try {
      const at = await removal.goOn(deletion, () => clock.now() < until);
      if (at.step === 'tenant') {
        const { tenant, operatorTenant, removed } = at;
        const change = { tenant: operatorTenant, action: 'tenant.deleted', object: tenant, changes: { removed } };
        await removal.finish(at, auditEvent(change, origin, clock.now(), randomBytes));
      }
      reached.push(at);
    } catch (error) {
      if (!(error instanceof ConcurrentChange)) failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
  return reached;
}
