import { KMSClient } from '@aws-sdk/client-kms';
import { kmsSecretProtector } from '../../src/adapters/kms/secret-protector.ts';
import { hashOf, newClientSecret } from '../../src/entities/client-secret.ts';
import { newId } from '../../src/entities/identifiers.ts';
import type { ClientSecret } from '../../src/entities/integration.ts';
import { environment } from '../../src/environment.ts';
import { clientOptions, once, randomBytes, variable } from './services.ts';

export const secretProtector = once(() =>
  kmsSecretProtector(new KMSClient(clientOptions), variable(environment.secretKeyArn)),
);

/** A secret that was just made, and what is kept of it. */
export interface NewSecret {
  readonly plaintext: string;
  readonly kept: ClientSecret;
}

/**
 * Makes a secret for the client, encrypted for its tenant and client alone.
 *
 * @param now milliseconds since the epoch
 * @param expiresInSeconds absent: it holds until it is revoked
 */
export async function makeSecret(
  client: { readonly tenant: string; readonly clientId: string },
  now: number,
  expiresInSeconds?: number,
): Promise<NewSecret> {
  const plaintext = newClientSecret(randomBytes);
  const ciphertext = await secretProtector().encrypt(plaintext, client);
  return {
    plaintext,
    kept: {
      id: newId('sec', randomBytes),
      hash: hashOf(plaintext),
      ciphertext: Buffer.from(ciphertext).toString('base64'),
      lastFour: plaintext.slice(-4),
      createdAt: new Date(now).toISOString(),
      ...(expiresInSeconds !== undefined && { expiresAt: new Date(now + expiresInSeconds * 1000).toISOString() }),
    },
  };
}
