import { randomBytes } from 'node:crypto';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { upstreamSecretStore, upstreamSecrets } from '../../../../src/adapters/secrets-manager/upstream-secrets.ts';
import { DependencyUnavailable } from '../../../../src/entities/errors.ts';
import { newTenantId } from '../../../../src/entities/identifiers.ts';
import { newIdentityProviderId } from '../../../../src/entities/identity-provider.ts';
import { deploySecrets } from '../../../functions/key-management.ts';

const keyArn = 'arn:aws:kms:eu-west-1:123456789012:key/1';
let kept: Awaited<ReturnType<typeof deploySecrets>>;
let client: SecretsManagerClient;
beforeEach(async () => {
  kept = await deploySecrets();
  client = new SecretsManagerClient({
    region: 'eu-west-1',
    maxAttempts: 1,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
});
afterEach(() => kept.close());

const newProvider = (tenant = newTenantId(randomBytes)) => ({ tenant, id: newIdentityProviderId(tenant, randomBytes) });

it('a secret is kept for one tenant and provider, replaced, and deleted for good', async () => {
  const [reader, store] = [upstreamSecrets(client, 'Latchkey/'), upstreamSecretStore(client, 'Latchkey/', keyArn)];
  const provider = newProvider();
  const other = newProvider(provider.tenant);
  expect(await reader.read(provider)).toBeUndefined();
  await store.create(provider, 'first');
  await store.create(other, 'of another');
  expect(await reader.read(provider)).toBe('first');
  await store.replace(provider, 'second');
  expect(await reader.read(provider)).toBe('second');
  await store.delete(provider);
  await store.delete(provider);
  expect(await reader.read(provider)).toBeUndefined();
  expect(await reader.read(other)).toBe('of another');
  const described = await kept.secrets.call('DescribeSecret', { SecretId: `Latchkey/${other.tenant}/${other.id}` });
  expect(described).toMatchObject({ KmsKeyId: keyArn });
});

it('where Secrets Manager does not answer, that is what is said', async () => {
  await kept.close();
  await expect(upstreamSecrets(client, 'Latchkey/').read(newProvider())).rejects.toThrow(DependencyUnavailable);
});
