import { KMSClient } from '@aws-sdk/client-kms';
import { kmsSecretProtector } from '../../src/adapters/kms/secret-protector.ts';
import { newClientSecret } from '../../src/entities/client-secret.ts';
import { newId } from '../../src/entities/identifiers.ts';
import type { ClientSecret } from '../../src/entities/integration.ts';
import { hashOf } from '../../src/entities/recognizable-secret.ts';
import { runningOutAt } from '../../src/entities/secret-rotation.ts';
import { environment } from '../../src/environment.ts';
import { once } from '../../src/once.ts';
import { clientOptions, randomBytes, variable } from './services.ts';

/** Whether secrets may be read again in this deployment. */
export const secretsMayBeRead = () => variable(environment.secretRetrieval) === 'on';

/** Protects secrets that may be read again; undefined where none may: then nothing is kept to read. */
export const secretProtector = once(() =>
  secretsMayBeRead() ? kmsSecretProtector(new KMSClient(clientOptions), variable(environment.secretKeyArn)) : undefined,
);

/** A secret that was just made, and what is kept of it. */
export interface NewSecret {
  readonly plaintext: string;
  readonly kept: ClientSecret;
}

/**
 * Makes a secret for the client; what can be read again of it is encrypted for its tenant and client alone.
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
  const ciphertext = await secretProtector()?.encrypt(plaintext, client);
  return {
    plaintext,
    kept: {
      id: newId('sec', randomBytes),
      hash: hashOf(plaintext),
      ...(ciphertext && { ciphertext: Buffer.from(ciphertext).toString('base64') }),
      lastFour: plaintext.slice(-4),
      createdAt: new Date(now).toISOString(),
      ...(expiresInSeconds !== undefined && runningOutAt(now + expiresInSeconds * 1000, now)),
    },
  };
}
