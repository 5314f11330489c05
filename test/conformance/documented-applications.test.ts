import { expect, test } from 'vitest';
import { readerOf, statesIn } from './documented-commands.ts';

const { blocks, paste } = readerOf('docs/applications.md');

test('every command of docs/applications.md does what the document says', async () => {
  expect(blocks).toBe(6);

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

const statusesIn = (printed: string) => printed.match(/^.*\d{3}$/gm)?.map((line) => line.slice(-3));
