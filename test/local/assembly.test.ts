import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { startApp } from '../../local/app.ts';
import { newAssembly, readAssembly } from '../../local/assembly.ts';
import { type Echoed, sampleApp } from './sample-app.ts';

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step();
});

/** A project whose app hands on the assembly that `src/assembly.txt` names, or fails with what stands there. */
function project(): { directory: string; use: (text: string) => void } {
  const directory = mkdtempSync(join(tmpdir(), 'latchkey-project-'));
  cleanUp.push(() => rmSync(directory, { recursive: true, force: true }));
  for (const folder of ['bin', 'lib', 'functions', 'src']) mkdirSync(join(directory, folder));
  writeFileSync(join(directory, 'package.json'), '{"type":"module"}');
  writeFileSync(
    join(directory, 'bin', 'latchkey.ts'),
    `import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
     const source: string = readFileSync('src/assembly.txt', 'utf8');
     if (!existsSync(source)) throw new Error(source);
     cpSync(source, process.env.CDK_OUTDIR, { recursive: true });
     writeFileSync(process.env.CDK_OUTDIR + '/validate.txt', process.env.LATCHKEY_VALIDATE);`,
  );
  return { directory, use: (text) => writeFileSync(join(directory, 'src', 'assembly.txt'), text) };
}

const sample = (version: string): string => {
  const made = sampleApp({ version });
  cleanUp.push(() => made.remove());
  return made.directory;
};

async function eventually(check: () => Promise<boolean>): Promise<boolean> {
  for (let tries = 0; tries < 200; tries++) {
    if (await check()) return true;
    await delay(50);
  }
  return false;
}

describe('an assembly', () => {
  test('is synthesized without policy checks into a folder of its own, which goes when it is removed', async () => {
    const { directory, use } = project();
    use(sample('1'));
    const assembly = await newAssembly(directory);
    expect(readFileSync(join(assembly.directory, 'validate.txt'), 'utf8')).toBe('0');
    expect((await readAssembly(assembly.directory)).map(({ name }) => name)).toEqual(['Data', 'Api']);
    await assembly.remove();
    expect(existsSync(assembly.directory)).toBe(false);
  });

  test('that cannot be synthesized is an error with the app’s own message and place, in one line', async () => {
    const { directory, use } = project();
    use('the table has no key');
    const error = await newAssembly(directory).catch((reason: unknown) => reason);
    expect(String(error)).toMatch(/^StartupError: synthesis failed: Error: the table has no key .*bin\/latchkey\.ts:3/);
    expect(String(error)).not.toContain('\n');
  });

  test('that cannot be synthesized as a source has an error names that source, in one line', async () => {
    const { directory, use } = project();
    use('Build failed with 1 error:\n\nfunctions/token.ts:3:7: ERROR: Unexpected "="');
    const error = await newAssembly(directory).catch((reason: unknown) => reason);
    expect(String(error)).toBe(
      'StartupError: synthesis failed: Error: Build failed with 1 error: functions/token.ts:3:7: ERROR: Unexpected "="',
    );
  });

  test.each([
    ['aws://unknown-account/unknown-region', '000000000000', 'eu-central-1'],
    ['aws://123456789012/us-east-1', '123456789012', 'us-east-1'],
  ])('in %s is served as %s in %s', async (environment, accountId, region) => {
    const directory = sample('1');
    const manifest = readFileSync(join(directory, 'manifest.json'), 'utf8');
    writeFileSync(
      join(directory, 'manifest.json'),
      manifest.replaceAll('aws://unknown-account/unknown-region', environment),
    );
    expect((await readAssembly(directory))[0]).toMatchObject({ accountId, region });
  });

  test('of two Regions is an error', async () => {
    const directory = sample('1');
    const manifest = readFileSync(join(directory, 'manifest.json'), 'utf8');
    writeFileSync(
      join(directory, 'manifest.json'),
      manifest.replace('aws://unknown-account/unknown-region', 'aws://000000000000/us-east-1'),
    );
    await expect(readAssembly(directory)).rejects.toThrow('serves one account and Region');
  });
});

test('changed sources are served without a restart; a change that fails leaves what runs, and says so once', {
  timeout: 30_000,
}, async () => {
  const { directory, use } = project();
  use(sample('1'));
  const lines: string[] = [];
  const app = await startApp({
    port: 0,
    dataDirectory: undefined,
    projectDirectory: directory,
    origins: 'one',
    log: (line) => lines.push(line),
  });
  cleanUp.push(() => app.close());
  const version = async () => (await fetch(`${app.url}/api/v1`)).headers.get('x-version');
  expect(await version()).toBe('1');
  const table = async () => ((await (await fetch(`${app.url}/api/v1`)).json()) as Echoed).environment.table;
  const tableBefore = await table();

  use(sample('2'));
  expect(await eventually(async () => (await version()) === '2')).toBe(true);
  expect(await table()).toBe(tableBefore);
  expect(app.outputs.Kind).toBe('Create');

  use('it does not compile');
  expect(await eventually(async () => lines.some((line) => line.includes('it does not compile')))).toBe(true);
  expect(lines.filter((line) => line.includes('it does not compile'))).toHaveLength(1);
  expect(await version()).toBe('2');

  use(sample('3'));
  expect(await eventually(async () => (await version()) === '3')).toBe(true);
});
