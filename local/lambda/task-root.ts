import { cp, mkdtemp, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A bundle unpacked where nothing of this project surrounds it. */
export interface TaskRoot {
  readonly path: string;
  remove(): Promise<void>;
}

/**
 * Copies a bundle into a folder of its own, outside any package: there its `.js` files are CommonJS, as in Lambda, and
 * a module that was not bundled is not found.
 */
export async function unpackBundle(bundleDirectory: string): Promise<TaskRoot> {
  const path = await mkdtemp(join(await realpath(tmpdir()), 'latchkey-function-'));
  await cp(bundleDirectory, path, { recursive: true });
  const manifest = join(path, 'package.json');
  if (!(await stat(manifest).catch(() => undefined))) {
    await writeFile(manifest, '{"type":"commonjs"}');
  }
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}
