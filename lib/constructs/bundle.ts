import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Stage } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import type { IConstruct } from 'constructs';
import { type BuildOptions, type BuildResult, buildSync } from 'esbuild';
import { backgroundTouches, routes } from '../../src/api/routes.ts';

/** The text that an entry's bundle is made with besides its source: `define` of esbuild, by identifier. */
export type Definitions = Readonly<Record<string, string>>;

interface Bundle {
  readonly code: string;
  readonly sourceMap: string;
  /** esbuild's account of what the bytes are: `inputs`, `imports`, `bytes`. */
  readonly metafile: string;
}

// The package is run from its sources and from its build: entries have the ending that this file has.
const ending = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
const functionsFolder = fileURLToPath(new URL('../../functions', import.meta.url));

/** How every function is bundled, and what it is measured against. */
export const bundleOptions = {
  bundle: true,
  platform: 'node',
  target: 'node24',
  // An ES module's `import 'node:http'`, which the SDK does, starts 24 ms later than a `require`.
  format: 'cjs',
  minify: true,
  // The SDK's CommonJS build cannot be tree-shaken.
  mainFields: ['module', 'main'],
  alias: { '@aws-sdk/credential-provider-node': join(functionsFolder, `shared/lambda-credentials${ending}`) },
  sourcemap: 'external',
  sourcesContent: false,
  legalComments: 'none',
  metafile: true,
  write: false,
  // Only names results; nothing is written by esbuild.
  outdir: sep,
  outbase: functionsFolder,
  logLevel: 'silent',
} as const satisfies BuildOptions;

const made = new Map<string, Bundle>();

/**
 * The code of a function: one CommonJS file `index.js` that exports `handler`, with everything it needs inside, the AWS
 * SDK included. Source map and metafile lie beside it in the assembly (`bundles/`), not in what Lambda receives.
 *
 * @param entry the file below `functions/`, without its ending
 * @param define expressions that replace identifiers, such as the authorizer's rows
 * @param name tells bundles of one entry apart
 * @throws Error naming the entry and what esbuild found wrong with it
 */
export function bundle(scope: IConstruct, entry: string, define: Definitions = {}, name: string = entry): Code {
  const { code, sourceMap, metafile } = bundleOf(entry, define);
  const base = join(outputFolder(scope), 'bundles', name.replaceAll('/', '-'));
  mkdirSync(base, { recursive: true });
  writeFileSync(join(base, 'index.js'), code);
  writeFileSync(`${base}.js.map`, sourceMap);
  writeFileSync(`${base}.meta.json`, metafile);
  return Code.fromAsset(base);
}

function bundleOf(entry: string, define: Definitions): Bundle {
  const key = `${entry} ${JSON.stringify(define)}`;
  if (!made.has(key)) {
    // Entries without definitions are built in one run, which reads the SDK once for all of them.
    const own = allEntries();
    const entries = Object.keys(define).length === 0 && own.includes(entry) ? own : [];
    for (const [builtEntry, built] of build([...new Set([entry, ...entries])], define))
      made.set(`${builtEntry} ${JSON.stringify(define)}`, built);
  }
  const found = made.get(key);
  if (found === undefined) throw new Error(`functions/${entry} was not bundled`);
  return found;
}

function build(entries: readonly string[], define: Definitions): [string, Bundle][] {
  let result: BuildResult<typeof bundleOptions & BuildOptions>;
  try {
    result = buildSync({
      ...bundleOptions,
      define,
      entryPoints: entries.map(pathOf),
    });
  } catch (error) {
    throw new Error(`bundling functions/: ${error instanceof Error ? error.message : String(error)}`);
  }
  const text = new Map((result.outputFiles ?? []).map((file) => [file.path, file.text]));
  const outputs = Object.entries(result.metafile?.outputs ?? {});
  return entries.map((entry) => {
    const path = join(sep, `${entry}.js`);
    return [
      entry,
      {
        code: text.get(path) ?? '',
        sourceMap: text.get(`${path}.map`) ?? '',
        metafile: JSON.stringify(outputs.find(([output]) => output.endsWith(`/${entry}.js`))?.[1] ?? {}, null, 1),
      },
    ];
  });
}

/** Every entry that is bundled without definitions, as far as it exists. */
function allEntries(): string[] {
  return [...Object.values(routes).map((route) => route.entry), ...Object.keys(backgroundTouches)].filter(
    (entry) => !entry.startsWith('authorizer/') && existsSync(pathOf(entry)),
  );
}

function pathOf(entry: string): string {
  return join(functionsFolder, `${entry}${ending}`);
}

function outputFolder(scope: IConstruct): string {
  const app = Stage.of(scope);
  if (app === undefined) throw new Error('a function is bundled within an App');
  return app.outdir;
}
