import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Demonstration } from '../../local/demonstration.ts';
import type { LocalOutputs } from '../../local/outputs.ts';

type WrittenOutputs = LocalOutputs & Omit<Demonstration, 'tenant'>;

const project = fileURLToPath(new URL('../..', import.meta.url));

/** `npm start`, as a process of its own. */
export interface StartedProcess {
  readonly child: ChildProcess;
  /** What it has printed so far. */
  output(): string;
  /** When it is ready, or has ended. */
  readonly settled: Promise<unknown>;
  readonly ended: Promise<number | null>;
  /** What it wrote to `outputs.json`. */
  outputs(): WrittenOutputs;
}

/** Starts it on a free port with its data in that folder. */
export function startProcess(data: string, environment: NodeJS.ProcessEnv = {}): StartedProcess {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', 'local/main.ts'], {
    cwd: project,
    env: { ...process.env, PORT: '0', LATCHKEY_DATA: data, ...environment },
  });
  let output = '';
  const ready = new Promise<void>((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        output += chunk.toString();
        if (output.includes('Latchkey is ready')) resolve();
      });
    }
  });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  return {
    child,
    output: () => output,
    settled: Promise.race([ready, ended]),
    ended,
    outputs: () => JSON.parse(readFileSync(join(data, 'outputs.json'), 'utf8')),
  };
}

/** Asks for a token with a client's secret. */
export function requestToken(tokenEndpoint: string, clientId: string, clientSecret: string): Promise<Response> {
  return fetch(tokenEndpoint, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
  });
}
