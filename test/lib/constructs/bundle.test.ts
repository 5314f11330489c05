import { existsSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { describe, expect, test } from 'vitest';
import { bundle } from '../../../lib/constructs/bundle.ts';
import type { Route } from '../../../src/api/route.ts';
import { routes } from '../../../src/api/routes.ts';
import { temporaryFolder } from '../synthesize.ts';

function bundled(entry: string) {
  const outdir = temporaryFolder();
  const stack = new Stack(new App({ outdir }), 'Stack');
  bundle(stack, entry);
  return join(outdir, 'bundles', entry.replaceAll('/', '-'));
}

describe('a bundle', () => {
  const base = bundled('auth/jwks');
  const code = readFileSync(join(base, 'index.js'), 'utf8');

  test('needs nothing but Node.js itself', () => {
    const needed = [...code.matchAll(/\brequire\("([^"]+)"\)/g)].map((match) => match[1] ?? '');
    expect(needed.length).toBeGreaterThan(0);
    for (const name of needed) expect(builtinModules).toContain(name.replace(/^node:/, ''));
  });

  test('has its source map and what its bytes are beside it, not inside', () => {
    expect(existsSync(`${base}.js.map`)).toBe(true);
    expect(existsSync(join(base, 'index.js.map'))).toBe(false);
    expect(code.includes('sourceMappingURL')).toBe(false);
    const { inputs, bytes } = JSON.parse(readFileSync(`${base}.meta.json`, 'utf8'));
    expect(bytes).toBe(Buffer.byteLength(code));
    expect(Object.keys(inputs)).toEqual(expect.arrayContaining([expect.stringMatching(/functions\/auth\/jwks\.ts$/)]));
  });

  test('takes credentials from its environment alone: no other provider is in it', () => {
    const mentioned = ['AWS_SECRET_ACCESS_KEY', 'AWS_CONTAINER_CREDENTIALS_FULL_URI', 'sso_start_url', 'role_arn'];
    expect(mentioned.filter((name) => code.includes(name))).toEqual(['AWS_SECRET_ACCESS_KEY']);
  });

  test('is the same whatever is bundled beside it', () => {
    const other = readFileSync(join(bundled('auth/jwks'), 'index.js'), 'utf8');
    expect(other === code).toBe(true);
  });
});

const untouching = Object.values<Route>(routes).filter(
  ({ touches, keys = [] }) => Object.keys(touches).length === 0 && keys.length === 0,
);

test.each([...new Set(untouching.map((route) => route.entry))])(
  '%s, which touches neither table nor keys, has no AWS client',
  (entry) => {
    const { inputs } = JSON.parse(readFileSync(`${bundled(entry)}.meta.json`, 'utf8'));
    expect(Object.keys(inputs).filter((input) => input.includes('/@aws-sdk/'))).toEqual([]);
  },
);

test('an entry that does not exist is named', () => {
  expect(() => bundled('auth/nothing')).toThrow('auth/nothing');
});
