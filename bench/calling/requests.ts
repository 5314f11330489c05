import { generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import type { LocalOutputs } from '../../local/outputs.ts';

export type Headers = Readonly<Record<string, string>>;

export function sendJson(method: string, url: string, headers: Headers, body?: unknown): Promise<Response> {
  if (body === undefined) return fetch(url, { method, headers });
  return fetch(url, {
    method,
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

/** Asks for a token with `client_credentials`. */
export function requestToken(
  { token_endpoint }: LocalOutputs,
  headers: Headers,
  parameters: Readonly<Record<string, string>> = {},
): Promise<Response> {
  const body = new URLSearchParams({ grant_type: 'client_credentials', ...parameters });
  return fetch(token_endpoint, { method: 'POST', headers, body });
}

/** A member of an answer that must be a success. */
export async function memberOf(answer: Promise<Response>, member: string): Promise<string> {
  const response = await answer;
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  const body = (await response.json()) as Record<string, string>;
  return String(body[member]);
}

export function basicCredentials({ client_id, client_secret }: LocalOutputs['admin']): Headers {
  return { authorization: `Basic ${Buffer.from(`${client_id}:${client_secret}`).toString('base64')}` };
}

/** A key pair to register for `private_key_jwt`. */
export function newAssertionKey(): { jwk: Record<string, unknown>; privateKey: KeyObject } {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { jwk: { ...publicKey.export({ format: 'jwk' }), kid: 'bench' }, privateKey };
}

/** The parameters of a client assertion (RFC 7523 §2.2), to be used once. */
export async function assertionOf(
  clientId: string,
  privateKey: KeyObject,
  audience: string,
): Promise<Record<string, string>> {
  const client_assertion = await new SignJWT({})
    .setProtectedHeader({ alg: 'ES256', kid: 'bench' })
    .setIssuer(clientId)
    .setSubject(clientId)
    .setAudience(audience)
    .setJti(randomUUID())
    .setIssuedAt()
    .setExpirationTime('1m')
    .sign(privateKey);
  return { client_assertion, client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer' };
}
