import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/**
 * Replaces a file as a whole: after a crash at any moment it holds the old text or the new, never a part of one, and
 * once this returns the new one stays. Readable by its owner only.
 */
export async function writeDurably(path: string, text: string): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`;
  const file = await open(temporary, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
  await syncFolderOf(path);
}

/** Removes a file; once this returns it stays away. */
export async function removeDurably(path: string): Promise<void> {
  await rm(path, { force: true });
  await syncFolderOf(path);
}

async function syncFolderOf(path: string): Promise<void> {
  const directory = await open(dirname(path), 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/**
 * What a folder's JSON files hold; makes the folder, and removes what a crash left of unfinished writes.
 *
 * @throws {Error} naming a file that `parse` refuses.
 */
export async function readJsonFiles<Value>(directory: string, parse: (text: string) => Value): Promise<Value[]> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await removeUnfinishedWrites(directory);
  const files = (await readdir(directory)).filter((name) => name.endsWith('.json')).sort();
  return Promise.all(
    files.map(async (name) => {
      const path = join(directory, name);
      const text = await readFile(path, 'utf8');
      try {
        return parse(text);
      } catch (error) {
        throw new Error(`${path} is damaged`, { cause: error });
      }
    }),
  );
}

/** Removes the temporary files of writes that a crash cut off. */
export async function removeUnfinishedWrites(directory: string): Promise<void> {
  const unfinished = (await readdir(directory)).filter((name) => name.endsWith('.tmp'));
  await Promise.all(unfinished.map((name) => rm(join(directory, name), { force: true })));
}
