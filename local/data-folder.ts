import { chmod, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { removeUnfinishedWrites, writeDurably } from './aws/durable-file.ts';
import type { CustomResourceStore } from './cloudformation/custom-resources.ts';
import { StartupError } from './startup-error.ts';

/** Where a run keeps its data; every path is undefined where nothing is kept. */
export interface DataFolder {
  readonly path: string | undefined;
  /** A folder of its own for one service. */
  subfolder(name: string): string | undefined;
  readonly customResources: CustomResourceStore;
  /** What was ever made here, by `stack/logicalId`: what is not found any more is lost, and not yet to be made. */
  readonly resources: ReadonlyMap<string, string>;
  saveResource(key: string, physicalId: string): Promise<void>;
  /** Removes what a crash left of unfinished writes; only for the one process that holds the data. */
  removeUnfinished(): Promise<void>;
}

const resourcesShape = z.record(z.string(), z.string());
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
  if (path !== undefined) {
    try {
      await mkdir(path, { recursive: true, mode: 0o700 });
      await chmod(path, 0o700);
    } catch (error) {
      throw new StartupError(`the data folder ${path} cannot be used: ${reason(error)}`);
    }
  }
  const subfolder = (name: string): string | undefined => (path === undefined ? undefined : join(path, name));
  const customResources = await openRecords(subfolder('custom-resources.json'), statesShape);
  const resources = await openRecords(subfolder('resources.json'), resourcesShape);
  return {
    path,
    subfolder,
    customResources: { states: customResources.records, save: customResources.save },
    resources: resources.records,
    saveResource: resources.save,
    removeUnfinished: async () => {
      if (path !== undefined) {
        await removeUnfinishedWrites(path);
      }
    },
  };
}

/** Records by name, kept as one JSON file. */
interface Records<Value> {
  readonly records: ReadonlyMap<string, Value>;
  save(key: string, value: Value): Promise<void>;
}

async function openRecords<Value>(
  file: string | undefined,
  shape: z.ZodMiniType<Record<string, Value>>,
): Promise<Records<Value>> {
  const records = new Map(Object.entries(await readRecords(file, shape)));
  return {
    records,
    async save(key, value) {
      records.set(key, value);
      if (file !== undefined) {
        await writeDurably(file, JSON.stringify(Object.fromEntries(records), null, 1)).catch((error: unknown) => {
          throw new StartupError(`${file} cannot be written: ${reason(error)}`);
        });
      }
    },
  };
}

async function readRecords<Value>(
  file: string | undefined,
  shape: z.ZodMiniType<Record<string, Value>>,
): Promise<Record<string, Value>> {
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
    return shape.parse(JSON.parse(text));
  } catch {
    throw new StartupError(`${file} is damaged; remove the data folder to start anew`);
  }
}

const reason = (error: unknown): string => (error instanceof Error ? error.message : String(error));
