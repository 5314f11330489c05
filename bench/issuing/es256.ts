import { generateKeyPairSync, sign } from 'node:crypto';
import { joseSignature } from '../../src/adapters/kms/ecdsa-signature.ts';

const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });

/** The key that a server of the comparison signs with, made at its start. */
export const signingKey = { kid: 'bench', publicKey, privateKey };

/** A compact JWS signed here; DER turned into R‖S by hand, which is the fastest way on this Node. */
export function signedJwt(
  header: Readonly<Record<string, unknown>>,
  claims: Readonly<Record<string, unknown>>,
): string {
  const input = `${encoded({ alg: 'ES256', kid: signingKey.kid, ...header })}.${encoded(claims)}`;
  const signature = joseSignature(sign('sha256', Buffer.from(input), privateKey));
  return `${input}.${Buffer.from(signature).toString('base64url')}`;
}

function encoded(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
