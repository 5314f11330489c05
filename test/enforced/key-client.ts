import { randomUUID } from 'node:crypto';
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { createIntegration } from '../conformance/client.ts';
import type { Outputs } from '../conformance/running-deployment.ts';

/** An integration that authenticates with `private_key_jwt`. */
export interface KeyClient {
  readonly client_id: string;
  /** Form parameters with an assertion that was never used. */
  authenticated(members?: Record<string, string>): Promise<URLSearchParams>;
}

/** Creates one with these rights, and a key of its own. */
export async function createKeyClient(
  outputs: Outputs,
  admin: string,
  rights: readonly string[],
  members: Record<string, unknown> = {},
): Promise<KeyClient> {
  const { publicKey, privateKey } = await generateKeyPair('ES256');
  const { client_id } = await createIntegration(outputs, admin, rights, {
    token_endpoint_auth_method: 'private_key_jwt',
    jwks: { keys: [await exportJWK(publicKey)] },
    ...members,
  });
  return {
    client_id,
    async authenticated(members = {}) {
      return new URLSearchParams({
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: await assertion(client_id, outputs.issuer, privateKey),
        ...members,
      });
    },
  };
}

function assertion(clientId: string, audience: string, key: CryptoKey): Promise<string> {
  return new SignJWT()
    .setProtectedHeader({ alg: 'ES256' })
    .setIssuer(clientId)
    .setSubject(clientId)
    .setAudience(audience)
    .setIssuedAt()
    .setExpirationTime('1m')
    .setJti(randomUUID())
    .sign(key);
}
