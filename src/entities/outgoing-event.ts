import { earliestEventId } from './audit-event.ts';
import { type RandomBytes, randomText } from './identifiers.ts';

/**
 * Something that integrations' endpoints are told of. It is written in the transaction of the change; the table's stream
 * hands it on to whoever may know.
 */
export interface OutgoingEvent {
  readonly tenant: string;
  /** `ntf_…`, the same in each delivery and each repetition: what receivers recognize repetitions by. */
  readonly id: string;
  readonly type: OutgoingEventType;
  /** The id of what changed: an integration's client id, or an issue's `PRJ-12`. */
  readonly object: string;
  /** The object's version after the change: events of one object are delivered in this order. */
  readonly sequence: number;
  /** ISO 8601, UTC, milliseconds. */
  readonly at: string;
  /** The integration that it concerns; absent: all that may read the object. */
  readonly clientId?: string | undefined;
  /** The application that this integration is a connection to. */
  readonly application?: string | undefined;
  /** Where it happened, for those who may read that project's issues. */
  readonly project?: string | undefined;
  /** What receivers are told besides; never a secret. */
  readonly data: Readonly<Record<string, unknown>>;
}

export const outgoingEventTypes = [
  'right.authorized',
  'right.declined',
  'right.revoked',
  'integration.disabled',
  'integration.enabled',
  'integration.deleted',
  'secret.expiring',
  'version.accepted',
  'issue.created',
  'issue.changed',
  'endpoint.ping',
] as const;

export type OutgoingEventType = (typeof outgoingEventTypes)[number];

/** What is told of an event besides its id and its time. */
export type ToldChange = Omit<OutgoingEvent, 'id' | 'at'>;

/** A new event at `now` (milliseconds since the epoch); ids are in the order of time. */
export function outgoingEvent(change: ToldChange, now: number, randomBytes: RandomBytes): OutgoingEvent {
  const time = earliestEventId(now).slice('evt_'.length);
  return { ...change, id: `ntf_${time}${randomText(randomBytes, 16)}`, at: new Date(now).toISOString() };
}
