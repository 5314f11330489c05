import { describe, expect, it } from 'vitest';
import { rightNames } from '../../../src/api/rights.ts';
import { rightsOfRoles } from '../../../src/api/roles.ts';
import type { Role } from '../../../src/entities/user.ts';

const globally = (role: Role, ofOperator = false) =>
  rightsOfRoles([role], ofOperator)
    .filter(({ project }) => project === undefined)
    .map(({ right }) => right);

const memberRights = [
  'issues:read',
  'checklists:read',
  'boards:read',
  'responsibilities:read',
  'projects:read',
  'users:read',
  'personal-access-tokens:manage',
];

describe('the role', () => {
  it('member reads what members may read, neither the audit log nor integrations, and keeps own tokens', () => {
    expect(globally('member')).toEqual(memberRights);
  });

  it('developer is a member who registers applications', () => {
    expect(globally('developer')).toEqual([...memberRights, 'applications:manage']);
  });

  it("administrator holds every right, the operator's own in the operator's tenant alone", () => {
    expect(globally('administrator', true)).toEqual(rightNames);
    expect(globally('administrator')).toEqual(rightNames.filter((right) => right !== 'tenants:manage'));
  });

  it('project_administrator is a member who holds every project-level right in one project', () => {
    const role: Role = { role: 'project_administrator', project: 'PRJ' };
    expect(globally(role)).toEqual(memberRights);
    const there = rightsOfRoles([role], false).filter(({ project }) => project === 'PRJ');
    expect(there.map(({ right }) => right)).toEqual([
      'issues:read',
      'issues:write',
      'checklists:read',
      'checklists:write',
      'boards:read',
      'boards:write',
      'responsibilities:read',
      'responsibilities:write',
      'projects:read',
      'authorizations:decide',
    ]);
  });
});
