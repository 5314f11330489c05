import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, describe, expect, test } from 'vitest';
import type { LocalOutputs } from '../../local/outputs.ts';
import { requestToken, type StartedProcess, startProcess } from './started-process.ts';

const data = mkdtempSync(join(tmpdir(), 'latchkey-main-'));
const started: StartedProcess[] = [];
afterAll(() => {
  for (const { child } of started) child.kill('SIGKILL');
  rmSync(data, { recursive: true, force: true });
});

function start(environment: NodeJS.ProcessEnv = {}, folder = data): StartedProcess {
  const run = startProcess(folder, environment);
  started.push(run);
  return run;
}

interface Created {
  readonly client_id: string;
  readonly client_secret: string;
  readonly name: string;
}

async function accessToken(endpoint: string, { client_id: id, client_secret: secret }: LocalOutputs['admin']) {
  return ((await (await requestToken(endpoint, id, secret)).json()) as { access_token: string }).access_token;
}

describe('npm start', () => {
  test('serves Latchkey, writes its outputs for the owner only, and stops cleanly; data and credentials last', {
    timeout: 90_000,
  }, async () => {
    const first = start();
    await first.settled;
    const outputs = first.outputs();
    expect(outputs).toEqual({
      issuer: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/auth$/),
      token_endpoint: `${outputs.issuer}/oauth2/token`,
      admin_url: outputs.issuer.replace(/auth$/, 'admin/v1'),
      api_url: outputs.issuer.replace(/auth$/, 'api/v1'),
      tenant: expect.stringMatching(/^ten_/),
      admin: { client_id: expect.stringMatching(/^int_/), client_secret: expect.stringMatching(/^lks_/) },
      project: 'DEMO',
      users: Object.fromEntries(
        ['administrator', 'developer', 'project_administrator', 'member'].map((role) => [
          role,
          { username: expect.stringMatching(/^\w+$/), password: expect.stringMatching(/^.{20}$/) },
        ]),
      ),
    });
    expect(statSync(join(data, 'outputs.json')).mode & 0o777).toBe(0o600);
    expect(statSync(data).mode & 0o777).toBe(0o700);
    expect(first.output()).not.toContain(outputs.admin.client_secret);
    for (const metadata of ['/auth/.well-known/openid-configuration', '/.well-known/oauth-authorization-server/auth']) {
      expect(await (await fetch(new URL(metadata, outputs.issuer))).json()).toMatchObject({ issuer: outputs.issuer });
    }

    const second = start();
    expect(await second.ended).toBe(1);
    expect(second.output().trim()).toMatch(/^latchkey: .*in use.*$/);

    first.child.kill('SIGTERM');
    expect(await first.ended).toBe(0);

    const again = start();
    await again.settled;
    const later = again.outputs();
    const lasting = ({ tenant, admin, users, project }: typeof outputs) => ({ tenant, admin, users, project });
    expect(lasting(later)).toEqual(lasting(outputs));
    expect(again.output()).not.toContain(outputs.users.member.password);
    const token = await requestToken(later.token_endpoint, outputs.admin.client_id, outputs.admin.client_secret);
    expect(token.status).toBe(200);
    again.child.kill('SIGINT');
    expect(await again.ended).toBe(0);
  });

  test.each(['SIGTERM', 'SIGINT'] as const)(
    'stopped by %s while it starts, ends soon, and is never ready',
    {
      timeout: 30_000,
    },
    async (signal) => {
      const folder = mkdtempSync(join(data, 'stopped-'));
      const temporary = mkdtempSync(join(data, 'temporary-'));
      const run = start({ TMPDIR: temporary }, folder);
      // The synthesis is under way.
      while (!readdirSync(temporary, { recursive: true }).some((name) => String(name).includes('assembly-'))) {
        await delay(20);
      }
      const asked = performance.now();
      run.child.kill(signal);
      expect(await run.ended).toBe(0);
      expect(performance.now() - asked).toBeLessThan(1000);
      expect(run.output()).toBe('');
      expect(existsSync(join(folder, 'outputs.json'))).toBe(false);
      expect(readdirSync(temporary)).toEqual([]);
    },
  );

  test('killed amid creations loses none that it acknowledged, and leaves none half made', {
    timeout: 90_000,
  }, async () => {
    const folder = mkdtempSync(join(data, 'killed-'));
    const first = start({}, folder);
    await first.settled;
    const { admin, token_endpoint: endpoint, admin_url: adminUrl } = first.outputs();
    const token = await accessToken(endpoint, admin);
    const acknowledged: Created[] = [];
    let next = 0;
    const create = async (): Promise<void> => {
      for (;;) {
        const got = await fetch(`${adminUrl}/integrations`, {
          method: 'POST',
          headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
          body: JSON.stringify({ name: `Stream ${next++}`, access: { issues: 'read' } }),
        });
        expect(got.status).toBe(201);
        acknowledged.push((await got.json()) as Created);
        if (acknowledged.length === 40) first.child.kill('SIGKILL');
      }
    };
    // Each stream ends with the connection that the killed process tears down.
    await Promise.allSettled([create(), create(), create(), create()]);
    await first.ended;
    expect(acknowledged.length).toBeGreaterThanOrEqual(40);

    const again = start({}, folder);
    await again.settled;
    const later = again.outputs();
    for (const { client_id: id, client_secret: secret } of acknowledged) {
      expect((await requestToken(later.token_endpoint, id, secret)).status).toBe(200);
    }
    const renewed = await accessToken(later.token_endpoint, admin);
    const headers = { authorization: `Bearer ${renewed}`, 'content-type': 'application/json' };
    const listed = await fetch(`${later.admin_url}/integrations?limit=100`, { headers });
    const { items } = (await listed.json()) as { items: Created[] };
    const names = new Map(items.map((item) => [item.name, item.client_id]));
    // A name is reserved exactly where its integration is there, whole.
    for (let number = 0; number < next; number++) {
      const name = `Stream ${number}`;
      const id = names.get(name);
      if (id === undefined) {
        const body = JSON.stringify({ name, access: { issues: 'read' } });
        expect((await fetch(`${later.admin_url}/integrations`, { method: 'POST', headers, body })).status).toBe(201);
      } else {
        const details = await (await fetch(`${later.admin_url}/integrations/${id}`, { headers })).json();
        expect(details).toMatchObject({ name, status: 'active', rights: [{ right: 'issues:read', state: 'granted' }] });
      }
    }
    again.child.kill('SIGTERM');
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
