import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync, type Metafile } from 'esbuild';
import { bundleOptions } from '../lib/constructs/bundle.ts';
import { rightsRows } from '../lib/constructs/rights-authorizer.ts';
import { routes } from '../src/api/routes.ts';
import { rightsRowsIdentifier } from '../src/environment.ts';
import { type Goal, ratioGoal, rendered, type Section } from './report.ts';
import { compared } from './rounds.ts';

const project = fileURLToPath(new URL('..', import.meta.url));
const rounds = 25;
const maximumKilobytes = 400;

const dynamodb = `
  import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
  import * as commands from '@aws-sdk/lib-dynamodb';
  const { BatchGetCommand, DynamoDBDocumentClient, GetCommand, PutCommand, QueryCommand, TransactWriteCommand } = commands;
  export const dynamodb = { BatchGetCommand, DynamoDBClient, DynamoDBDocumentClient, GetCommand, PutCommand, QueryCommand, TransactWriteCommand };
  export const handler = () => {};`;
const kms = `
  import { KMSClient, SignCommand } from '@aws-sdk/client-kms';
  export const kms = { KMSClient, SignCommand };`;
const oidcProvider = `
  import Provider from 'oidc-provider';
  export const provider = Provider;`;

const adminRows = rightsRows(Object.values(routes).filter(({ api }) => api === 'admin'));

/** What is bundled, by name: an entry of ours, or the text of one that holds a yardstick. */
const bundles = {
  token: { title: '`token`', entry: 'functions/auth/token.ts' },
  authorizer: { title: '`rights-authorizer`', entry: 'functions/authorizer/rights-authorizer.ts' },
  'token-clients': { title: 'the AWS clients of `token` alone', text: dynamodb + kms },
  'authorizer-clients': { title: 'the AWS clients of `rights-authorizer` alone', text: dynamodb },
  'oidc-provider': { title: '`oidc-provider` and the DynamoDB client', text: dynamodb + oidcProvider },
} as const satisfies Record<string, { title: string; entry: string } | { title: string; text: string }>;
type Bundle = keyof typeof bundles;

interface Built {
  readonly file: string;
  readonly kilobytes: number;
  readonly metafile: Metafile;
}

/** How long the latency-bound functions take to start, and how large they are. */
export async function starting(): Promise<Section> {
  // Outside the project, whose package.json would make ES modules of them.
  const directory = mkdtempSync(join(tmpdir(), 'latchkey-bench-'));
  try {
    const built = Object.fromEntries(Object.keys(bundles).map((name) => [name, build(name as Bundle, directory)]));
    const start = join(directory, 'start.cjs');
    writeFileSync(start, 'require(process.argv[2]); process.stdout.write(String(performance.now()));');
    const contestants = Object.entries(built).map(([name, { file }]) => [name, async () => started(start, file)]);
    return section(await compared(Object.fromEntries(contestants), rounds, 'lower'), built as Record<Bundle, Built>);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function build(name: Bundle, directory: string): Built {
  const bundle = bundles[name];
  const file = join(directory, `${name}.js`);
  const { outdir: _, outbase: __, ...options } = bundleOptions;
  const { metafile, outputFiles } = buildSync({
    ...options,
    sourcemap: false,
    outfile: file,
    absWorkingDir: project,
    define: { [rightsRowsIdentifier]: JSON.stringify(adminRows) },
    ...('entry' in bundle
      ? { entryPoints: [bundle.entry] }
      : { stdin: { contents: bundle.text, resolveDir: project } }),
  });
  const [code] = outputFiles;
  if (code === undefined) throw new Error(`${name} was not bundled`);
  writeFileSync(file, code.contents);
  return { file, kilobytes: code.contents.length / 1000, metafile };
}

/** Milliseconds from the process's start until the bundle is loaded and its handler ready. */
function started(start: string, file: string): number {
  const { stdout, stderr, status } = spawnSync(process.execPath, [start, file], {
    env: { AWS_REGION: 'eu-central-1', PATH: process.env.PATH },
  });
  if (status !== 0) throw new Error(stderr.toString());
  return Number(stdout.toString());
}

function section(milliseconds: Record<string, number>, built: Record<Bundle, Built>): Section {
  const of = (name: Bundle) => milliseconds[name] ?? Number.NaN;
  const goals = (['token', 'authorizer'] as const).flatMap((name): Goal[] => [
    ratioGoal(`${bundles[name].title} at most 1.15 times its AWS clients alone`, of(name) / of(`${name}-clients`), {
      atMost: 1.15,
    }),
    ratioGoal(`${bundles[name].title} at most 0.6 of \`oidc-provider\` bundled`, of(name) / of('oidc-provider'), {
      atMost: 0.6,
    }),
    {
      claim: `${bundles[name].title} at most ${maximumKilobytes} kB`,
      measured: `measured ${built[name].kilobytes.toFixed(0)} kB`,
      met: built[name].kilobytes <= maximumKilobytes,
    },
  ]);
  return {
    title: 'Starting cold',
    how: [
      'From the start of the process until the handler is loaded; clients are made at the first request, here and in the',
      'yardsticks alike. Every bundle is made with the options of the deployed ones.',
    ].join('\n'),
    columns: ['bundle', 'start, ms', 'size, kB'],
    rows: (Object.keys(bundles) as Bundle[]).map((name) => [
      bundles[name].title,
      of(name).toFixed(1),
      built[name].kilobytes.toFixed(0),
    ]),
    goals,
    notes: (['token', 'authorizer'] as const).map(
      (name) => `What the bytes of ${bundles[name].title} are, in kB: ${shares(built[name].metafile)}.`,
    ),
  };
}

/** The bytes of a bundle by the package they come from, the largest first. */
function shares({ outputs }: Metafile): string {
  const sums = new Map<string, number>();
  for (const [path, { bytesInOutput }] of Object.values(outputs).flatMap(({ inputs }) => Object.entries(inputs))) {
    const from = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? 'Latchkey';
    sums.set(from, (sums.get(from) ?? 0) + bytesInOutput);
  }
  return [...sums]
    .sort(([, one], [, other]) => other - one)
    .filter(([, bytes]) => bytes >= 1000)
    .map(([from, bytes]) => `${from} ${(bytes / 1000).toFixed(0)}`)
    .join(', ');
}

if (import.meta.main) console.log(rendered(await starting()));
