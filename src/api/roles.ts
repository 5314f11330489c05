import type { RightInContext, Role } from '../entities/user.ts';
import { type RightName, rightNames, rightOf } from './rights.ts';

/** Named sets of rights, derived from the catalogue: a right added there is in every set that its kind belongs to. */

const readsMoreThanMembersDo: readonly RightName[] = ['audit:read', 'integrations:read'];

const memberRights = rightNames.filter(
  (name) =>
    name === 'personal-access-tokens:manage' || (name.endsWith(':read') && !readsMoreThanMembersDo.includes(name)),
);

const developerRights: readonly RightName[] = [...memberRights, 'applications:manage'];

const projectRights = rightNames.filter((name) => rightOf(name).level === 'project');

/** Every right of the tenant: the operator's own are in no other. */
const administratorRights = (ofOperator: boolean) =>
  rightNames.filter((name) => ofOperator || !rightOf(name).operatorOnly);

const globally = (names: readonly RightName[]): RightInContext[] => names.map((right) => ({ right }));

/**
 * Every right that the roles hold, in its context; one that several hold comes several times.
 *
 * @param ofOperator whether the roles are of the platform operator's tenant
 */
export function rightsOfRoles(roles: readonly Role[], ofOperator: boolean): RightInContext[] {
  return roles.flatMap((role) => {
    if (role === 'administrator') return globally(administratorRights(ofOperator));
    if (role === 'developer') return globally(developerRights);
    if (role === 'member') return globally(memberRights);
    return [...globally(memberRights), ...projectRights.map((right) => ({ right, project: role.project }))];
  });
}
