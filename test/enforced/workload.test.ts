import { CfnOutput, Stack } from 'aws-cdk-lib';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AppIntegration } from '../../lib/constructs/app-integration.ts';
import { IntegrationCredentials } from '../../lib/constructs/integration-credentials.ts';
import { LatchkeyDeployment } from '../../lib/constructs/latchkey-deployment.ts';
import { LatchkeyApp } from '../../lib/latchkey-app.ts';
import { stage } from '../../lib/stage.ts';
import { type RunningApp, startApp } from '../../local/app.ts';
import { type LocalOutputs, latchkeyOutputs } from '../../local/outputs.ts';
import type { RightName } from '../../src/api/rights.ts';
import { temporaryFolder } from './enforced-run.ts';

interface WorkloadOptions {
  readonly name?: string;
  readonly rights?: readonly RightName[];
}

/** Latchkey, and a stack of another team whose workload uses an integration. */
function assembled({ name = 'Orders workload', rights = ['issues:read'] }: WorkloadOptions = {}): string {
  const outdir = temporaryFolder();
  const app = new LatchkeyApp(stage(), { validate: false, outdir });
  const workload = new Stack(app, 'Workload');
  workload.addDependency(app.admin);
  const deployment = LatchkeyDeployment.fromParameters(workload, 'Latchkey');
  const manager = Secret.fromSecretAttributes(workload, 'Manager', {
    secretCompleteArn: app.data.bootstrapSecret.secretArn,
    encryptionKey: app.data.secretProtection.key,
  });
  const credentials = new IntegrationCredentials(workload, 'Credentials', { deployment, manager });
  const integration = new AppIntegration(workload, 'Integration', { deployment, manager, credentials, name, rights });
  new CfnOutput(workload, 'WorkloadClientId', { value: integration.clientId });
  new CfnOutput(workload, 'WorkloadSecretArn', { value: credentials.secret.secretArn });
  app.synth();
  return outdir;
}

interface Credentials {
  readonly client_id: string;
  readonly client_secret: string;
  readonly token_endpoint: string;
}

const printed: string[] = [];
const dataDirectory = temporaryFolder();
let app: RunningApp;
let latchkey: LocalOutputs;

async function start(options: WorkloadOptions = {}): Promise<void> {
  const assemblyDirectory = assembled(options);
  const log = (line: string) => void printed.push(line);
  app = await startApp({ port: 0, dataDirectory, assemblyDirectory, origins: 'one', log });
  latchkey = await latchkeyOutputs(app.outputs, app.secretText);
}

beforeAll(() => start());
afterAll(() => app.close());

const clientId = () => app.outputs.WorkloadClientId ?? '';
const secretArn = () => app.outputs.WorkloadSecretArn ?? '';
const kept = async (): Promise<Credentials> => JSON.parse(await app.secretText(secretArn()));

