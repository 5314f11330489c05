import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { rightNames, rightOf } from '../../../src/api/rights.ts';
import type { Holdings } from '../../../src/entities/holdings.ts';
import type { Role } from '../../../src/entities/user.ts';
import { holdingsOfIntegration, holdingsOfUser, holdsIn, inBoth } from '../../../src/oauth/holdings.ts';

const projects = ['PRJ', 'ABC', 'XYZ'];
const ofProjects = rightNames.filter((name) => rightOf(name).level === 'project');

const right = fc.constantFrom<string>(...rightNames);
const project = fc.option(fc.constantFrom(...projects), { nil: undefined });
const holdings: fc.Arbitrary<Holdings> = fc.record({
  global: fc.uniqueArray(right),
  byProject: fc.dictionary(fc.constantFrom(...projects), fc.uniqueArray(fc.constantFrom<string>(...ofProjects))),
});
const role: fc.Arbitrary<Role> = fc.oneof(
  fc.constantFrom<Role>('administrator', 'developer', 'member'),
  fc.record({ role: fc.constant('project_administrator' as const), project: fc.constantFrom(...projects) }),
);

/** What opens something: every right, globally and in each project. */
const opens = (held: Holdings) =>
  rightNames.flatMap((name) =>
    [undefined, ...projects].filter((where) => holdsIn(held, name, where)).map((where) => [name, where]),
  );

describe('what both hold', () => {
  test('opens exactly what each of them opens', () => {
    fc.assert(
      fc.property(holdings, holdings, right, project, (one, other, name, where) => {
        expect(holdsIn(inBoth(one, other), name, where)).toBe(holdsIn(one, name, where) && holdsIn(other, name, where));
      }),
      { numRuns: 1000 },
    );
  });

  test('does not depend on who is named first, nor on how many are asked in which order', () => {
    fc.assert(
      fc.property(holdings, holdings, holdings, (one, other, third) => {
        expect(opens(inBoth(one, other))).toEqual(opens(inBoth(other, one)));
        expect(opens(inBoth(inBoth(one, other), third))).toEqual(opens(inBoth(one, inBoth(other, third))));
      }),
    );
  });

  test('of somebody and themselves is what they hold', () => {
    fc.assert(
      fc.property(holdings, (one) => {
        expect(opens(inBoth(one, one))).toEqual(opens(one));
      }),
    );
  });

  test('names no project where nothing more is held than everywhere', () => {
    fc.assert(
      fc.property(holdings, holdings, (one, other) => {
        const both = inBoth(one, other);
        for (const rights of Object.values(both.byProject)) {
          expect(rights.length).toBeGreaterThan(0);
          for (const name of rights) expect(holdsIn({ global: both.global, byProject: {} }, name)).toBe(false);
        }
      }),
    );
  });

  test('of a right everywhere and a right in a project is the right in that project', () => {
    const everywhere = { global: ['issues:write'], byProject: {} };
    const there = { global: [], byProject: { PRJ: ['issues:read'] } };
    expect(inBoth(everywhere, there)).toEqual(there);
    expect(inBoth(there, everywhere)).toEqual(there);
  });

  test("never takes a name of JavaScript's own for a project", () => {
    const odd = { global: [], byProject: Object.fromEntries([['__proto__', ['issues:read']]]) };
    expect(Object.keys(inBoth(odd, odd).byProject)).toEqual(['__proto__']);
    for (const name of ['constructor', '__proto__', 'toString'])
      expect(holdsIn({ global: [], byProject: {} }, 'issues:read', name)).toBe(false);
  });
});

describe('a user', () => {
  test('holds what any of their roles holds, and nothing else', () => {
    fc.assert(
      fc.property(fc.array(role), fc.boolean(), right, project, (roles, ofOperator, name, where) => {
        const each = roles.map((one) => holdsIn(holdingsOfUser({ roles: [one] }, ofOperator), name, where));
        expect(holdsIn(holdingsOfUser({ roles }, ofOperator), name, where)).toBe(each.includes(true));
      }),
    );
  });

  test("of the operator's tenant alone may manage tenants", () => {
    const roles: Role[] = ['administrator'];
    expect(holdsIn(holdingsOfUser({ roles }, true), 'tenants:manage')).toBe(true);
    expect(holdsIn(holdingsOfUser({ roles }, false), 'tenants:manage')).toBe(false);
  });

  test('who administers a project writes there and nowhere else', () => {
    const held = holdingsOfUser({ roles: [{ role: 'project_administrator', project: 'PRJ' }] }, false);
    expect([holdsIn(held, 'issues:write', 'PRJ'), holdsIn(held, 'issues:write', 'ABC')]).toEqual([true, false]);
    expect([holdsIn(held, 'issues:read', 'ABC'), holdsIn(held, 'issues:write')]).toEqual([true, false]);
  });
});

test.each(['pending', 'declined', 'revoked'] as const)('an integration does not hold what is %s', (state) => {
  const rights = {
    'issues:read': { state: 'granted', requestedBy: 'usr_1' },
    'users:read': { state, requestedBy: 'usr_1' },
  } as const;
  expect(holdingsOfIntegration({ rights })).toEqual({ global: ['issues:read'], byProject: {} });
});
