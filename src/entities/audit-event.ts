/** Who did what to which object, when; written in the transaction of the change it tells of. */
export interface AuditEvent {
  /** `evt_…`, in order of time: a page of the log is a range of ids. */
  readonly id: string;
  readonly tenant: string;
  /** ISO 8601, UTC, milliseconds. */
  readonly at: string;
  /** The token's user, else its client; `deployment` for what the deployment itself does. */
  readonly actor: string;
  /** For example `integration.created`. */
  readonly action: string;
  /** The id of what was changed. */
  readonly object: string;
  readonly requestId: string;
  /** What changed, never a secret. */
  readonly changes?: Readonly<Record<string, unknown>>;
}

/** Whom an audit event names, and the request it came from. */
export interface Origin {
  readonly actor: string;
  readonly requestId: string;
}

/** What may be asked of the log; all of it together. Times are ISO 8601, `from` inclusive, `until` exclusive. */
export interface AuditFilter {
  readonly object?: string;
  readonly actor?: string;
  readonly action?: string;
  readonly from?: string;
  readonly until?: string;
}

export interface AuditEventStore {
  /** One event that no change of data goes with, such as a secret read back. */
  append(event: AuditEvent): Promise<void>;
  /** One page, newest first, at constant cost; `after` is the id of the last event seen. */
  list(
    tenant: string,
    filter: AuditFilter,
    page: { readonly limit: number; readonly after?: string },
  ): Promise<{ readonly items: readonly AuditEvent[]; readonly last?: string }>;
}
