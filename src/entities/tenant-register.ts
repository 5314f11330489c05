import type { AuditEvent } from './audit-event.ts';
import type { Integration } from './integration.ts';
import type { Tenant, TenantStanding } from './tenant.ts';
import type { TenantDeletion } from './tenant-deletion.ts';

/** A tenant as the platform operator sees it: that it is there, and nothing of what is in it. */
export interface RegisteredTenant {
  readonly tenant: Tenant;
  readonly standing: TenantStanding;
  /** Only while it is being removed. */
  readonly deletion?: TenantDeletion | undefined;
}

/** What a list shows of a tenant. */
export type TenantSummary = Pick<Tenant, 'tenant' | 'name' | 'createdAt'> & Pick<TenantStanding, 'status'>;

/** Who begins it all: the tenant's first administrator, and one more whenever all others are lost. */
export interface NewAdministrator {
  readonly administrator: Integration;
  readonly events: readonly AuditEvent[];
}

/** What the platform operator does with tenants. Every change is one transaction with its audit events. */
export interface TenantRegister {
  create(registered: Pick<RegisteredTenant, 'tenant' | 'standing'>, first: NewAdministrator): Promise<void>;
  /** One round trip, strongly consistent. */
  get(tenant: string): Promise<RegisteredTenant | undefined>;
  /** One page in the order of ids; `after` is the id of the last tenant seen. */
  list(page: {
    readonly limit: number;
    readonly after?: string;
  }): Promise<{ readonly items: readonly TenantSummary[]; readonly last?: string }>;
  /** Another name, another status. @throws ConcurrentChange where `before` is no longer what is stored */
  change(
    before: RegisteredTenant,
    after: { readonly name: string; readonly status: TenantStanding['status'] },
    events: readonly AuditEvent[],
  ): Promise<void>;
  /**
   * One more administrator.
   *
   * @throws ConcurrentChange where `before` is no longer what is stored, or an integration has the name
   */
  addAdministrator(before: RegisteredTenant, another: NewAdministrator): Promise<void>;
  /** Nobody gets in any more, and its removal begins. @throws ConcurrentChange as {@link change} */
  beginDeletion(before: RegisteredTenant, deletion: TenantDeletion, events: readonly AuditEvent[]): Promise<void>;
}
