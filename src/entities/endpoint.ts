import type { AuditEvent } from './audit-event.ts';
import { Conflict } from './errors.ts';
import type { Integration } from './integration.ts';
import type { OutgoingEvent, OutgoingEventType, ToldChange } from './outgoing-event.ts';
import { longestExpirySeconds } from './secret-limits.ts';

/** How the app recognizes that a request is ours. */
export const verifications = ['signing_key', 'verification_token', 'public_key'] as const;

export type Verification = (typeof verifications)[number];

/** A key of an endpoint as it is kept: needed again for each delivery, and therefore encrypted, not hashed. */
export interface EndpointKey {
  /** `key_…` */
  readonly id: string;
  /** The key under the secret-protecting key; base64. */
  readonly ciphertext: string;
  readonly lastFour: string;
  readonly createdAt: string;
  /** ISO 8601; absent: until it is replaced. */
  readonly expiresAt?: string | undefined;
}

/** Where an integration's app is told of what happens, and how it knows that it is told by us. */
export interface Endpoint {
  readonly tenant: string;
  readonly clientId: string;
  readonly uri: string;
  readonly verification: Verification;
  /** The types that it is told of; absent: all. */
  readonly events?: readonly OutgoingEventType[] | undefined;
  /** None where the deployment's own key signs. */
  readonly keys: readonly EndpointKey[];
  readonly status: 'active' | 'paused';
  readonly pausedAt?: string | undefined;
  /** When it was last resumed: deliveries have a day from then on. */
  readonly resumedAt?: string | undefined;
  /** When its integration was deleted: it is told of that, and then gone. */
  readonly removedAt?: string | undefined;
  readonly createdAt: string;
  /** Counts changes; each is conditional on the version it was decided on. */
  readonly version: number;
}

/** What writers must know of an endpoint, in the integration itself: whether there is one, and what it wants to know. */
export interface EndpointMarker {
  readonly events?: readonly OutgoingEventType[] | undefined;
}

/** What a change does to the endpoint's row, in the transaction of its integration's change. */
export type EndpointChange =
  | { readonly before?: Endpoint | undefined; readonly after: Endpoint }
  | { readonly removed: Endpoint }
  /** The integration is deleted at that time: the row stays until the last events are delivered. */
  | { readonly tenant: string; readonly clientId: string; readonly orphanedAt: string };

/** Whether the endpoint wants to be told of the type. */
export function wants({ events }: EndpointMarker, type: OutgoingEvent['type']): boolean {
  return events === undefined || events.includes(type);
}

/**
 * What its endpoint is told of a change of the integration, whose version orders the events; nothing where it has none, or
 * one that does not want to know.
 */
export function toldOfIntegration(
  {
    tenant,
    clientId,
    application,
    endpoint,
    version,
  }: Pick<Integration, 'tenant' | 'clientId' | 'application' | 'endpoint' | 'version'>,
  type: OutgoingEventType,
  data: OutgoingEvent['data'],
): readonly ToldChange[] {
  if (endpoint === undefined || !wants(endpoint, type)) return [];
  const ofApplication = application && { application: application.id };
  return [{ tenant, type, object: clientId, sequence: version + 1, clientId, ...ofApplication, data }];
}

/** How many keys may be live at the same time: one, and its successor. */
const maximumLive = 2;

/** The keys that requests are signed with at `now` (milliseconds since the epoch). */
export function liveKeys({ keys }: Pick<Endpoint, 'keys'>, now: number): readonly EndpointKey[] {
  return keys.filter(({ expiresAt }) => expiresAt === undefined || Date.parse(expiresAt) > now);
}

/**
 * The endpoint with one key more.
 *
 * @param expireOthersIn seconds until the others run out; 0 removes them, and undefined leaves them as they are
 * @throws Conflict where it has no keys of its own, or would have three that are live
 */
export function withKeyAdded(
  before: Endpoint,
  key: EndpointKey,
  expireOthersIn: number | undefined,
  now: number,
): Endpoint {
  if (before.verification === 'public_key')
    throw new Conflict('This endpoint is sent what the deployment signs: it has no key of its own.');
  const others = expireOthersIn === 0 ? [] : liveKeys(before, now).map((other) => endingIn(other, expireOthersIn, now));
  if (others.length + 1 > maximumLive)
    throw new Conflict('Two keys are live already: have the others run out now, or wait until one has.');
  return { ...before, keys: [...others, key] };
}

/** Never later than the key would have run out by itself. */
function endingIn(key: EndpointKey, seconds: number | undefined, now: number): EndpointKey {
  if (seconds === undefined) return key;
  const until = now + Math.min(seconds, longestExpirySeconds) * 1000;
  return key.expiresAt !== undefined && Date.parse(key.expiresAt) <= until
    ? key
    : { ...key, expiresAt: new Date(until).toISOString() };
}

/** The endpoint, told of again. */
export function resumed(before: Endpoint, now: number): Endpoint {
  const { pausedAt: _, ...rest } = before;
  return { ...rest, status: 'active', resumedAt: new Date(now).toISOString() };
}

/** The endpoint after it was set anew: a paused one is resumed, and what waits is sent to another place at once. */
export function setAnew(before: Endpoint | undefined, after: Endpoint, now: number): Endpoint {
  return after.status === 'paused' || before?.uri !== after.uri ? resumed(after, now) : after;
}

/** The endpoint, told of no more until somebody resumes it. */
export function paused(before: Endpoint, now: number): Endpoint {
  return { ...before, status: 'paused', pausedAt: new Date(now).toISOString() };
}

/** Reads endpoints; their changes are the integration store's, because they change what the integration says of them. */
export interface EndpointReader {
  get(tenant: string, clientId: string): Promise<Endpoint | undefined>;
  /** Those of a tenant in the order of client ids; `after` is the client id of the last seen. */
  list(
    tenant: string,
    page: { readonly limit: number; readonly after?: string },
  ): Promise<{ readonly items: readonly Endpoint[]; readonly last?: string }>;
}

/** Changes what an endpoint is like without its integration: that it is paused, and its keys. */
export interface EndpointStore extends EndpointReader {
  /** @throws ConcurrentChange where `before` is no longer what is stored */
  update(before: Endpoint, after: Endpoint, event: AuditEvent): Promise<void>;
}
