import { randomBytes } from 'node:crypto';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { secretsManagerCredentials } from '../../../../src/adapters/secrets-manager/credentials.ts';
import { BootstrapFailed, type Credentials, type CredentialsStore } from '../../../../src/deployment/bootstrap.ts';
import { newClientSecret } from '../../../../src/entities/client-secret.ts';
import { newClientId, newTenantId } from '../../../../src/entities/identifiers.ts';
import { type DeployedSecret, deploySecret } from '../../../functions/key-management.ts';

let secret: DeployedSecret;
let store: CredentialsStore;
beforeEach(async () => {
  secret = await deploySecret();
  const client = new SecretsManagerClient({
    endpoint: secret.endpoint,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  store = secretsManagerCredentials(client, secret.arn);
});
afterEach(() => secret.close());

function credentials(): Credentials {
  const tenant = newTenantId(randomBytes);
  return { tenant, clientId: newClientId(tenant, randomBytes), clientSecret: newClientSecret(randomBytes) };
}

it('a secret without a value holds none', async () => {
  expect(await store.read()).toBeUndefined();
});

it('what was written first is what is read, whoever else writes', async () => {
  const [first, second] = [credentials(), credentials()];
  await store.writeFirst(first);
  await store.writeFirst(second);
  expect(await store.read()).toEqual(first);
});

it('ten that write at once read the same', async () => {
  const written = Array.from({ length: 10 }, credentials);
  await Promise.all(written.map((one) => store.writeFirst(one)));
  expect(written).toContainEqual(await store.read());
});

it('credentials that an operator put there are taken', async () => {
  const { tenant, clientId, clientSecret } = credentials();
  await secret.put(JSON.stringify({ tenant, client_id: clientId, client_secret: clientSecret, note: 'rotated' }));
  expect(await store.read()).toEqual({ tenant, clientId, clientSecret });
});

it.each([
  ['text', 'hunter2'],
  ['other members', '{"password":"hunter2"}'],
  ['a secret cut off', () => ({ client_secret: credentials().clientSecret.slice(0, -1) })],
  ['the client of another tenant', () => ({ tenant: credentials().tenant })],
])('anything else is refused and not repeated: %s', async (_, given) => {
  const { tenant, clientId, clientSecret } = credentials();
  const valid = { tenant, client_id: clientId, client_secret: clientSecret };
  await secret.put(typeof given === 'string' ? given : JSON.stringify({ ...valid, ...given() }));
  const error = await store.read().catch((thrown) => thrown);
  expect(error).toBeInstanceOf(BootstrapFailed);
  expect(error.message).not.toMatch(/hunter2|lks_/);
});
