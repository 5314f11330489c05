import { describe, expect, it } from 'vitest';
import { accessPatterns } from '../../docs/storage/access-patterns.ts';
import { callsOf } from '../../docs/storage/document.ts';
import type { Route } from '../../src/api/route.ts';
import { backgroundTouches, boundTokenTouches, routes } from '../../src/api/routes.ts';
import type { Touches } from '../../src/entities/partition.ts';

const patterns = Object.values(accessPatterns).flat();

/** `kind action`, as rows and access patterns both say it. */
const said = (touches: Touches) =>
  Object.entries(touches).flatMap(([kind, actions = []]) => actions.map((action) => `${kind} ${action}`));

const touchesOfEntry = new Map<string, Set<string>>();
const rows = [
  ...Object.values<Route>(routes).flatMap(({ entry, touches, dpopTouches = {}, legacyTouches = {} }) =>
    [touches, dpopTouches, ...Object.values(legacyTouches)].map((each) => [entry, each] as const),
  ),
  ...Object.entries<Touches>(backgroundTouches),
  ['authorizer/rights-authorizer', boundTokenTouches] as const,
];
for (const [entry, touches] of rows)
  touchesOfEntry.set(entry, new Set([...(touchesOfEntry.get(entry) ?? []), ...said(touches)]));

describe('the documented access patterns', () => {
  it.each([...touchesOfEntry.keys()])('of %s are exactly what its rows let it touch', async (entry) => {
    const calls = await Promise.all(patterns.filter(({ usedBy }) => usedBy.includes(entry)).map(callsOf));
    const done = calls.flat().flatMap(({ accesses }) => accesses.map(({ kind, action }) => `${kind} ${action}`));
    expect([...new Set(done)].sort()).toEqual([...(touchesOfEntry.get(entry) ?? [])].sort());
  });

  it('name entries that exist', () => {
    const entries = new Set(patterns.flatMap(({ usedBy }) => usedBy));
    expect([...entries].filter((entry) => !touchesOfEntry.has(entry))).toEqual([]);
  });

  it('issue one call each, where one does not follow from another', async () => {
    for (const pattern of patterns) {
      const calls = await callsOf(pattern);
      expect(calls.length, pattern.name).toBeGreaterThan(0);
      expect(calls.length, pattern.name).toBeLessThanOrEqual(pattern.calls ?? 2);
    }
  });
});
