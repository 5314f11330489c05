import { beforeEach, describe, expect, test } from 'vitest';
import { ManagerRefused } from '../../../src/deployment/admin-api.ts';
import {
  type AppIntegrationPorts,
  changeAppIntegration,
  createAppIntegration,
  type DeclaredIntegration,
  deleteAppIntegration,
} from '../../../src/deployment/app-integration.ts';
import { adminApiUnderTest, cutOff, secretUnderTest, tenant } from './kept-integrations.ts';

const tokenEndpoint = 'https://id.example/auth/oauth2/token';
const by = { stackId: 'arn:aws:cloudformation:eu-west-1:111122223333:stack/Orders/1', logicalId: 'Integration' };
const orders: DeclaredIntegration = {
  name: 'Orders',
  description: 'Takes orders',
  rights: ['issues:read'],
  grant_types: ['client_credentials'],
  redirect_uris: [],
};

let admin: ReturnType<typeof adminApiUnderTest>;
let secret: ReturnType<typeof secretUnderTest>;
let ports: AppIntegrationPorts;
beforeEach(() => {
  admin = adminApiUnderTest();
  secret = secretUnderTest();
  ports = { api: admin.api, versions: secret.port, tokenEndpoint, overlapSeconds: 3600 };
});

const existing = () => [...admin.integrations.values()];
const worksFor = async (clientId: string) => {
  const credentials = await secret.current();
  expect(credentials).toMatchObject({ tenant, client_id: clientId, token_endpoint: tokenEndpoint });
  return admin.authenticates(credentials);
};

describe('a creation', () => {
  test('makes one integration, which says what keeps it, and leaves its credentials in the secret', async () => {
    const clientId = await createAppIntegration(ports, orders, by);
    expect(existing()).toEqual([
      expect.objectContaining({ client_id: clientId, name: 'Orders', rights: ['issues:read'] }),
    ]);
    expect(existing()[0]?.description).toBe(`Takes orders\nKept by CloudFormation: Integration of ${by.stackId}`);
    expect(await worksFor(clientId)).toBe(true);
  });

  test('repeated makes no second one, and leaves the credentials', async () => {
    const first = await createAppIntegration(ports, orders, by);
    const credentials = await secret.current();
    expect(await createAppIntegration(ports, orders, by)).toBe(first);
    expect(existing()).toHaveLength(1);
    expect(await secret.current()).toEqual(credentials);
  });

  test.each([
    [0, 'before'],
    [0, 'after'],
    [1, 'before'],
    [1, 'after'],
  ] as const)(
    'cut off at its call %i, %s it, and repeated: one integration, whose credentials work',
    async (at, when) => {
      const { watch } = cutOff(at, when);
      const versions = { ...secret.port, write: watch(secret.port.write) };
      await expect(createAppIntegration({ ...ports, versions, api: watch(admin.api) }, orders, by)).rejects.toThrow();
      const clientId = await createAppIntegration(ports, orders, by);
      expect(existing()).toHaveLength(1);
      expect(await worksFor(clientId)).toBe(true);
    },
  );

  test.each([
    ['made by hand', undefined],
    ['of another stack', `Kept by CloudFormation: Integration of ${by.stackId}2`],
    ['of another resource', `Kept by CloudFormation: Other of ${by.stackId}`],
    [
      'whose description quotes the mark before its end',
      `Kept by CloudFormation: Integration of ${by.stackId}\nnot so`,
    ],
  ])('does not take over an integration of that name %s', async (_, description) => {
    await admin.api('POST', '/integrations', { ...orders, description });
    await expect(createAppIntegration(ports, orders, by)).rejects.toThrow('409; The name is taken.');
    expect(await secret.current()).toBeNull();
  });
});

describe('a change', () => {
  test('gives the integration what is declared now, under the same client id', async () => {
    const clientId = await createAppIntegration(ports, orders, by);
    const changed = { ...orders, name: 'Orders 2', rights: ['issues:write'] };
    expect(await changeAppIntegration(ports, clientId, changed, by)).toBe(clientId);
    expect(existing()).toEqual([expect.objectContaining({ name: 'Orders 2', rights: ['issues:write'] })]);
  });

  test('makes another where the integration is gone', async () => {
    const clientId = await createAppIntegration(ports, orders, by);
    await admin.api('DELETE', `/integrations/${clientId}`);
    const next = await changeAppIntegration(ports, clientId, orders, by);
    expect(next).not.toBe(clientId);
    expect(await worksFor(next)).toBe(true);
  });

  test('of the secret’s place fills the new secret, while the former credentials go on working', async () => {
    const clientId = await createAppIntegration(ports, orders, by);
    const former = await secret.current();
    secret = secretUnderTest();
    await changeAppIntegration({ ...ports, versions: secret.port }, clientId, orders, by);
    expect(await worksFor(clientId)).toBe(true);
    expect(await admin.authenticates(former)).toBe(true);
  });

  test('to a name that is taken is refused, and changes nothing', async () => {
    const clientId = await createAppIntegration(ports, orders, by);
    await admin.api('POST', '/integrations', { ...orders, name: 'Taken' });
    await expect(changeAppIntegration(ports, clientId, { ...orders, name: 'Taken' }, by)).rejects.toThrow('409');
    expect(admin.integrations.get(clientId)?.name).toBe('Orders');
  });
});

describe('a deletion', () => {
  test('removes the integration, and succeeds again when it is gone', async () => {
    const clientId = await createAppIntegration(ports, orders, by);
    await deleteAppIntegration(ports, clientId, orders.name, by);
    expect(existing()).toEqual([]);
    await deleteAppIntegration(ports, clientId, orders.name, by);
  });

  test('after a creation that failed removes what it left, and nothing of another’s', async () => {
    await createAppIntegration(ports, orders, by);
    await deleteAppIntegration(ports, 'failed-1', orders.name, { ...by, logicalId: 'Other' });
    expect(existing()).toHaveLength(1);
    await deleteAppIntegration(ports, 'failed-1', orders.name, by);
    expect(existing()).toEqual([]);
  });

  test('after a creation for which the manager had no credentials has nothing to do; of an integration it fails', async () => {
    const clientId = await createAppIntegration(ports, orders, by);
    const api = async () => {
      throw new ManagerRefused('401');
    };
    await deleteAppIntegration({ api }, 'failed-1', orders.name, by);
    await expect(deleteAppIntegration({ api }, clientId, orders.name, by)).rejects.toThrow('401');
  });

  test('that the API refuses fails', async () => {
    const clientId = await createAppIntegration(ports, orders, by);
    const api = async () => ({ status: 403, body: { detail: 'No.' } });
    await expect(deleteAppIntegration({ api }, clientId, orders.name, by)).rejects.toThrow('403; No.');
  });
});
