import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';

/** Whether processes can be held to a core here: Linux, with a core for the server and one for its client. */
const canPin = availableParallelism() > 1 && spawnSync('taskset', ['--version']).status === 0;

/** The command line that runs `command` on one core, where that is possible. */
export function pinned(core: number, command: string): [string, ...string[]] {
  return canPin ? ['taskset', '-c', String(core), command] : [command];
}

/** Holds this process to one core, where that is possible. */
export function pinToCore(core: number): void {
  if (canPin) spawnSync('taskset', ['-c', '-a', '-p', String(core), String(process.pid)]);
}

/** Lets this process use every core again. */
export function unpin(): void {
  if (canPin) spawnSync('taskset', ['-c', '-a', '-p', `0-${availableParallelism() - 1}`, String(process.pid)]);
}
