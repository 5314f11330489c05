import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';

const parent = mkdtempSync(join(tmpdir(), 'latchkey-temporary-'));
afterAll(() => rmSync(parent, { recursive: true, force: true }));

const module = fileURLToPath(new URL('../../local/temporary-folder.ts', import.meta.url));
const script = (then: string): string[] => [
  '--disable-warning=ExperimentalWarning',
  '--input-type=module',
  '--eval',
  `const { temporaryFolder } = await import(${JSON.stringify(module)});
   const { path } = await temporaryFolder('assembly'); console.log(path); ${then}`,
];
const environment = { ...process.env, TMPDIR: parent };

/** A process that has made its folder and runs on. */
async function running() {
  const child = spawn(process.execPath, script('setInterval(() => undefined, 1000);'), { env: environment });
  const [printed] = (await once(child.stdout, 'data')) as [Buffer];
  return { child, folder: printed.toString().trim() };
}

function runToItsEnd(): string {
  return spawnSync(process.execPath, script(''), { env: environment }).stdout.toString().trim();
}

describe('temporary folders', () => {
  test('go with the process that made them', () => {
    const folder = runToItsEnd();
    expect(folder).toContain(parent);
    expect(readdirSync(parent)).toEqual([]);
  });

  test('are a reason not to start where they cannot be made', () => {
    const { stderr } = spawnSync(process.execPath, script(''), {
      env: { ...environment, TMPDIR: join(parent, 'none') },
    });
    expect(stderr.toString()).toContain('StartupError: the folder of temporary files cannot be used: ENOENT');
  });

  test('left by a killed process go when the next one starts; those of a running one, and others, stay', async () => {
    const [killed, alive] = [await running(), await running()];
    writeFileSync(join(parent, 'latchkey-of-someone-else'), '');
    killed.child.kill('SIGKILL');
    await once(killed.child, 'exit');
    expect(existsSync(killed.folder)).toBe(true);
    runToItsEnd();
    expect(existsSync(killed.folder)).toBe(false);
    expect(existsSync(alive.folder)).toBe(true);
    expect(existsSync(join(parent, 'latchkey-of-someone-else'))).toBe(true);
    alive.child.kill('SIGKILL');
    await once(alive.child, 'exit');
  });
});
