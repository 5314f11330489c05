import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openDataFolder } from '../../local/data-folder.ts';
import { StartupError } from '../../local/startup-error.ts';

let path: string;
beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), 'latchkey-data-'));
});
afterEach(() => rmSync(path, { recursive: true, force: true }));

describe('a data folder', () => {
  test('keeps what was made over restarts, for its owner only', async () => {
    await (await openDataFolder(path)).saveResource('Data/Table', 'table-1');
    const again = await openDataFolder(path);
    expect([...again.resources]).toEqual([['Data/Table', 'table-1']]);
    expect(statSync(join(path, 'resources.json')).mode & 0o777).toBe(0o600);
  });

  test('that cannot be written is an error that names the file', async () => {
    const folder = await openDataFolder(path);
    // A folder in the file's place.
    mkdirSync(join(path, 'resources.json'));
    const error = await folder.saveResource('Data/Table', 'table-1').catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(StartupError);
    expect(String(error)).toContain(`${join(path, 'resources.json')} cannot be written: EISDIR`);
  });

  test('of no path keeps nothing', async () => {
    const folder = await openDataFolder(undefined);
    await folder.saveResource('Data/Table', 'table-1');
    expect(folder.subfolder('kms')).toBeUndefined();
    expect((await openDataFolder(undefined)).resources.size).toBe(0);
  });
});
