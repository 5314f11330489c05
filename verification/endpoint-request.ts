import { createHmac, timingSafeEqual } from 'node:crypto';
import { compactVerify, createRemoteJWKSet, type JWTVerifyGetKey } from 'jose';

/**
 * For the app whose endpoint Latchkey tells of events: whether a request is Latchkey's, unchanged and of now. Needs
 * nothing of the rest of the project.
 */

/** A request as it came in. */
export interface EndpointRequest {
  /** In the form of Node.js: names in lower case. A `Headers` object's entries are as good. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** The body byte for byte, before anything parses it: what is signed is the text, not what it means. */
  readonly rawBody: string | Uint8Array;
}

/** What the endpoint was registered with; each takes the successor besides while a key is being replaced. */
export type EndpointSecret =
  | { readonly signingKeys: readonly string[] }
  | { readonly verificationTokens: readonly string[] }
  /** The key set of `jwks_uri`: {@link publicKeysAt}. */
  | { readonly publicKeys: JWTVerifyGetKey };

export interface VerificationOptions {
  /** How far our clock and Latchkey's may be apart, in seconds. Default 300. */
  readonly toleranceSeconds?: number;
  /** Milliseconds since the epoch. Default: now. */
  readonly now?: number;
}

/** An event, as the body tells it. */
export interface EndpointEvent {
  /** The same in each repetition: keep it, and do nothing for one that was seen. */
  readonly id: string;
  readonly type: string;
  readonly object: string;
  /** Grows with each change of the object: drop what is not newer than what was seen of it. */
  readonly sequence: number;
  readonly at: string;
  readonly tenant: string;
  readonly client_id: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** The request is not Latchkey's, was changed on the way, or is too old. Answer 401, and say nothing more. */
export class NotVerified extends Error {
  override readonly name = 'NotVerified';
}

/** The deployment's keys for endpoints, kept in memory and fetched again where a key is unknown. */
export function publicKeysAt(jwksUri: string): JWTVerifyGetKey {
  return createRemoteJWKSet(new URL(jwksUri));
}

/**
 * The event of a request that is proved to be Latchkey's.
 *
 * @throws NotVerified
 */
export async function verifiedEvent(
  { headers, rawBody }: EndpointRequest,
  secret: EndpointSecret,
  { toleranceSeconds = 300, now = Date.now() }: VerificationOptions = {},
): Promise<EndpointEvent> {
  const body = Buffer.from(rawBody);
  const timestamp = single(headers['latchkey-timestamp']);
  if (!/^\d{1,12}$/.test(timestamp)) throw new NotVerified('no timestamp');
  if (Math.abs(now / 1000 - Number(timestamp)) > toleranceSeconds) throw new NotVerified('not of now');
  const signed = Buffer.concat([Buffer.from(`${timestamp}:`), body]);
  if (!(await isProved(headers, signed, secret))) throw new NotVerified('not signed by Latchkey');
  return JSON.parse(body.toString());
}

async function isProved(headers: EndpointRequest['headers'], signed: Buffer, secret: EndpointSecret): Promise<boolean> {
  if ('verificationTokens' in secret)
    return anySame(
      listed(headers['latchkey-verification-token']).map((token) => Buffer.from(token)),
      secret.verificationTokens.map((token) => Buffer.from(token)),
    );
  const signature = single(headers['latchkey-signature']);
  if ('signingKeys' in secret)
    return anySame(
      listed(signature)
        .filter((part) => part.startsWith('v1='))
        .map((part) => Buffer.from(part.slice('v1='.length), 'hex')),
      secret.signingKeys.map((key) => createHmac('sha256', key).update(signed).digest()),
    );
  return isSigned(signature, signed, secret.publicKeys);
}

/** A JWS whose payload is what was signed (RFC 7515 appendix F). */
async function isSigned(signature: string, signed: Buffer, publicKeys: JWTVerifyGetKey): Promise<boolean> {
  const [header, payload, tag, ...rest] = signature.split('.');
  if (header === undefined || payload !== '' || tag === undefined || rest.length > 0) return false;
  try {
    await compactVerify(`${header}.${signed.toString('base64url')}.${tag}`, publicKeys, { algorithms: ['RS256'] });
    return true;
  } catch {
    return false;
  }
}

/** In a time that does not depend on where they differ; an empty list proves nothing. */
function anySame(given: readonly Buffer[], expected: readonly Buffer[]): boolean {
  let found = false;
  for (const one of given)
    for (const other of expected)
      if (one.length === other.length && one.length > 0 && timingSafeEqual(one, other)) found = true;
  return found;
}

function single(header: string | readonly string[] | undefined): string {
  return typeof header === 'string' ? header : '';
}

function listed(header: string | readonly string[] | undefined): string[] {
  return single(header)
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
