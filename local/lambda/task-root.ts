import { cp, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TemporaryFolder, temporaryFolder } from '../temporary-folder.ts';

/** A bundle unpacked where nothing of this project surrounds it. */
export type TaskRoot = TemporaryFolder;

/**
 * Copies a bundle into a folder of its own, outside any package: there its `.js` files are CommonJS, as in Lambda, and
 * a module that was not bundled is not found.
 */
export async function unpackBundle(bundleDirectory: string): Promise<TaskRoot> {
  const root = await temporaryFolder('function');
  await cp(bundleDirectory, root.path, { recursive: true });
  const manifest = join(root.path, 'package.json');
  if (!(await stat(manifest).catch(() => undefined))) {
    await writeFile(manifest, '{"type":"commonjs"}');
  }
  return root;
}
