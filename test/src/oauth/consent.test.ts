import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Holdings } from '../../../src/entities/holdings.ts';
import { isCovered, widened } from '../../../src/oauth/consent.ts';

const now = Date.parse('2026-11-21T12:00:00.000Z');
const whose = { tenant: 'ten_1', userId: 'usr_1', clientId: 'int_1' };
const global = (...rights: readonly string[]): Holdings => ({ global: rights, byProject: {} });
const inProject = (project: string, ...rights: readonly string[]): Holdings => {
  return { global: [], byProject: { [project]: rights } };
};
const asked = (rights: Holdings, scopes: readonly string[] = []) => ({ scopes, rights });
const holdings = fc.record({
  global: fc.uniqueArray(fc.constantFrom('issues:read', 'issues:write', 'boards:read', 'users:read')),
  byProject: fc.dictionary(
    fc.constantFrom('PRJ', 'OPS', '__proto__', 'constructor'),
    fc.uniqueArray(fc.constantFrom('issues:read', 'issues:write', 'boards:read'), { minLength: 1 }),
    { noNullPrototype: true },
  ),
});
const agreement = fc.record({
  scopes: fc.uniqueArray(fc.constantFrom('openid', 'profile', 'email')),
  rights: holdings,
});

describe('a consent covers', () => {
  it.each<[string, Holdings, Holdings]>([
    ['the same right', global('issues:read'), global('issues:read')],
    ['a right that another implies', global('issues:write'), global('issues:read')],
    ['a right in one project, agreed to in all', global('issues:read'), inProject('PRJ', 'issues:read')],
    ['a right in the same project', inProject('PRJ', 'issues:write'), inProject('PRJ', 'issues:read')],
  ])('%s', (_, agreed, rights) => {
    expect(isCovered(asked(rights), asked(agreed))).toBe(true);
  });

  it.each<[string, Holdings, Holdings]>([
    ['another right', global('issues:read'), global('boards:read')],
    ['a right that implies the one agreed to', global('issues:read'), global('issues:write')],
    ['a right in all projects, agreed to in one', inProject('PRJ', 'issues:read'), global('issues:read')],
    ['a right in another project', inProject('PRJ', 'issues:read'), inProject('OPS', 'issues:read')],
    ['a right in a project of an odd name', global(), inProject('constructor', 'issues:read')],
  ])('not %s', (_, agreed, rights) => {
    expect(isCovered(asked(rights), asked(agreed))).toBe(false);
  });

  it('a scope that was agreed to, and no other', () => {
    expect(isCovered(asked(global(), ['openid']), asked(global(), ['openid', 'profile']))).toBe(true);
    expect(isCovered(asked(global(), ['openid', 'profile']), asked(global(), ['openid']))).toBe(false);
  });

  it('nothing where there is none', () => {
    expect(isCovered(asked(global()), undefined)).toBe(false);
  });
});

describe('a consent that is widened', () => {
  it('begins as what was agreed to', () => {
    const consent = widened(undefined, { ...whose, ...asked(global('issues:read'), ['openid']) }, now, randomBytes);
    const at = '2026-11-21T12:00:00.000Z';
    expect(consent).toEqual({
      ...whose,
      id: expect.stringMatching(/^cns_\w{22}$/),
      scopes: ['openid'],
      rights: global('issues:read'),
      createdAt: at,
      updatedAt: at,
    });
  });

  it('covers what was agreed to before and what is now, and nothing that neither does', () => {
    fc.assert(
      fc.property(agreement, agreement, agreement, (one, other, another) => {
        const before = widened(undefined, { ...whose, ...one }, now, randomBytes);
        const after = widened(before, { ...whose, ...other }, now, randomBytes);
        expect(isCovered(one, after)).toBe(true);
        expect(isCovered(other, after)).toBe(true);
        expect(after.id).toBe(before.id);
        for (const right of another.rights.global)
          if (isCovered(asked(global(right)), after))
            expect([one, other].some((agreed) => isCovered(asked(global(right)), agreed))).toBe(true);
      }),
    );
  });

  it('says so in its time, though the clock has not moved', () => {
    const before = widened(undefined, { ...whose, ...asked(global('issues:read')) }, now, randomBytes);
    const after = widened(before, { ...whose, ...asked(global('boards:read')) }, now - 5000, randomBytes);
    expect(Date.parse(after.updatedAt)).toBeGreaterThan(Date.parse(before.updatedAt));
    expect(after.createdAt).toBe(before.createdAt);
  });
});
