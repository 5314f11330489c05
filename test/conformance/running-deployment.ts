import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TestProject } from 'vitest/node';

/** What `npm start` writes for programs (its `outputs.json`). */
export interface Outputs {
  readonly issuer: string;
  readonly token_endpoint: string;
  readonly admin_url: string;
  readonly api_url: string;
  readonly tenant: string;
  readonly admin: { readonly client_id: string; readonly client_secret: string };
}

/** What there is to try besides. */
export interface DemonstratedOutputs extends Outputs {
  /** The demonstration project's key. */
  readonly project: string;
  readonly users: Readonly<
    Record<'administrator' | 'developer' | 'project_administrator' | 'member', { username: string; password: string }>
  >;
}

declare module 'vitest' {
  interface ProvidedContext {
    /** Each API under its path on one origin, as behind a custom domain. */
    oneOrigin: DemonstratedOutputs;
    /** Each API on an origin of its own, as execute-api addresses are. */
    separateOrigins: DemonstratedOutputs;
  }
}

/** A started deployment: its addresses, its process and how to stop it. */
export interface Running {
  readonly outputs: DemonstratedOutputs;
  readonly process: ChildProcess;
  readonly directory: string;
  /** Everything the process has printed so far. */
  readonly printed: () => string;
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

/** Starts the program as `npm start` does, on a free port, and waits until it is ready. */
export async function start(
  environment: Readonly<Record<string, string>> = {},
  directory = mkdtempSync(join(tmpdir(), 'latchkey-')),
): Promise<Running> {
  const outputsFile = join(directory, 'outputs.json');
  rmSync(outputsFile, { force: true });
  const child = spawn(process.execPath, ['local/main.ts'], {
    env: { ...process.env, PORT: '0', LATCHKEY_DATA: directory, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  child.stdout.on('data', (chunk) => {
    printed += chunk;
  });
  child.stderr.on('data', (chunk) => {
    printed += chunk;
  });
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  for (let waited = 0; !existsSync(outputsFile); waited += 50) {
    if (child.exitCode !== null || waited > 200_000) throw new Error(`the deployment did not start:\n${printed}`);
    await sleep(50);
  }
  return {
    outputs: JSON.parse(readFileSync(outputsFile, 'utf8')),
    process: child,
    directory,
    printed: () => printed,
    stop: (signal = 'SIGTERM') => {
      child.kill(signal);
      return exited;
    },
  };
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const oneOrigin = await start();
  const separateOrigins = await start({ LATCHKEY_ORIGINS: 'separate' });
  project.provide('oneOrigin', oneOrigin.outputs);
  project.provide('separateOrigins', separateOrigins.outputs);
  return async () => {
    for (const running of [oneOrigin, separateOrigins]) {
      await running.stop();
      rmSync(running.directory, { recursive: true, force: true });
    }
  };
}
