import type { Endpoint, EndpointMarker, Verification } from '../../src/entities/endpoint.ts';
import { setAnew } from '../../src/entities/endpoint.ts';
import { InvalidInput } from '../../src/entities/errors.ts';
import type { OutgoingEventType } from '../../src/entities/outgoing-event.ts';
import { makeEndpointKey } from './endpoint-keys.ts';
import { faultOfOutsideTarget } from './guarded-fetch.ts';

/** What is chosen of an endpoint. */
export interface EndpointSettings {
  readonly uri: string;
  readonly verification: Verification;
  /** Absent: all. */
  readonly events?: readonly OutgoingEventType[] | undefined;
}

/** An endpoint as it is to be, what its integration says of it, and the key where one was made. */
export interface NewEndpoint {
  readonly endpoint: Endpoint;
  readonly marker: EndpointMarker;
  /** To be shown once. */
  readonly key?: { readonly [Kind in Exclude<Verification, 'public_key'>]?: string } | undefined;
}

/** @throws InvalidInput where nothing may be sent there */
export function mustBeOutside(uri: string): void {
  const detail = faultOfOutsideTarget(uri);
  if (detail !== undefined) throw new InvalidInput([{ pointer: '/uri', detail }]);
}

/**
 * The endpoint of an integration with these settings. Its keys stay while it is verified in the same way; otherwise one
 * is made. A paused one is resumed, and where it is another place than before, what waits is sent there now.
 *
 * @param settings of a URI that {@link mustBeOutside}
 * @param now milliseconds since the epoch
 */
export async function newEndpoint(
  { tenant, clientId }: Pick<Endpoint, 'tenant' | 'clientId'>,
  { uri, verification, events }: EndpointSettings,
  now: number,
  before?: Endpoint,
): Promise<NewEndpoint> {
  const chosen = events && { events: [...new Set(events)] };
  const kept = before?.verification === verification ? before.keys : undefined;
  const made =
    kept === undefined && verification !== 'public_key'
      ? { verification, ...(await makeEndpointKey({ tenant, clientId }, verification, now)) }
      : undefined;
  const { events: _, ...previous } = before ?? {
    tenant,
    clientId,
    status: 'active' as const,
    createdAt: new Date(now).toISOString(),
    version: 1,
  };
  const endpoint: Endpoint = { ...previous, uri, verification, ...chosen, keys: made ? [made.kept] : (kept ?? []) };
  return {
    endpoint: setAnew(before, endpoint, now),
    marker: { ...chosen },
    ...(made && { key: { [made.verification]: made.plaintext } }),
  };
}
