import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { type Outputs, type Running, start } from './running-deployment.ts';

/** A terminal in the folder of a clone in which `npm start` runs, as the reader of a document has it. */
interface Terminal {
  /** Pastes a block of commands. @returns what it printed, errors included */
  paste(commands: string): Promise<string>;
  close(): void;
}

/**
 * A reader of the document, with a deployment of their own: the commands give names and keys that are taken once they
 * ran.
 */
export function readerOf(document: string) {
  let running: Running;
  let terminal: Terminal;
  beforeAll(async () => {
    running = await start({ LATCHKEY_STORE: 'memory' });
    terminal = openTerminal(running.outputs);
  });
  afterAll(async () => {
    terminal?.close();
    await running?.stop();
    if (running !== undefined) rmSync(running.directory, { recursive: true, force: true });
  });
  const blocks = commandsIn(document);
  return {
    blocks: blocks.length,
    /** Pastes the next block of commands. @returns what it printed, errors included */
    paste: () => terminal.paste(blocks.shift() ?? ''),
    outputs: () => running.outputs,
  };
}

/** Each `state` in what was printed. */
export const statesIn = (printed: string) => [...printed.matchAll(/"state":"(\w+)"/g)].map(([, state]) => state);

/** The blocks of commands of a document, in its order. */
function commandsIn(document: string): string[] {
  return [...readFileSync(document, 'utf8').matchAll(/^```sh\n(.*?)^```$/gms)].map(([, commands = '']) => commands);
}

/** Opens one where the deployment of `outputs` is what `npm start` serves. */
function openTerminal(outputs: Outputs): Terminal {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-reader-'));
  mkdirSync(join(folder, '.local'));
  writeFileSync(join(folder, '.local', 'outputs.json'), JSON.stringify(outputs));
  const shell = spawn('bash', { cwd: folder });
  return {
    paste: (commands) => printedBy(shell, commands.replaceAll('http://127.0.0.1:8787', new URL(outputs.issuer).origin)),
    close: () => {
      shell.kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function printedBy(shell: ChildProcessWithoutNullStreams, commands: string): Promise<string> {
  const end = `end of the block ${randomUUID()}`;
  return new Promise((resolve, reject) => {
    let printed = '';
    const settled = (finish: () => void) => {
      shell.stdout.off('data', collect);
      shell.stderr.off('data', collect);
      shell.off('exit', gone);
      finish();
    };
    const collect = (chunk: Buffer) => {
      printed += chunk;
      if (printed.includes(end)) settled(() => resolve(printed.slice(0, printed.indexOf(end))));
    };
    const gone = () => settled(() => reject(new Error(`the shell is gone after:\n${printed}`)));
    shell.stdout.on('data', collect);
    shell.stderr.on('data', collect);
    shell.on('exit', gone);
    shell.stdin.write(`{ ${commands}\n} 2>&1\necho "${end}"\n`);
  });
}
