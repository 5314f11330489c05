import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { hasSshd, type SshServer, startSshd } from '../sshd.ts';
import { type Credentials, call, createIntegration, tokenOf } from './client.ts';

const outputs = inject('oneOrigin');

let admin: string;
const manage = (method: string, path: string, body?: unknown) =>
  call(method, `${outputs.admin_url}${path}`, { token: admin, ...(body !== undefined && { body }) });

describe('the commands of docs/ssh.md', () => {
  it('add a key, and ask whose it is', async () => {
    admin = await tokenOf(outputs, outputs.admin);
    const { client_id } = await createIntegration(outputs, admin, ['issues:read']);
    const [adding = '', asking = ''] = [...readFileSync('docs/ssh.md', 'utf8').matchAll(/^```sh\n(.*?)^```$/gms)].map(
      ([, commands = '']) => commands,
    );
    const folder = mkdtempSync(join(tmpdir(), 'latchkey-reader-'));
    const env = { ...process.env, ADMIN_URL: outputs.admin_url, TOKEN: admin, CLIENT_ID: client_id };
    const paste = (commands: string) => execFileSync('sh', ['-ec', commands], { cwd: folder, env, encoding: 'utf8' });
    expect(paste(adding)).toMatch(/"fingerprint":"SHA256:[\w+/]{43}"/);
    expect(paste(asking)).toContain(`"integration":{"client_id":"${client_id}"`);
    rmSync(folder, { recursive: true });
  });
});

describe.runIf(hasSshd())('an sshd whose AuthorizedKeysCommand is the example', () => {
  let server: SshServer;
  let integration: Credentials;
  let key: ReturnType<SshServer['newKey']>;
  beforeAll(async () => {
    admin = await tokenOf(outputs, outputs.admin);
    const own = await createIntegration(outputs, admin, ['integrations:read']);
    server = await startSshd({
      LATCHKEY_TOKEN_ENDPOINT: outputs.token_endpoint,
      LATCHKEY_ADMIN_URL: outputs.admin_url,
      LATCHKEY_CLIENT_ID: own.client_id,
      LATCHKEY_CLIENT_SECRET: own.client_secret,
      LATCHKEY_REQUIRED_RIGHT: 'issues:read',
    });
    integration = await createIntegration(outputs, admin, ['issues:read']);
    key = server.newKey('known', '-t', 'ed25519');
  });
  afterAll(() => server?.stop());

  const whoAmI = (path = key.path) => server.run(path, 'echo $LATCHKEY_CLIENT_ID');
  const add = (to: Credentials, publicKey: string) =>
    manage('POST', `/integrations/${to.client_id}/ssh-keys`, { name: 'laptop', key: publicKey });

  it('refuses a key that nobody has, accepts it once it is added, and refuses it while its integration is disabled', async () => {
    expect(whoAmI().status).toBe(255);
    const added = await add(integration, key.publicKey);
    expect(added.status).toBe(201);
    expect(whoAmI()).toEqual({ status: 0, output: `${integration.client_id}\n` });

    await manage('POST', `/integrations/${integration.client_id}/disable`);
    expect(whoAmI().status).toBe(255);
    await manage('POST', `/integrations/${integration.client_id}/enable`);
    expect(whoAmI().status).toBe(0);

    await manage('DELETE', `/integrations/${integration.client_id}/ssh-keys/${added.body.id}`);
    expect(whoAmI().status).toBe(255);
  });

  it.each([
    ['ecdsa', '256'],
    ['ecdsa', '521'],
    ['rsa', '3072'],
  ])('accepts %s keys of %s bits', async (type, bits) => {
    const other = server.newKey(`${type}-${bits}`, '-t', type, '-b', bits);
    expect((await add(integration, other.publicKey)).status).toBe(201);
    expect(whoAmI(other.path)).toEqual({ status: 0, output: `${integration.client_id}\n` });
  });

  it('refuses the key of an integration that does not hold the right that the server asks for', async () => {
    const without = await createIntegration(outputs, admin, ['users:read']);
    const other = server.newKey('without', '-t', 'ed25519');
    expect((await add(without, other.publicKey)).status).toBe(201);
    expect(whoAmI(other.path).status).toBe(255);
  });

  it('refuses every key once its integration is deleted, and the key is free again', async () => {
    const short = await createIntegration(outputs, admin, ['issues:read']);
    const other = server.newKey('deleted', '-t', 'ed25519');
    expect((await add(short, other.publicKey)).status).toBe(201);
    expect(whoAmI(other.path).status).toBe(0);
    await manage('DELETE', `/integrations/${short.client_id}`);
    expect(whoAmI(other.path).status).toBe(255);
    expect((await add(integration, other.publicKey)).status).toBe(201);
  });
});
