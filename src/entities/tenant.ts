import type { AuditEvent } from './audit-event.ts';

/** A customer of the deployment: what every integration, user and project belongs to. */
export interface Tenant {
  /** `ten_…` */
  readonly tenant: string;
  readonly name: string;
  /** Whether this is the platform operator's own tenant, made at deployment. */
  readonly operator: boolean;
  /**
   * How many integrations could restore everything else: active, holding `integrations:manage` and `users:manage`, with
   * a credential that does not run out. Never less than one once there was one.
   */
  readonly managers: number;
  readonly branding?: Branding | undefined;
  readonly policy?: TenantPolicy | undefined;
  /** Counts changes of name, branding and policy; absent before the first. */
  readonly version?: number | undefined;
  /** ISO 8601; absent of a tenant that is older than this member. */
  readonly createdAt?: string | undefined;
}

/** How the tenant's pages look. */
export interface Branding {
  /** A `data:` URI of a PNG, JPEG or WebP image. */
  readonly logo?: string | undefined;
  /** `#rrggbb` */
  readonly colour?: string | undefined;
}

/** What the tenant demands of its users. */
export interface TenantPolicy {
  readonly secondFactorRequired?: boolean | undefined;
  readonly personalAccessTokenMaximumDays?: number | undefined;
}

/** What every decision on a tenant's tokens needs of it, in a row of its own: small, and always read. */
export interface TenantStanding {
  readonly tenant: string;
  /** `deleting`: being removed step by step; nobody gets in any more. */
  readonly status: 'active' | 'suspended' | 'deleting';
  /** Whether it is the platform operator's own. */
  readonly operator: boolean;
  /** Counts changes of the status; absent before the first. */
  readonly version?: number | undefined;
}

export interface TenantReader {
  get(tenant: string): Promise<Tenant | undefined>;
}

export interface TenantStore extends TenantReader {
  /** @throws ConcurrentChange where `before` is no longer what is stored */
  update(before: Tenant, after: Tenant, event: AuditEvent): Promise<void>;
}
