import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newSshPublicKey } from '../ssh-public-key.ts';

const script = join(import.meta.dirname, '../../examples/ssh/authorized-keys');
const fingerprint = 'SHA256:+/34567890123456789012345678901234567890123';
const key = newSshPublicKey().line.split(' ').slice(0, 2).join(' ');
const clientId = 'int_0123456789012345678901234567890123456789';
const owner = {
  id: 'ssh_1',
  name: '"key":"ssh-rsa AAAA","client_id":"int_another"',
  key,
  integration: { client_id: clientId, name: 'Sync', status: 'active' },
  rights: [
    { right: 'issues:read', context: 'global' },
    { right: 'issues:write', context: { project: 'PRJ' } },
  ],
};

let folder: string;
let server: Server;
let asked: string[];
let answers: { token: [number, unknown]; lookup: [number, unknown][] };
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-ssh-'));
  asked = [];
  answers = { token: [200, { access_token: 'token', token_type: 'Bearer', expires_in: 3600 }], lookup: [[200, owner]] };
  server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url} ${request.headers.authorization}`);
    const [status, body] =
      request.url === '/token'
        ? answers.token
        : ((answers.lookup.length > 1 ? answers.lookup.shift() : answers.lookup[0]) ?? [500, '']);
    response.writeHead(status).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  configure();
});
afterEach(async () => {
  rmSync(folder, { recursive: true });
  await new Promise((resolve) => server.close(resolve));
});

function configure(members: Readonly<Record<string, string>> = {}): void {
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const settings = {
    LATCHKEY_TOKEN_ENDPOINT: `${origin}/token`,
    LATCHKEY_ADMIN_URL: `${origin}/admin/v1`,
    LATCHKEY_CLIENT_ID: 'int_server',
    LATCHKEY_CLIENT_SECRET: 'lks_secret',
    LATCHKEY_TOKEN_FILE: join(folder, 'token'),
    ...members,
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name}='${value}'\n`);
  writeFileSync(join(folder, 'configuration'), lines.join(''));
}

/** Runs the command as sshd does: with arguments, and nothing in its environment that it could rely on. */
const run = (argument = fingerprint): Promise<{ status: number; output: string; errors: string }> =>
  new Promise((resolve) => {
    execFile(script, [join(folder, 'configuration'), argument], { env: {} }, (error, output, errors) =>
      resolve({ status: Number(error?.code ?? 0), output, errors }),
    );
  });

const accepted = `restrict,environment="LATCHKEY_CLIENT_ID=${clientId}" ${key}\n`;
const basic = `Basic ${Buffer.from('int_server:lks_secret').toString('base64')}`;
const tokenRequest = `POST /token ${basic}`;
const lookup = `GET /admin/v1/ssh-keys/${fingerprint.replace('+/', '-_')} Bearer token`;

describe('the command that sshd asks', () => {
  it("prints the line of a key, with the integration's id; whatever people wrote into names is not read", async () => {
    expect(await run()).toEqual({ status: 0, output: accepted, errors: '' });
    expect(asked).toEqual([tokenRequest, lookup]);
  });

  it('prints nothing for a key that no integration has', async () => {
    answers.lookup = [[404, {}]];
    expect(await run()).toEqual({ status: 0, output: '', errors: '' });
  });

  it('keeps its token for its own user alone, and asks for another once it is over or dead', async () => {
    await run();
    await run();
    expect(asked).toEqual([tokenRequest, lookup, lookup]);
    expect(statSync(join(folder, 'token')).mode & 0o777).toBe(0o600);

    answers.lookup = [
      [401, {}],
      [200, owner],
    ];
    expect((await run()).output).toBe(accepted);
    expect(asked.slice(3)).toEqual([lookup, tokenRequest, lookup]);

    writeFileSync(join(folder, 'token'), `${Math.floor(Date.now() / 1000) - 1} token\n`);
    await run();
    expect(asked.slice(6)).toEqual([tokenRequest, lookup]);
    writeFileSync(join(folder, 'token'), '');
    await run();
    expect(asked.slice(8)).toEqual([tokenRequest, lookup]);
  });

  it('prints a line only where the integration holds the right that is required, in the global context', async () => {
    configure({ LATCHKEY_REQUIRED_RIGHT: 'issues:read', LATCHKEY_KEY_OPTIONS: 'restrict,pty' });
    expect((await run()).output).toBe(accepted.replace('restrict', 'restrict,pty'));
    configure({ LATCHKEY_REQUIRED_RIGHT: 'issues:write' });
    expect(await run()).toEqual({ status: 0, output: '', errors: '' });
  });

  it.each([
    ['no token is given', () => ({ token: [401, { error: 'invalid_client' }] })],
    ['the lookup fails', () => ({ lookup: [[503, {}]] })],
    ['a fresh token is refused', () => ({ lookup: [[401, {}]] })],
    ['the right to look up is missing', () => ({ lookup: [[403, {}]] })],
    ['the answer holds something else', () => ({ lookup: [[200, { ...owner, key: 'ssh-ed25519 $(id)' }]] })],
  ])('fails where %s', async (_, change) => {
    Object.assign(answers, change());
    const { status, output, errors } = await run();
    expect({ status, output }).toEqual({ status: 1, output: '' });
    expect(errors).toMatch(/^latchkey: /);
    expect(errors).not.toMatch(/lks_|token'/);
  });

  it('fails where nobody listens', async () => {
    configure({ LATCHKEY_TOKEN_ENDPOINT: 'http://127.0.0.1:1/token' });
    expect(await run()).toMatchObject({ status: 1, output: '' });
  });

  it.each(['', 'SHA256:', 'MD5:00:11', 'S/../../integrations', 'SHA256:a/../b?c', 'SHA256:"'])(
    'asks nothing where the argument is no fingerprint: %j',
    async (argument) => {
      expect(await run(argument)).toMatchObject({ status: 1, output: '' });
      expect(asked).toEqual([]);
    },
  );
});
