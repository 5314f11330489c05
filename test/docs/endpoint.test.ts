import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const text = readFileSync(join(root, 'docs/endpoint.md'), 'utf8');

/** The one block of the document in a language. */
function block(language: string): string {
  const found = [...text.matchAll(/```(\w+)\n([\s\S]*?)```/g)].filter(([, name]) => name === language);
  expect(found, language).toHaveLength(1);
  return found[0]?.[2] ?? '';
}

const isThere = (command: string, ...options: string[]) => spawnSync(command, options).status === 0;
const key = 'lke_first';
const body = JSON.stringify({
  id: 'ntf_1',
  type: 'issue.changed',
  object: 'PRJ-1',
  sequence: 2,
  data: { title: 'Tür' },
});
const timestamp = String(Math.floor(Date.now() / 1000));
const signature = `v1=00,v1=${createHmac('sha256', key).update(`${timestamp}:${body}`).digest('hex')}`;

async function freePort(): Promise<number> {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  const { port } = taken.address() as AddressInfo;
  await new Promise((resolve) => taken.close(resolve));
  return port;
}

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-'));
  writeFileSync(join(folder, 'body.json'), body);
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('the receivers in docs/endpoint.md tell our requests from others', () => {
  it('in Node.js', async () => {
    const library = new URL('../../verification/endpoint-request.ts', import.meta.url).href;
    const port = await freePort();
    writeFileSync(join(folder, 'receiver.mjs'), block('js').replace('latchkey/endpoint-request', library));
    const environment = { ...process.env, SIGNING_KEYS: `lke_next,${key}`, PORT: String(port) };
    const receiver: ChildProcess = spawn(process.execPath, ['receiver.mjs'], { cwd: folder, env: environment });
    try {
      const headers = { 'Latchkey-Timestamp': timestamp, 'Latchkey-Signature': signature };
      const post = (sent: string) => fetch(`http://127.0.0.1:${port}/`, { method: 'POST', headers, body: sent });
      await expect.poll(async () => (await post(body).catch(() => undefined))?.status, { timeout: 20_000 }).toBe(204);
      expect((await post(body.replace('2', '3'))).status).toBe(401);
    } finally {
      receiver.kill();
    }
  });

  it.skipIf(!isThere('python3', '--version'))('in Python', () => {
    const call = `
import sys
headers = {"latchkey-timestamp": "${timestamp}", "latchkey-signature": "${signature}"}
body = open("body.json", "rb").read()
print(verified_event(headers, body, ["lke_next", "${key}"])["object"])
for refused in [(headers, body + b" ", ["${key}"]), (headers, body, ["lke_other"]), ({}, body, ["${key}"])]:
    try:
        verified_event(*refused)
        sys.exit(1)
    except ValueError:
        pass
`;
    writeFileSync(join(folder, 'receiver.py'), block('python') + call);
    expect(execFileSync('python3', ['receiver.py'], { cwd: folder, encoding: 'utf8' })).toBe('PRJ-1\n');
  });

  it.skipIf(!isThere('openssl', 'version'))('by hand', () => {
    const run = (SIGNING_KEY: string) =>
      spawnSync('sh', ['-c', block('sh')], {
        cwd: folder,
        env: { PATH: process.env.PATH, TIMESTAMP: timestamp, SIGNATURE: signature, SIGNING_KEY },
        encoding: 'utf8',
      });
    expect(run(key)).toMatchObject({ status: 0, stdout: 'verified\n' });
    expect(run('lke_other')).toMatchObject({ status: 1, stdout: 'refused\n' });
  });
});
