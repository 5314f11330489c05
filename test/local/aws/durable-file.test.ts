import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { readJsonFiles } from '../../../local/aws/durable-file.ts';

const module = fileURLToPath(new URL('../../../local/aws/durable-file.ts', import.meta.url));

/** Writes ever new versions of one file, and tells of each once it is written. */
const writer = `
  const { writeDurably } = await import(process.argv[1]);
  for (let version = 1; ; version++) {
    await writeDurably(process.argv[2], JSON.stringify({ version, filling: 'x'.repeat(200_000) }));
    process.stdout.write(version + '\\n');
  }
`;

it('a process killed while it writes leaves the last version it told of, or the next, and never a part', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'latchkey-durable-'));
  for (let round = 0; round < 4; round++) {
    const child = spawn(process.execPath, ['--input-type=module', '-e', writer, module, join(directory, 'file.json')]);
    let told = 0;
    child.stdout.on('data', (data: Buffer) => {
      told = Number(data.toString().trim().split('\n').at(-1));
      if (told > 3 + round * 5) {
        child.kill('SIGKILL');
      }
    });
    await once(child, 'close');

    const texts = await readJsonFiles(directory, (text) => text);
    expect(texts).toHaveLength(1);
    const { version, filling } = JSON.parse(texts[0] ?? '');
    expect(filling).toHaveLength(200_000);
    expect([told, told + 1]).toContain(version);
  }
  await rm(directory, { recursive: true });
});
