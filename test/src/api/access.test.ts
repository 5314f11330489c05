import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AccessLevel, accessLevels, accessOfRights, rightsOfAccess } from '../../../src/api/access.ts';

describe('access', () => {
  it('offers reading, and full access where there is something to write', () => {
    expect(accessLevels).toMatchObject({ issues: ['read', 'full'], users: ['read'], projects: ['read'] });
    expect(accessLevels).not.toHaveProperty('integrations');
  });

  it('stands for the rights of its levels', () => {
    expect(rightsOfAccess({ issues: 'full', users: 'read' })).toEqual(['issues:read', 'issues:write', 'users:read']);
    expect(rightsOfAccess({ issues: 'read' })).toEqual(['issues:read']);
  });

  it('and its rights amount to one another', () => {
    const levels = Object.entries(accessLevels).flatMap(([resource, offered]) =>
      offered.map((level): [string, AccessLevel] => [resource, level]),
    );
    fc.assert(
      fc.property(fc.subarray(levels), (chosen) => {
        const access = Object.fromEntries(chosen);
        expect(accessOfRights(rightsOfAccess(access))).toEqual(access);
      }),
    );
  });

  it('leaves out rights that are no level of it', () => {
    expect(accessOfRights(['integrations:manage', 'users:manage', 'boards:read'])).toEqual({ boards: 'read' });
  });
});
