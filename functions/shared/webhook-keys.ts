import { KMSClient } from '@aws-sdk/client-kms';
import * as z from 'zod/mini';
import { kmsDetachedSigner } from '../../src/adapters/kms/detached-signer.ts';
import { kmsPublicKeys } from '../../src/adapters/kms/public-key.ts';
import type { KeyMaterial } from '../../src/entities/signing-key-life.ts';
import { environment } from '../../src/environment.ts';
import { once } from '../../src/once.ts';
import { clientOptions, variable } from './services.ts';

const kms = once(() => new KMSClient(clientOptions));
const keyArns = once(() => z.parse(z.array(z.string()), JSON.parse(variable(environment.webhookKeys))));

const read = new Map<string, KeyMaterial>();

/** The public half of a key: read once while the function is warm, since it never changes. */
async function materialOf(keyArn: string): Promise<KeyMaterial> {
  const found = read.get(keyArn) ?? (await kmsPublicKeys(kms()).read(keyArn));
  read.set(keyArn, found);
  return found;
}

/** The public keys that requests to endpoints are, were or will be signed with. */
export function webhookKeys(): Promise<readonly KeyMaterial[]> {
  return Promise.all(keyArns().map(materialOf));
}

/** Signs requests to endpoints, with the first of the declared keys. */
export const webhookSigner = once(() =>
  kmsDetachedSigner(kms(), async () => {
    const [keyArn = ''] = keyArns();
    return { keyArn, kid: (await materialOf(keyArn)).kid };
  }),
);
