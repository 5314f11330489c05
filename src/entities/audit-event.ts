import { type RandomBytes, randomText } from './identifiers.ts';

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
  /** Where the request came from, as API Gateway saw it; absent for what the deployment itself does. */
  readonly address?: string | undefined;
  readonly via?: Via | undefined;
  /** When its rows may go, in whole seconds; absent in events that were written before there was a retention. */
  readonly keptUntil?: string | undefined;
  /** What changed, before and after, never a secret. */
  readonly changes?: Readonly<Record<string, unknown>>;
}

/** What an actor came through: at an API the client and its token, at a page the session. */
export interface Via {
  readonly clientId?: string | undefined;
  /** The `jti` of an access token, or the id of a personal access token. */
  readonly tokenId?: string | undefined;
  readonly sessionId?: string | undefined;
}

/** A request, as far as the audit log tells of it. */
export interface RequestSource {
  readonly requestId: string;
  /** As API Gateway saw it, never as a forwarded header says; empty where nobody outside asked. */
  readonly address: string;
  /** How long events are kept, in days. */
  readonly retentionDays: number;
}

/** Whom an audit event names, and the request it came from. */
export interface Origin extends RequestSource {
  readonly actor: string;
  readonly via?: Via | undefined;
}

/** The actor's doing in a request. How long it is kept is asked of the source only where an event is made. */
export function originAt(source: RequestSource, actor: string, via?: Via): Origin {
  return {
    actor,
    requestId: source.requestId,
    address: source.address,
    ...(via && { via }),
    get retentionDays() {
      return source.retentionDays;
    },
  };
}

/** What may be asked of the log; all of it together. Times are ISO 8601, `from` inclusive, `until` exclusive. */
export interface AuditFilter {
  readonly object?: string | undefined;
  readonly actor?: string | undefined;
  readonly action?: string | undefined;
  readonly from?: string | undefined;
  readonly until?: string | undefined;
}

export interface AuditEventStore {
  /** One event that no change of data goes with, such as a secret read back. */
  append(event: AuditEvent): Promise<void>;
  /**
   * The event, unless there is one of the same action and object, in the same hour and out of the same slot, already.
   *
   * @param slot which of the hour's events it may be
   */
  appendFirstOfHour(event: AuditEvent, slot: number): Promise<void>;
  /**
   * One page, newest first, at constant cost; `after` is the id of the last event seen. A page of a filtered list may
   * hold fewer events than its limit although more follow: `last` alone says whether they do.
   */
  list(
    tenant: string,
    filter: AuditFilter,
    page: { readonly limit: number; readonly after?: string },
  ): Promise<{ readonly items: readonly AuditEvent[]; readonly last?: string }>;
}

/** What is told of an event besides its id, its time and where it came from. */
export type AuditedChange = Pick<AuditEvent, 'tenant' | 'action' | 'object' | 'changes'>;

/** A new event at `now` (milliseconds since the epoch). */
export function auditEvent(change: AuditedChange, origin: Origin, now: number, randomBytes: RandomBytes): AuditEvent {
  const { actor, requestId, address, via, retentionDays } = origin;
  return {
    id: earliestEventId(now) + randomText(randomBytes, 16),
    at: new Date(now).toISOString(),
    actor,
    requestId,
    ...(address !== '' && { address }),
    ...(via && { via }),
    keptUntil: new Date(Math.ceil(now / 1000) * 1000 + retentionDays * millisecondsPerDay).toISOString(),
    ...change,
  };
}

const millisecondsPerDay = 86_400_000;

/** What differs between two states of an object, member by member, as `changes` tell it; null where there is nothing. */
export function differences(
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): Readonly<Record<string, { readonly from: unknown; readonly to: unknown }>> {
  const differing = Object.keys(after).filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
  return Object.fromEntries(
    differing.map((name) => [name, { from: before[name] ?? null, to: after[name] ?? null }] as const),
  );
}

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** 62^8 milliseconds reach into the year 8888. */
const timeLength = 8;

/**
 * What every event's id from `milliseconds` on is greater than, and no earlier one's: the time in base 62, whose digits
 * stand in the order of their bytes.
 */
export function earliestEventId(milliseconds: number): string {
  let text = '';
  for (let rest = Math.max(0, milliseconds); text.length < timeLength; rest = Math.floor(rest / 62)) {
    text = alphabet[rest % 62] + text;
  }
  return `evt_${text}`;
}
