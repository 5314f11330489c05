import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as z from 'zod/mini';
import { parseTemplate, type Stack } from './cloudformation/template.ts';
import { StartupError } from './startup-error.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** Where stacks live whose environment the app leaves open. */
export const defaultPlace = { accountId: '000000000000', region: 'eu-central-1' } as const;

/** The folder that holds `bin`, `lib`, `functions` and `src`. */
export const projectDirectory = fileURLToPath(new URL('..', import.meta.url));

const manifestShape = z.object({
  artifacts: z.record(
    z.string(),
    z.object({
      type: z.string(),
      environment: z.optional(z.string()),
      properties: z.optional(
        z.looseObject({
          templateFile: z.optional(z.string()),
          stackName: z.optional(z.string()),
          file: z.optional(z.string()),
        }),
      ),
      dependencies: z._default(z.array(z.string()), []),
    }),
  ),
});

const assetsShape = z.object({
  files: z._default(
    z.record(
      z.string(),
      z.object({
        source: z.object({ path: z.optional(z.string()) }),
        destinations: z.record(z.string(), z.object({ objectKey: z.string() })),
      }),
    ),
    {},
  ),
});

/** A folder with a cloud assembly. */
export interface AssemblyFolder {
  readonly directory: string;
  remove(): Promise<void>;
}

/**
 * Synthesizes into a folder of its own, so that two runs, or a run and the assembly it serves, never share one. It lies
 * outside the project, whose `"type": "module"` would make ES modules of the bundles.
 */
export async function newAssembly(project: string): Promise<AssemblyFolder> {
  const { path: directory, remove } = await temporaryFolder('assembly');
  try {
    await synthesize(project, directory);
    return { directory, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

/**
 * Runs the CDK app as the CDK CLI would, but without the policy checks that `npm run check` and `cdk deploy` do.
 *
 * @throws {StartupError} with what the app printed last.
 */
async function synthesize(project: string, outputDirectory: string): Promise<void> {
  const app = spawn(process.execPath, ['bin/latchkey.ts'], {
    cwd: project,
    env: { ...process.env, CDK_OUTDIR: outputDirectory, LATCHKEY_VALIDATE: '0' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  // Before anything else goes: it writes into a folder that goes too.
  const end = (): unknown => app.kill('SIGKILL');
  process.prependOnceListener('exit', end);
  let printed = '';
  app.stderr.on('data', (chunk: Buffer) => {
    printed = (printed + chunk.toString('utf8')).slice(-20_000);
  });
  const status = await new Promise<number | null>((resolve, reject) => {
    app.once('error', reject);
    app.once('close', resolve);
  }).finally(() => process.off('exit', end));
  if (status !== 0) {
    throw new StartupError(`synthesis failed: ${mainLine(printed)}`);
  }
}

/** The line of a crash that says what is wrong, and where. */
function mainLine(printed: string): string {
  const lines = printed
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const at = lines.findIndex((line) => /^(?:\w*Error|Error \[\w+\])\b.*: /.test(`${line} `));
  const message = lines[at];
  if (message?.endsWith(':')) {
    // A bundler's list of what it found begins on the next line, with places of its own.
    return [message, lines[at + 1] ?? ''].join(' ');
  }
  const place = lines.find((line) => /^(?:at .*)?\(?file:\/\/.*\.ts:\d+/.test(line) && !line.includes('node_modules'));
  return [message ?? lines.at(-1) ?? 'no reason was given', place ?? ''].filter((part) => part !== '').join(' ');
}

/**
 * Reads a cloud assembly: its stacks in the order in which they are deployed.
 *
 * @throws {StartupError} where it cannot be read, or has what is not known here.
 */
export async function readAssembly(directory: string): Promise<Stack[]> {
  const manifest = await readJson(directory, 'manifest.json', manifestShape);
  const assets = new Map<string, string>();
  const names: string[] = [];
  for (const [name, artifact] of Object.entries(manifest.artifacts)) {
    if (artifact.type === 'cdk:asset-manifest' && artifact.properties?.file !== undefined) {
      for (const [key, path] of await readAssets(directory, artifact.properties.file)) {
        assets.set(key, path);
      }
    }
    if (artifact.type === 'cdk:cloud-assembly') {
      throw new StartupError(`the local run does not know nested assemblies (${name})`);
    }
    if (artifact.type === 'aws:cloudformation:stack') {
      names.push(name);
    }
  }
  const stacks: Stack[] = [];
  for (const name of inOrder(names, (stack) => manifest.artifacts[stack]?.dependencies ?? [])) {
    const { properties, environment } = manifest.artifacts[name] ?? {};
    const stackName = properties?.stackName ?? name;
    const text = await readFile(join(directory, properties?.templateFile ?? ''), 'utf8');
    stacks.push({ name: stackName, ...placeOf(environment), template: parseTemplate(stackName, text), assets });
  }
  const regions = new Set(stacks.map(({ region, accountId }) => `${accountId}/${region}`));
  if (regions.size > 1) {
    throw new StartupError(`the local run serves one account and Region, not ${[...regions].join(' and ')}`);
  }
  return stacks;
}

async function readAssets(directory: string, file: string): Promise<[string, string][]> {
  const { files } = await readJson(directory, file, assetsShape);
  return Object.values(files).flatMap(({ source, destinations }) =>
    Object.values(destinations).map(({ objectKey }): [string, string] => [
      objectKey,
      join(directory, source.path ?? ''),
    ]),
  );
}

/** `aws://unknown-account/unknown-region` is an environment left open. */
function placeOf(environment = ''): Pick<Stack, 'accountId' | 'region'> {
  const [, accountId = '', region = ''] = /^aws:\/\/([^/]+)\/(.+)$/.exec(environment) ?? [];
  return {
    accountId: /^\d{12}$/.test(accountId) ? accountId : defaultPlace.accountId,
    region: region === '' || region === 'unknown-region' ? defaultPlace.region : region,
  };
}

function inOrder(names: readonly string[], dependenciesOf: (name: string) => readonly string[]): string[] {
  const ordered = new Set<string>();
  const visit = (name: string): void => {
    for (const dependency of dependenciesOf(name)) {
      if (names.includes(dependency) && !ordered.has(dependency)) {
        visit(dependency);
      }
    }
    ordered.add(name);
  };
  names.forEach(visit);
  return [...ordered];
}

async function readJson<T>(directory: string, file: string, shape: z.ZodMiniType<T>): Promise<T> {
  try {
    return shape.parse(JSON.parse(await readFile(join(directory, file), 'utf8')));
  } catch (error) {
    throw new StartupError(`${join(directory, file)} is no part of a cloud assembly: ${String(error).split('\n')[0]}`);
  }
}
