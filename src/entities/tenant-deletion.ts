import type { AuditEvent } from './audit-event.ts';

/** In this order a tenant is removed; the record of it says where it is. */
export const deletionSteps = [
  /** Whoever was let in before the tenant's tokens died may still be writing. */
  'waiting',
  /** Other tenants' connections stop with the application. */
  'applications',
  'integrations',
  'identity-providers',
  'users',
  'projects',
  'audit-events',
  /** The tenant itself, and this record. */
  'tenant',
] as const;

export type DeletionStep = (typeof deletionSteps)[number];

/** A tenant that is being removed, and how far that is. It goes in the last write, with the tenant itself. */
export interface TenantDeletion {
  readonly tenant: string;
  readonly step: DeletionStep;
  /** Rows of the table that are gone. */
  readonly removed: number;
  /** ISO 8601. */
  readonly startedAt: string;
  /** The operator's tenant, in whose log the end is told. */
  readonly operatorTenant: string;
}

/** How long after its beginning nothing is removed yet, beyond the revocation bound: longer than a function may run. */
const latestWriteSeconds = 60;

/**
 * Whether nobody can write in the tenant any more: decisions that were made before it began are forgotten, and what they
 * let in is over.
 *
 * @param now milliseconds since the epoch
 */
export function isQuiet({ startedAt }: TenantDeletion, revocationBoundSeconds: number, now: number): boolean {
  return now >= Date.parse(startedAt) + (revocationBoundSeconds + latestWriteSeconds) * 1000;
}

/** Our client secrets at the tenant's identity providers, which lie outside the table. */
export interface ProviderSecrets {
  /** Deleting what is not there changes nothing. */
  delete(provider: { readonly tenant: string; readonly id: string }): Promise<void>;
}

/**
 * Removes tenants: everything that is found under them, step by step, each time with a note of how far it is. Stopped
 * anywhere it goes on where it was; what it had found and not removed is found again.
 */
export interface TenantRemoval {
  /** Deletions that have begun and not ended. */
  inProgress(): Promise<readonly TenantDeletion[]>;
  /**
   * Removes what the tenant contains, for as long as `mayGoOn`.
   *
   * @returns how far it came: at the step `tenant` nothing is left but the tenant itself
   * @throws ConcurrentChange where another run is at the same tenant
   */
  goOn(deletion: TenantDeletion, mayGoOn: () => boolean): Promise<TenantDeletion>;
  /** The tenant itself, and the note; with the event that tells the operator. @throws ConcurrentChange as above */
  finish(deletion: TenantDeletion, event: AuditEvent): Promise<void>;
}
