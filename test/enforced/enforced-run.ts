import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { LatchkeyApp } from '../../lib/latchkey-app.ts';
import { type Stage, stage } from '../../lib/stage.ts';
import type { Fault } from '../../local/aws/faults.ts';
import { type LocalLatchkey, startLocal } from '../../local/deployment.ts';
import { backgroundTouches, routes } from '../../src/api/routes.ts';

/** Latchkey on this machine, and what it has printed. */
export interface EnforcedRun extends LocalLatchkey {
  readonly printed: string[];
  /**
   * The calls of AWS that the functions made while `work` ran, by the entry of the function and the operation; without
   * those that run when their minute has come.
   */
  callsDuring(work: () => Promise<unknown>): Promise<Record<string, Record<string, number>>>;
}

const cleanUp: (() => unknown)[] = [];
afterAll(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step();
});

/** Something to be closed when the file's tests are done. */
export function closing<Closable extends { close(): Promise<unknown> }>(closable: Closable): Closable {
  cleanUp.push(() => closable.close());
  return closable;
}

/** A folder that is gone when the file's tests are done. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-'));
  cleanUp.push(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A folder that begins as a copy of another. */
export function copied(folder: string): string {
  const copy = temporaryFolder();
  cpSync(folder, copy, { recursive: true });
  return copy;
}

/** The folder of the assembly of a stage. */
export function synthesized(options: Partial<Stage> = {}): string {
  const outdir = temporaryFolder();
  new LatchkeyApp(stage(options), { validate: false, outdir }).synth();
  return outdir;
}

/** Resources of one template, as they stand in its file. */
export type Resources = Record<string, { Type: string; Properties: Record<string, unknown> }>;

/** A copy of an assembly in which the template of one stack is another. */
export function doctored(assembly: string, stackName: string, change: (resources: Resources) => void): string {
  const copy = copied(assembly);
  const file = join(copy, `${stackName}.template.json`);
  const template = JSON.parse(readFileSync(file, 'utf8'));
  change(template.Resources);
  writeFileSync(file, JSON.stringify(template));
  return copy;
}

export interface RunOptions {
  readonly dataDirectory?: string;
  readonly port?: number;
  readonly faults?: readonly Fault[];
}

/** Serves an assembly, without a data folder in memory; it ends with the file's tests, if not before. */
export async function enforcedRun(
  assemblyDirectory: string,
  { dataDirectory, port = 0, faults = [] }: RunOptions = {},
): Promise<EnforcedRun> {
  const printed: string[] = [];
  const log = (line: string) => void printed.push(line);
  const running = await startLocal({ assemblyDirectory, dataDirectory, port, origins: 'one', faults, log });
  let closed: Promise<void> | undefined;
  const close = () => {
    closed ??= running.close();
    return closed;
  };
  cleanUp.push(close);
  const { endpoint, principals } = running;
  return {
    ...running,
    printed,
    close,
    async callsDuring(work) {
      endpoint.calls.reset();
      await work();
      const all = principals.map(
        ({ functionName }) => [entryOf(functionName), endpoint.calls.of(functionName)] as const,
      );
      return Object.fromEntries(all.filter(([entry, calls]) => !isUnasked(entry) && Object.keys(calls).length > 0));
    },
  };
}

/**
 * `Latchkey-Admin-AdminFunctionsintegrationsFunction…` → `admin/integrations`; hyphens of an entry's name are lost, and
 * after a long one most of the word Function.
 */
export function entryOf(functionName: string): string {
  const [, api = '', name = ''] =
    /^Latchkey-(\w+)-(?:Admin|Api)?(?:Functions|Rights(?=Authorizer))?(\w+?)Fu(?:n\w*)?-/.exec(functionName) ?? [];
  return `${api}/${name}`.toLowerCase();
}

const answering = new Set(Object.values(routes).map(({ entry }) => entry.replaceAll('-', '')));
const unasked = Object.keys(backgroundTouches)
  .filter((entry) => entry.startsWith('deployment/'))
  .map((entry) => entry.replace('deployment/', '').replaceAll('-', ''));

/** Whether a function runs without a request: on a schedule, or for the table's stream. */
const isUnasked = (entry: string) => !answering.has(entry) && unasked.some((name) => entry.endsWith(name));

/** The name of the one table, as the roles name it. */
export function tableNameOf({ principals }: Pick<EnforcedRun, 'principals'>): string {
  const [, name = ''] = /:table\/([^/"]+)"/.exec(JSON.stringify(principals)) ?? [];
  return name;
}