async function tokenFor({ client_id, client_secret }: Pick<Credentials, 'client_id' | 'client_secret'>) {
  const answer = await fetch(latchkey.token_endpoint, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${client_id}:${client_secret}`).toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
  });
  const { access_token } = (await answer.json()) as { access_token?: string };
  return { status: answer.status, token: access_token };
}

async function administer(method: string, path: string) {
  const { token } = await tokenFor(latchkey.admin);
  const answer = await fetch(`${latchkey.admin_url}${path}`, { method, headers: { authorization: `Bearer ${token}` } });
  const text = await answer.text();
  return { status: answer.status, body: text === '' ? undefined : JSON.parse(text) };
}

const secretsOf = async (id: string) =>
  (await administer('GET', `/integrations/${id}/secrets`)).body.items as unknown[];

describe('a workload of another stack', () => {
  test('has an integration made by its deployment, whose credentials are in its secret and nowhere else', async () => {
    const credentials = await kept();
    expect(credentials).toEqual({
      tenant: latchkey.tenant,
      client_id: clientId(),
      client_secret: expect.stringMatching(/^lks_/),
      token_endpoint: latchkey.token_endpoint,
    });
    expect((await tokenFor(credentials)).status).toBe(200);
    const { body } = await administer('GET', `/integrations/${clientId()}`);
    expect(body).toMatchObject({
      name: 'Orders workload',
      owner: latchkey.admin.client_id,
      rights: [{ right: 'issues:read', context: 'global', state: 'granted' }],
    });
    expect(JSON.stringify([app.outputs, printed])).not.toContain(credentials.client_secret);
  });

  test('has its secret rotated: the former works within the overlap, the new one at once', async () => {
    const before = await kept();
    expect(await app.rotateSecret(secretArn())).toBeUndefined();
    const after = await kept();
    expect(after.client_secret).not.toBe(before.client_secret);
    expect((await tokenFor(before)).status).toBe(200);
    expect((await tokenFor(after)).status).toBe(200);
    expect(await secretsOf(clientId())).toEqual([
      expect.objectContaining({ expires_at: expect.any(String) }),
      expect.objectContaining({ expires_at: null }),
    ]);
  });

  test('rotated again within the overlap, has two live secrets and no more', async () => {
    const before = await kept();
    expect(await app.rotateSecret(secretArn())).toBeUndefined();
    expect((await tokenFor(before)).status).toBe(200);
    expect((await tokenFor(await kept())).status).toBe(200);
    expect(await secretsOf(clientId())).toHaveLength(2);
  });

  test.each([
    ['before its version is written', 'PutSecretValue', 'drop'],
    ['after its version was written', 'PutSecretValue', 'drop-after-call'],
    ['before the version becomes current', 'UpdateSecretVersionStage', 'drop'],
    ['after the version became current', 'UpdateSecretVersionStage', 'drop-after-call'],
  ] as const)(
    'whose rotation is cut off %s goes on working, and is rotated by the next try',
    async (_, operation, answer) => {
      const before = await kept();
      app.endpoint.faults.add({ service: 'secretsmanager', operation, times: 3, answer });
      const failure = await app.rotateSecret(secretArn());
      app.endpoint.faults.clear();
      expect((await tokenFor(await kept())).status).toBe(200);
      expect(await app.rotateSecret(secretArn())).toBeUndefined();
      const after = await kept();
      expect(after.client_secret).not.toBe(before.client_secret);
      expect((await tokenFor(after)).status).toBe(200);
      expect((await secretsOf(clientId())).length).toBeLessThanOrEqual(2);
      if (answer === 'drop') expect(failure).toContain('rotation');
    },
  );

  test('uses each permission that its functions hold, and lacks none', () => {
    const functions = app.principals.filter(({ functionName }) => functionName.startsWith('Workload-'));
    expect(functions).toHaveLength(2);
    expect(printed.filter((line) => line.includes(' may not '))).toEqual([]);
    for (const { roleArn, policies } of functions) {
      const exercised = app.endpoint.exercised().filter((each) => each.roleArn === roleArn);
      const held = policies.flatMap(({ Statement }) => Statement.flatMap(({ Action }) => Action ?? []));
      const used = new Set(exercised.map(({ action }) => action));
      expect(held.filter((action) => !/^(?:logs|xray):/.test(action) && !used.has(action))).toEqual([]);
    }
  });

  test('deployed again as it is, or with another name, keeps its integration and its credentials', async () => {
    const [id, credentials] = [clientId(), await kept()];
    await app.close();
    await start();
    expect(clientId()).toBe(id);
    await app.close();
    await start({ name: 'Orders', rights: ['issues:read', 'issues:write'] });
    expect(clientId()).toBe(id);
    expect(await kept()).toEqual(credentials);
    expect((await administer('GET', `/integrations/${id}`)).body).toMatchObject({
      name: 'Orders',
      rights: [{ right: 'issues:read' }, { right: 'issues:write' }],
    });
  });

  test('whose integration somebody deleted gets another one by the next deployment', async () => {
    const id = clientId();
    expect((await administer('DELETE', `/integrations/${id}`)).status).toBe(204);
    await app.close();
    await start({ name: 'Orders' });
    expect(clientId()).not.toBe(id);
    expect((await tokenFor(await kept())).status).toBe(200);
  });
});
