import { rmSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { commandsIn, openTerminal, type Terminal } from './documented-commands.ts';
import { type Running, start } from './running-deployment.ts';

/** Of its own: the document's commands give names that are taken once they ran. */
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

test('every command of docs/applications.md does what the document says', async () => {
  const blocks = commandsIn('docs/applications.md');
  expect(blocks).toHaveLength(6);
  const paste = () => terminal.paste(blocks.shift() ?? '');

  expect(await paste()).toBe('');

  expect(statesIn(await paste())).toEqual(['offered', 'offered']);

  const decided = await paste();
  expect(statesIn(decided)).toEqual(['offered', 'offered']);
  expect(decided).toContain('"reason":"to copy them"');
  expect(statusesIn(decided)).toEqual(['200', '200']);

  const paused = await paste();
  expect(statusesIn(paused)).toEqual(['401', '200']);
  expect(statesIn(paused)).toEqual(['connected', 'connected']);

  const published = await paste();
  expect(published).toMatch(/^2$/m);
  expect(published).toContain('"added_rights":["users:read"]');
  expect(statesIn(published)).toEqual([
    'awaiting_acceptance',
    'granted',
    'granted',
    'connected',
    'connected',
    'connected',
  ]);
  expect(published.match(/"accepted_version":(\d)/g)?.sort()).toEqual([
    ...['"accepted_version":1', '"accepted_version":1', '"accepted_version":2'],
  ]);

  const stopped = await paste();
  expect(stopped).toMatch(/approved$/m);
  expect(statusesIn(stopped)).toEqual(['401', '401']);
  expect(statesIn(stopped).sort()).toEqual(['disabled', 'offered']);
});

const statesIn = (printed: string) => [...printed.matchAll(/"state":"(\w+)"/g)].map(([, state]) => state);
const statusesIn = (printed: string) => printed.match(/^.*\d{3}$/gm)?.map((line) => line.slice(-3));
