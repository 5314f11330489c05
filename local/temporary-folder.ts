import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { StartupError } from './startup-error.ts';

/** A folder that lives no longer than this process. */
export interface TemporaryFolder {
  readonly path: string;
  remove(): Promise<void>;
}

/** Of this machine only: a folder of temporary files may be shared by containers, whose process ids mean nothing here. */
const machine = hostname().replaceAll(/[^A-Za-z0-9]/g, '_');
const folderOfProcess = new RegExp(`^latchkey-run-${machine}-(\\d+)-`);

let ownFolder: string | undefined;

/**
 * Makes a folder in the system's folder of temporary files, outside the project: nothing of its `node_modules` or of its
 * `"type": "module"` is found from there. It goes with the process; what a killed one left goes when the next one starts.
 *
 * @param purpose the beginning of its name.
 * @throws {StartupError} where none can be made.
 */
export async function temporaryFolder(purpose: string): Promise<TemporaryFolder> {
  const path = await mkdtemp(join(folderOfThisProcess(), `${purpose}-`));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

function folderOfThisProcess(): string {
  if (ownFolder === undefined) {
    const folder = makeFolder();
    process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
    ownFolder = folder;
  }
  // Whoever cleans the folder of temporary files may have taken it.
  mkdirSync(ownFolder, { recursive: true, mode: 0o700 });
  return ownFolder;
}

function makeFolder(): string {
  try {
    const parent = realpathSync(tmpdir());
    removeLeftovers(parent);
    return mkdtempSync(join(parent, `latchkey-run-${machine}-${process.pid}-`));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new StartupError(`the folder of temporary files cannot be used: ${reason}`);
  }
}

function removeLeftovers(parent: string): void {
  for (const name of readdirSync(parent)) {
    const processId = Number(folderOfProcess.exec(name)?.[1] ?? process.pid);
    if (!isRunning(processId)) {
      try {
        rmSync(join(parent, name), { recursive: true, force: true });
      } catch {
        // Another user's, or another start is removing it too.
      }
    }
  }
}

function isRunning(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    // Any other error says that it runs, as another user's.
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH');
  }
}
