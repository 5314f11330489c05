import { createHmac } from 'node:crypto';
import { type Endpoint, liveKeys } from '../entities/endpoint.ts';
import type { OutgoingEvent } from '../entities/outgoing-event.ts';

/** Opens the keys of endpoints. */
export interface EndpointKeys {
  open(endpoint: Pick<Endpoint, 'tenant' | 'clientId'>, ciphertext: string): Promise<string>;
}

/** Signs with the deployment's own key for endpoints. */
export interface DetachedSigner {
  /** @returns a JWS without its payload (RFC 7515 appendix F) */
  sign(payload: string): Promise<string>;
}

/** A request to an endpoint. */
export interface EndpointRequest {
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  /** What the request proves itself with, and what no log may repeat. */
  readonly secrets: readonly string[];
}

/** The header that names the event: the same in each repetition. */
export const eventIdHeader = 'Latchkey-Event-Id';
/** The header with the time of the request, in seconds since the epoch: part of what is signed. */
export const timestampHeader = 'Latchkey-Timestamp';
/** The header with the signatures by keys of the endpoint's own, or with the detached JWS by ours. */
export const signatureHeader = 'Latchkey-Signature';
/** The header with the endpoint's verification tokens. */
export const verificationTokenHeader = 'Latchkey-Verification-Token';

/** What an endpoint is sent. */
export function bodyOf({ id, type, object, sequence, at, tenant, data }: OutgoingEvent, clientId: string): string {
  return JSON.stringify({ id, type, object, sequence, at, tenant, client_id: clientId, data });
}

/**
 * The event as a request, provable as the endpoint wants it. While a key is being replaced, both prove it.
 *
 * @param now milliseconds since the epoch
 * @throws DependencyUnavailable
 */
export async function requestOf(
  event: OutgoingEvent,
  endpoint: Endpoint,
  now: number,
  { keys, signer }: { readonly keys: EndpointKeys; readonly signer: DetachedSigner },
): Promise<EndpointRequest> {
  const body = bodyOf(event, endpoint.clientId);
  const timestamp = String(Math.floor(now / 1000));
  const signed = `${timestamp}:${body}`;
  const secrets = await Promise.all(liveKeys(endpoint, now).map(({ ciphertext }) => keys.open(endpoint, ciphertext)));
  const proof = {
    signing_key: async () => ({ [signatureHeader]: secrets.map((key) => `v1=${macOf(key, signed)}`).join(',') }),
    verification_token: async () => ({ [verificationTokenHeader]: secrets.join(',') }),
    public_key: async () => ({ [signatureHeader]: await signer.sign(signed) }),
  }[endpoint.verification];
  return {
    body,
    headers: {
      'Content-Type': 'application/json',
      'User-Agent': 'Latchkey',
      [eventIdHeader]: event.id,
      [timestampHeader]: timestamp,
      ...(await proof()),
    },
    secrets,
  };
}

function macOf(key: string, text: string): string {
  return createHmac('sha256', key).update(text).digest('hex');
}
