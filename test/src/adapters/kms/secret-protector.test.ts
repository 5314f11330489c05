import { KMSClient } from '@aws-sdk/client-kms';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { kmsSecretProtector } from '../../../../src/adapters/kms/secret-protector.ts';
import { environment } from '../../../../src/environment.ts';
import type { SecretProtector } from '../../../../src/ports.ts';
import { deployKeys, type KeyManagement } from '../../../functions/key-management.ts';

let keys: KeyManagement;
let protector: SecretProtector;
beforeAll(async () => {
  keys = await deployKeys();
  const client = new KMSClient({
    endpoint: process.env.AWS_ENDPOINT_URL_KMS ?? '',
    region: 'eu-west-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  protector = kmsSecretProtector(client, process.env[environment.secretKeyArn] ?? '');
});
afterAll(() => keys.close());

const client = { tenant: 'ten_1', clientId: 'int_1' };

it('a secret comes back for its tenant and client, in one call each way', async () => {
  const ciphertext = await protector.encrypt('lks_secret', client);
  expect(Buffer.from(ciphertext).includes('lks_secret')).toBe(false);
  expect(await protector.decrypt(ciphertext, client)).toBe('lks_secret');
  expect(keys.calls()).toEqual(['Encrypt', 'Decrypt']);
});

it.each([
  ['client', { ...client, clientId: 'int_2' }],
  ['tenant', { ...client, tenant: 'ten_2' }],
])('another %s does not get it', async (_, other) => {
  const ciphertext = await protector.encrypt('lks_secret', client);
  await expect(protector.decrypt(ciphertext, other)).rejects.toThrow();
});

it("a user's secret comes back for that user, and for no other, nor for a client of that name", async () => {
  const user = { tenant: 'ten_1', userId: 'usr_1' };
  const ciphertext = await protector.encrypt('totp', user);
  expect(await protector.decrypt(ciphertext, user)).toBe('totp');
  for (const other of [
    { ...user, userId: 'usr_2' },
    { ...user, tenant: 'ten_2' },
    { tenant: 'ten_1', clientId: 'usr_1' },
  ])
    await expect(protector.decrypt(ciphertext, other)).rejects.toThrow();
});
