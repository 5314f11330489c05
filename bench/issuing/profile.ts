import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pinned } from '../processor.ts';
import { answersPerSecond } from './load.ts';

/** The members of a CPU profile (DevTools protocol, `Profiler.Profile`) that are read; times in microseconds. */
interface Profile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string };
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

const milliseconds = 3_000;

/** Whose time a call frame is. */
function partOf({ functionName, url }: Profile['nodes'][number]['callFrame']): string {
  if (/^write(?:Utf8|Latin1)String$|^writev?$/.test(functionName)) return 'writing to the socket';
  if (functionName === '(garbage collector)') return 'garbage collection';
  if (url.startsWith('node:internal/crypto')) return 'signing, hashing and randomness in `node:crypto`';
  if (url.startsWith('node:')) return '`node:http` and streams';
  if (url.includes('/node_modules/')) return 'libraries';
  if (/\/(?:src|functions)\//.test(url)) return 'Latchkey';
  return 'the rest';
}

/**
 * Where the time of a server of the comparison goes: the share of each part while it answers, the largest first.
 *
 * @param file the server's module
 */
export async function timeByPart(file: string): Promise<[part: string, share: number][]> {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-profile-'));
  try {
    const [execPath, ...execArgv] = pinned(0, process.execPath);
    const profiling = ['--cpu-prof', `--cpu-prof-dir=${folder}`, '--cpu-prof-interval=200'];
    const child = fork(file, {
      execPath,
      execArgv: [...execArgv, ...profiling],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const [port] = (await once(child, 'message')) as [number];
    await answersPerSecond(port, milliseconds);
    child.disconnect();
    await once(child, 'exit');
    const [name = ''] = readdirSync(folder);
    return shares(JSON.parse(readFileSync(join(folder, name), 'utf8')));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function shares({ nodes, samples, timeDeltas }: Profile): [string, number][] {
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  const times = new Map<string, number>();
  let total = 0;
  for (const [index, id] of samples.entries()) {
    const frame = frames.get(id);
    if (frame === undefined || frame.functionName === '(idle)') continue;
    const time = timeDeltas[index] ?? 0;
    times.set(partOf(frame), (times.get(partOf(frame)) ?? 0) + time);
    total += time;
  }
  return [...times].map(([part, time]): [string, number] => [part, time / total]).sort((a, b) => b[1] - a[1]);
}
