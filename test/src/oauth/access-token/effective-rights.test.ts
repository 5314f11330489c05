import fc from 'fast-check';
import { expect, test } from 'vitest';
import { holds, rightNames } from '../../../../src/api/rights.ts';
import type { RequestedRight } from '../../../../src/entities/integration.ts';
import type { AccessTokenClaims } from '../../../../src/oauth/access-token/claims.ts';
import { effectiveRights } from '../../../../src/oauth/access-token/effective-rights.ts';
import { granted, newIntegration, newScene } from './scene.ts';

function effective(carried: Partial<AccessTokenClaims>, held: Readonly<Record<string, RequestedRight>>) {
  const claims = { ...newScene().claims(), scope: undefined, ...carried } as AccessTokenClaims;
  return effectiveRights(claims, { ...newIntegration(), rights: held });
}
const inPrj = (...actions: string[]) => ({ type: 'project', identifier: 'PRJ', actions }) as const;

test('a right is effective where the token carries it and it is granted', () => {
  const { global } = effective({ scope: 'issues:read users:read' }, { 'issues:read': granted, 'audit:read': granted });
  expect(global).toEqual(['issues:read']);
});

test.each(['pending', 'declined', 'revoked'] as const)('a right that is %s opens nothing', (state) => {
  expect(effective({ scope: 'issues:read' }, { 'issues:read': { ...granted, state } }).global).toEqual([]);
});

test('what is carried goes as far as what is granted, and the other way round', () => {
  expect(effective({ scope: 'issues:write' }, { 'issues:read': granted }).global).toEqual(['issues:read']);
  expect(effective({ scope: 'issues:read' }, { 'issues:write': granted }).global).toEqual(['issues:read']);
  expect(effective({ scope: 'issues:write' }, { 'issues:write': granted }).global).toEqual(['issues:write']);
});

test('a right of one project stays in it', () => {
  const rights = effective({ authorization_details: [inPrj('issues:read')] }, { 'issues:read': granted });
  expect(rights).toEqual({ global: [], byProject: { PRJ: ['issues:read'] } });
});

test('a project whose rights are all gone is not named', () => {
  const details = [inPrj('issues:read'), inPrj('boards:read'), { ...inPrj('users:read'), identifier: 'OTHER' }];
  const rights = effective({ authorization_details: details }, { 'boards:read': granted, 'issues:read': granted });
  expect(rights.byProject).toEqual({ PRJ: ['issues:read', 'boards:read'] });
});

const someRights = fc.subarray([...rightNames]);

test('a right opens what it opens exactly where both the token and the grants open it', () => {
  fc.assert(
    fc.property(someRights, someRights, fc.constantFrom(...rightNames), (carried, held, needed) => {
      const rights = Object.fromEntries(held.map((right) => [right, granted]));
      const { global } = effective({ scope: carried.join(' ') }, rights);
      expect(holds(global, needed)).toBe(holds(carried, needed) && holds(held, needed));
    }),
  );
});
