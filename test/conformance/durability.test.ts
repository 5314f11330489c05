import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { type Credentials, call, requestToken, tokenOf } from './client.ts';
import { start } from './running-deployment.ts';

test('SIGKILL in a stream of creations loses no acknowledged integration and leaves none half made', async () => {
  const first = await start();
  try {
    const admin = await tokenOf(first.outputs, first.outputs.admin);
    const acknowledged = new Map<string, Credentials>();
    let running = true;
    let count = 0;
    const stream = async () => {
      while (running) {
        const name = `Stream ${count++}`;
        const reply = await call('POST', `${first.outputs.admin_url}/integrations`, {
          token: admin,
          body: { name, access: { issues: 'read' } },
        }).catch(() => undefined);
        if (reply === undefined) return;
        if (reply.status === 201) acknowledged.set(name, reply.body);
      }
    };
    const streams = [stream(), stream(), stream(), stream()];
    await sleep(2000);
    await first.stop('SIGKILL');
    running = false;
    await Promise.all(streams);
    expect(acknowledged.size).toBeGreaterThan(5);

    const second = await start({}, first.directory);
    try {
      expect(second.outputs.admin).toEqual(first.outputs.admin);
      const again = await tokenOf(second.outputs, second.outputs.admin);
      const listed = new Map<string, string>();
      let query = '';
      do {
        const { body } = await call('GET', `${second.outputs.admin_url}/integrations?limit=100${query}`, {
          token: again,
        });
        for (const item of body.items) listed.set(item.name, item.client_id);
        query = body.next_cursor ? `&cursor=${body.next_cursor}` : '';
      } while (query !== '');
      for (const [name, credentials] of acknowledged) {
        expect(listed.get(name)).toBe(credentials.client_id);
        expect((await requestToken(second.outputs, credentials)).status).toBe(200);
      }
      for (const [name, clientId] of listed) {
        const details = await call('GET', `${second.outputs.admin_url}/integrations/${clientId}`, { token: again });
        expect(details.status).toBe(200);
        expect(details.body.name).toBe(name);
      }
      for (let number = 0; number < count; number++) {
        if (listed.has(`Stream ${number}`)) continue;
        const retried = await call('POST', `${second.outputs.admin_url}/integrations`, {
          token: again,
          body: { name: `Stream ${number}`, access: { issues: 'read' } },
        });
        expect(retried.status).toBe(201);
      }
    } finally {
      await second.stop();
    }
  } finally {
    await first.stop('SIGKILL');
    rmSync(first.directory, { recursive: true, force: true });
  }
}, 120_000);
