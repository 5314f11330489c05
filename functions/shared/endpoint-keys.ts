import { KMSClient } from '@aws-sdk/client-kms';
import { kmsSecretProtector } from '../../src/adapters/kms/secret-protector.ts';
import type { EndpointKeys } from '../../src/deliveries/request.ts';
import type { Endpoint, EndpointKey, Verification } from '../../src/entities/endpoint.ts';
import { newId } from '../../src/entities/identifiers.ts';
import { newRecognizableSecret } from '../../src/entities/recognizable-secret.ts';
import { environment } from '../../src/environment.ts';
import { once } from '../../src/once.ts';
import { clientOptions, clock, randomBytes, variable } from './services.ts';

const protector = once(() => kmsSecretProtector(new KMSClient(clientOptions), variable(environment.secretKeyArn)));

/** What keys of each kind begin with, so that secret scanners find them. */
const prefixes = { signing_key: 'lke', verification_token: 'lkv' } as const;

/** Makes a key for the endpoint of the client, encrypted for its tenant and client alone. */
export async function makeEndpointKey(
  { tenant, clientId }: Pick<Endpoint, 'tenant' | 'clientId'>,
  verification: Exclude<Verification, 'public_key'>,
  now: number,
): Promise<{ readonly plaintext: string; readonly kept: EndpointKey }> {
  const plaintext = newRecognizableSecret(prefixes[verification], randomBytes);
  const ciphertext = await protector().encrypt(plaintext, { tenant, clientId });
  return {
    plaintext,
    kept: {
      id: newId('key', randomBytes),
      ciphertext: Buffer.from(ciphertext).toString('base64'),
      lastFour: plaintext.slice(-4),
      createdAt: new Date(now).toISOString(),
    },
  };
}

/** How long an opened key stays in memory, in milliseconds: one that is removed signs no more after it. */
const openFor = 60_000;

const opened = new Map<string, { readonly plaintext: string; readonly until: number }>();

/** Keys of endpoints, opened with one call of KMS each minute and key. */
export const endpointKeys: EndpointKeys = {
  async open({ tenant, clientId }, ciphertext) {
    const found = opened.get(ciphertext);
    if (found !== undefined && found.until > clock.now()) return found.plaintext;
    if (opened.size > 1000) opened.clear();
    const plaintext = await protector().decrypt(Buffer.from(ciphertext, 'base64'), { tenant, clientId });
    opened.set(ciphertext, { plaintext, until: clock.now() + openFor });
    return plaintext;
  },
};
