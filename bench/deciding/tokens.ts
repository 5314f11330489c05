import { generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import type { SigningKey } from '../../src/entities/signing-key.ts';
import { accessTokenType, newTokenId } from '../../src/oauth/access-token/claims.ts';
import { audience, client, issuer, lifetimeSeconds, scope } from '../issuing/client.ts';

const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });

export const verifyingKey = publicKey;
export const signingKey: SigningKey = {
  kid: 'bench',
  name: 'bench',
  algorithm: 'RS256',
  keyArn: '',
  publicJwk: publicKey.export({ format: 'jwk' }) as Record<string, string>,
  state: 'active',
  since: '',
};

/** Access tokens as the deployment issues them by default, each with an id of its own. */
export function accessTokens(count: number): string[] {
  const issuedAt = Math.floor(Date.now() / 1000);
  return Array.from({ length: count }, () =>
    signed({
      iss: issuer,
      sub: client.id,
      aud: audience,
      client_id: client.id,
      iat: issuedAt,
      exp: issuedAt + lifetimeSeconds,
      jti: newTokenId(randomUUID, 0),
      scope,
      tenant: client.tenant,
      cred: 'sec_1',
    }),
  );
}

function signed(claims: unknown): string {
  const input = `${encoded({ alg: 'RS256', typ: accessTokenType, kid: signingKey.kid })}.${encoded(claims)}`;
  return `${input}.${sign('sha256', Buffer.from(input), privateKey).toString('base64url')}`;
}

function encoded(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
