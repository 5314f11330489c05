import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';

const project = fileURLToPath(new URL('../..', import.meta.url));
const data = mkdtempSync(join(tmpdir(), 'latchkey-main-'));
const children: ChildProcess[] = [];
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(data, { recursive: true, force: true });
});

interface Run {
  readonly child: ChildProcess;
  output(): string;
  readonly ready: Promise<void>;
  readonly ended: Promise<number | null>;
}

function start(environment: NodeJS.ProcessEnv): Run {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', 'local/main.ts'], {
    cwd: project,
    env: { ...process.env, PORT: '0', LATCHKEY_DATA: data, ...environment },
  });
  children.push(child);
  let output = '';
  let announce: (() => void) | undefined;
  const ready = new Promise<void>((resolve) => {
    announce = resolve;
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      if (output.includes('Latchkey is ready')) announce?.();
    });
  }
  return { child, output: () => output, ready, ended: new Promise((resolve) => child.once('exit', resolve)) };
}

describe('npm start', () => {
  test('serves Latchkey, writes its outputs for the owner only, and stops cleanly; data and credentials last', {
    timeout: 90_000,
  }, async () => {
    const first = start({});
    await Promise.race([first.ready, first.ended]);
    const file = join(data, 'outputs.json');
    const outputs = JSON.parse(readFileSync(file, 'utf8'));
    expect(outputs).toEqual({
      issuer: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/auth$/),
      token_endpoint: `${outputs.issuer}/oauth2/token`,
      admin_url: outputs.issuer.replace(/auth$/, 'admin/v1'),
      api_url: outputs.issuer.replace(/auth$/, 'api/v1'),
      tenant: expect.stringMatching(/^ten_/),
      admin: { client_id: expect.stringMatching(/^int_/), client_secret: expect.stringMatching(/^lks_/) },
    });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(data).mode & 0o777).toBe(0o700);
    expect(first.output()).not.toContain(outputs.admin.client_secret);
    for (const metadata of ['/auth/.well-known/openid-configuration', '/.well-known/oauth-authorization-server/auth']) {
      expect(await (await fetch(new URL(metadata, outputs.issuer))).json()).toMatchObject({ issuer: outputs.issuer });
    }

    const second = start({});
    expect(await second.ended).toBe(1);
    expect(second.output().trim()).toMatch(/^latchkey: .*in use.*$/);

    first.child.kill('SIGTERM');
    expect(await first.ended).toBe(0);

    const again = start({});
    await Promise.race([again.ready, again.ended]);
    const later = JSON.parse(readFileSync(file, 'utf8'));
    expect([later.tenant, later.admin]).toEqual([outputs.tenant, outputs.admin]);
    const { client_id: id, client_secret: secret } = outputs.admin;
    const token = await fetch(later.token_endpoint, {
      method: 'POST',
      headers: {
        authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`,
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: 'grant_type=client_credentials',
    });
    expect(token.status).toBe(200);
    again.child.kill('SIGINT');
    expect(await again.ended).toBe(0);
  });

  test.each([
    [{ PORT: 'http' }, 'PORT is http; it must be a port number, or 0 for a free one'],
    [{ LATCHKEY_STORE: 'cloud' }, 'LATCHKEY_STORE is cloud; it may be disk or memory'],
    [{ LATCHKEY_ORIGINS: 'two' }, 'LATCHKEY_ORIGINS is two; it may be one or separate'],
  ])('with %j ends with one line and status 1', async (environment, message) => {
    const run = start(environment);
    expect(await run.ended).toBe(1);
    expect(run.output().trim()).toBe(`latchkey: ${message}`);
  });
});
