import { join } from 'node:path';
import { watch } from 'chokidar';

/** How long sources must be quiet: an editor, or a checkout, writes many files in a row. */
const quietMilliseconds = 300;

/**
 * Calls `changed` when sources of the app have changed and are quiet again, never twice at a time: what changes while
 * one call runs leads to one more.
 *
 * @returns stops watching, after a call that is running.
 */
export function watchSources(project: string, changed: () => Promise<void>): () => Promise<void> {
  const watcher = watch(
    ['bin', 'lib', 'functions', 'src'].map((folder) => join(project, folder)),
    { ignoreInitial: true },
  );
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();
  watcher.on('all', () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      running = running.then(changed);
    }, quietMilliseconds);
  });
  return async () => {
    clearTimeout(timer);
    await watcher.close();
    await running;
  };
}
