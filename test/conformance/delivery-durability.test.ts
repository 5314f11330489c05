import { rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { call, tokenOf } from './client.ts';
import { start } from './running-deployment.ts';

/**
 * The latest that the last event comes, in milliseconds: killed in the middle of a run, the process leaves the queue's
 * lease behind, which ends after 90 s; then it is the turn of the next full minute's run; the rest is for the start.
 */
const latest = 90_000 + 60_000 + 50_000;

interface Told {
  readonly id: string;
  readonly type: string;
}

test('SIGKILL between a change and its delivery loses no event, and keeps their order', {
  timeout: latest + 160_000,
}, async () => {
  const told: Told[] = [];
  const receiver = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    told.push(JSON.parse(Buffer.concat(chunks).toString()));
    response.writeHead(204).end();
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  const uri = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/events`;
  const first = await start();
  try {
    const admin = async (method: string, path: string, body?: object) => {
      const token = await tokenOf(first.outputs, first.outputs.admin);
      return call(method, `${first.outputs.admin_url}${path}`, { token, ...(body && { body }) });
    };
    const { body: app } = await admin('POST', '/integrations', { name: 'Told', rights: ['issues:read'] });
    const path = `/integrations/${app.client_id}`;
    expect((await admin('PUT', `${path}/endpoint`, { uri, verification: 'signing_key' })).status).toBeLessThan(300);
    const changes = ['disable', 'enable', 'disable', 'enable', 'disable'];
    for (const change of changes) expect((await admin('POST', `${path}/${change}`)).status).toBe(200);
    // The last changes are committed, and told of a quarter of a second later at the earliest.
    await first.stop('SIGKILL');
    const second = await start({}, first.directory);
    try {
      const expected = changes.map((change) => `integration.${change}d`);
      const seen = () => [...new Map(told.map((event) => [event.id, event])).values()];
      await expect
        .poll(() => seen().length, { timeout: latest, interval: 500 })
        .toBeGreaterThanOrEqual(expected.length);
      expect(seen().map(({ type }) => type)).toEqual(expected);
    } finally {
      await second.stop();
    }
  } finally {
    await first.stop('SIGKILL');
    rmSync(first.directory, { recursive: true, force: true });
    receiver.close();
  }
});
