import { chmod, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { writeDurably } from './aws/durable-file.ts';
import type { CustomResourceStore, StoredCustomResource } from './cloudformation/custom-resources.ts';
import { StartupError } from './startup-error.ts';

/** Where a run keeps its data; every path is undefined where nothing is kept. */
export interface DataFolder {
  readonly path: string | undefined;
  /** A folder of its own for one service. */
  subfolder(name: string): string | undefined;
  readonly customResources: CustomResourceStore;
}

const statesShape = z.record(
  z.string(),
  z.object({
    physicalId: z.string(),
    data: z.record(z.string(), z.unknown()),
    properties: z.record(z.string(), z.unknown()),
  }),
);

/**
 * Opens the data folder, for its owner alone; `undefined` keeps everything in memory.
 *
 * @throws {StartupError} where it cannot be made, or holds what this program did not write.
 */
export async function openDataFolder(path: string | undefined): Promise<DataFolder> {
  const statesFile = path === undefined ? undefined : join(path, 'custom-resources.json');
  if (path !== undefined) {
    try {
      await mkdir(path, { recursive: true, mode: 0o700 });
      await chmod(path, 0o700);
    } catch (error) {
      throw new StartupError(`the data folder ${path} cannot be used: ${reason(error)}`);
    }
  }
  const states = new Map<string, StoredCustomResource>(Object.entries(await readStates(statesFile)));
  return {
    path,
    subfolder: (name) => (path === undefined ? undefined : join(path, name)),
    customResources: {
      states,
      async save(key, state) {
        states.set(key, state);
        if (statesFile !== undefined) {
          await writeDurably(statesFile, JSON.stringify(Object.fromEntries(states), null, 1));
        }
      },
    },
  };
}

async function readStates(file: string | undefined): Promise<z.infer<typeof statesShape>> {
  if (file === undefined) {
    return {};
  }
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      return {};
    }
    throw new StartupError(`${file} cannot be read: ${reason(error)}`);
  }
  try {
    return statesShape.parse(JSON.parse(text));
  } catch {
    throw new StartupError(`${file} is damaged; remove the data folder to start anew`);
  }
}

const reason = (error: unknown): string => (error instanceof Error ? error.message : String(error));
