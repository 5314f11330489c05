import { beforeEach, describe, expect, test } from 'vitest';
import { type RotationPorts, type RotationStep, rotate } from '../../../src/deployment/credential-rotation.ts';
import { credentialsText } from '../../../src/deployment/workload-credentials.ts';
import { adminApiUnderTest, cutOff, secretUnderTest, tenant } from './kept-integrations.ts';

const steps: readonly RotationStep[] = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'];
const tokenEndpoint = 'https://id.example/auth/oauth2/token';

let admin: ReturnType<typeof adminApiUnderTest>;
let secret: ReturnType<typeof secretUnderTest>;
let ports: RotationPorts;
let clientId: string;
beforeEach(async () => {
  admin = adminApiUnderTest();
  secret = secretUnderTest();
  const { api, authenticates } = admin;
  ports = { versions: secret.port, api, authenticates, tokenEndpoint, overlapSeconds: 3600 };
  const made = (await api('POST', '/integrations', { name: 'Orders', rights: [] })).body;
  const { client_id, client_secret } = made as { client_id: string; client_secret: string };
  clientId = client_id;
  await secret.port.write(
    credentialsText({ note: 'kept' }, { clientId, clientSecret: client_secret, tokenEndpoint }),
    'AWSCURRENT',
  );
});

/** One attempt of Secrets Manager, which ends at the first step that fails. */
async function attempt(given: RotationPorts = ports): Promise<void> {
  const version = secret.begin();
  for (const step of steps) await rotate(given, step, version);
}

const secretsOf = () => admin.integrations.get(clientId)?.secrets ?? [];
const works = async (credentials: Promise<never>) => admin.authenticates(await credentials);

describe('a rotation', () => {
  test('ends with a new secret that works, while the former one works for the overlap', async () => {
    const before = await secret.current();
    await attempt();
    const after = await secret.current();
    expect(after).toEqual({
      note: 'kept',
      tenant,
      client_id: clientId,
      client_secret: expect.any(String),
      token_endpoint: tokenEndpoint,
    });
    expect(after.client_secret).not.toBe(before.client_secret);
    expect(await secret.previous()).toEqual(before);
    expect(await admin.authenticates(before)).toBe(true);
    expect(await admin.authenticates(after)).toBe(true);
    expect(secretsOf().map(({ expires_at }) => expires_at)).toEqual(['tomorrow', null]);
  });

  test('repeated, step by step and as a whole, changes nothing more', async () => {
    const version = secret.begin();
    for (const step of steps) {
      await rotate(ports, step, version);
      await rotate(ports, step, version);
    }
    const after = await secret.current();
    for (const step of steps) await rotate(ports, step, version);
    expect(await secret.current()).toEqual(after);
    expect(secretsOf()).toHaveLength(2);
  });

  test.each(Array.from({ length: 24 }, (_, n) => [Math.floor(n / 2), n % 2 === 0 ? 'before' : 'after'] as const))(
    'cut off at its call %i, %s it: the current secret works, and further tries end it',
    async (at, when) => {
      const before = await secret.current();
      const { watch } = cutOff(at, when);
      const { stages, read, write, moveStage } = ports.versions;
      const versions = { stages: watch(stages), read: watch(read), write: watch(write), moveStage: watch(moveStage) };
      const cut = { ...ports, versions, api: watch(ports.api), authenticates: watch(ports.authenticates) };
      await attempt(cut).catch(() => undefined);
      expect(await works(secret.current() as Promise<never>)).toBe(true);
      expect(secretsOf().length).toBeLessThanOrEqual(2);
      await attempt().catch(() => attempt());
      const after = await secret.current();
      expect(after.client_secret).not.toBe(before.client_secret);
      expect(await admin.authenticates(after)).toBe(true);
      expect(secretsOf().length).toBeLessThanOrEqual(2);
    },
  );

  test('ten times at once leaves a current secret that works, and two live ones at most', async () => {
    const version = secret.begin();
    await Promise.allSettled(Array.from({ length: 10 }, () => rotate(ports, 'createSecret', version)));
    for (const step of steps) await rotate(ports, step, version).catch(() => undefined);
    expect(await works(secret.current() as Promise<never>)).toBe(true);
    await attempt().catch(() => attempt());
    expect(await works(secret.current() as Promise<never>)).toBe(true);
    expect(secretsOf().length).toBeLessThanOrEqual(2);
  });

  test('whose new secret is refused leaves the current one, and is begun anew', async () => {
    const before = await secret.current();
    const refusing = { ...ports, authenticates: async () => false };
    await expect(attempt(refusing)).rejects.toThrow('refuses the new secret');
    expect(await secret.current()).toEqual(before);
    await attempt();
    expect(await works(secret.current() as Promise<never>)).toBe(true);
  });

  test('within the overlap of the one before ends that one: a third live secret is never asked for', async () => {
    await attempt();
    const between = await secret.current();
    await attempt();
    expect(await admin.authenticates(between)).toBe(true);
    expect(await works(secret.current() as Promise<never>)).toBe(true);
    expect(secretsOf()).toHaveLength(2);
  });
});

describe('a step is refused', () => {
  test('of a version that is not being made', async () => {
    await expect(rotate(ports, 'createSecret', 'unknown')).rejects.toThrow('AWSPENDING');
  });

  test('where the secret holds no credentials, and says nothing of what it holds', async () => {
    await secret.port.write('{"client_id":"hidden"}', 'AWSCURRENT');
    await expect(attempt()).rejects.toThrow(/^the secret does not hold client_id and client_secret/);
  });

  test('where the manager may not do it, in the words of the API', async () => {
    const api = async () => ({ status: 403, body: { detail: 'No.', missing_rights: ['issues:read'] } });
    await expect(attempt({ ...ports, api })).rejects.toThrow(/403; No\.; missing rights: issues:read$/);
  });

  test('that ends a rotation, before one began it', async () => {
    await expect(rotate(ports, 'finishSecret', secret.begin())).rejects.toThrow('no value');
  });

  test('not where Secrets Manager tries the function with a version without a value', async () => {
    await rotate(ports, 'testSecret', secret.begin());
  });
});
