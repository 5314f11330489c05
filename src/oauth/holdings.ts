import { holds, isRight, rightOf } from '../api/rights.ts';
import { rightsOfRoles } from '../api/roles.ts';
import type { Holdings } from '../entities/holdings.ts';
import { grantedRights, type Integration } from '../entities/integration.ts';
import { isListedInPart } from '../entities/project-rights.ts';
import type { User } from '../entities/user.ts';

/** What is granted to an integration. */
export interface IntegrationHoldings extends Holdings {
  /** It may hold something in projects besides that are not named: too many to be listed. */
  readonly unlisted?: true;
}

/** What is granted to an integration, in single projects as far as they are listed. */
export function holdingsOfIntegration(integration: Pick<Integration, 'rights' | 'projectGrants'>): IntegrationHoldings {
  return {
    global: grantedRights(integration),
    byProject: integration.projectGrants?.listed ?? {},
    ...(isListedInPart(integration) && { unlisted: true }),
  };
}

/**
 * What a user holds by their roles.
 *
 * @param ofOperator whether the user is of the operator's tenant
 */
export function holdingsOfUser({ roles }: Pick<User, 'roles'>, ofOperator: boolean): Holdings {
  const global = new Set<string>();
  const byProject: Record<string, string[]> = {};
  for (const { right, project } of rightsOfRoles(roles, ofOperator)) {
    if (project === undefined) global.add(right);
    else byProject[project] = [...(byProject[project] ?? []), right];
  }
  return { global: [...global], byProject };
}

/** Whether the right is held: globally or, where a project is named, in that project. */
export function holdsIn({ global, byProject }: Holdings, right: string, project?: string): boolean {
  if (holds(global, right)) return true;
  return project !== undefined && Object.hasOwn(byProject, project) && holds(byProject[project] ?? [], right);
}

/** Whether the right is held globally or in at least one project. */
export function holdsAnywhere({ global, byProject }: Holdings, right: string): boolean {
  return holds(global, right) || Object.values(byProject).some((rights) => holds(rights, right));
}

/** What is left of it in a tenant that is not the platform operator's. */
export function withoutOperatorsRights({ global, byProject }: Holdings): Holdings {
  const ofTenant = (right: string) => !(isRight(right) && rightOf(right).operatorOnly);
  const inProjects = Object.entries(byProject).map(([project, rights]) => [project, rights.filter(ofTenant)]);
  return { global: global.filter(ofTenant), byProject: Object.fromEntries(inProjects) };
}

/**
 * What both hold, each right as far as it goes: of `issues:write` here and `issues:read` there remains `issues:read`, and
 * what is held globally here and in one project there is held in that project.
 */
export function inBoth(one: Holdings, other: Holdings): Holdings {
  const global = common(one.global, other.global);
  const projects = new Set([...Object.keys(one.byProject), ...Object.keys(other.byProject)]);
  const shared = [...projects].map((project) => {
    const there = common(heldIn(one, project), heldIn(other, project));
    return [project, there.filter((right) => !holds(global, right))] as const;
  });
  return { global, byProject: Object.fromEntries(shared.filter(([, rights]) => rights.length > 0)) };
}

/** Every right of the project's level that is held there, for whichever reason. */
function heldIn({ global, byProject }: Holdings, project: string): readonly string[] {
  const inProject = Object.hasOwn(byProject, project) ? (byProject[project] ?? []) : [];
  return [
    ...new Set([...inProject, ...global.filter((right) => isRight(right) && rightOf(right).level === 'project')]),
  ];
}

function common(one: readonly string[], other: readonly string[]): string[] {
  const held: string[] = [];
  for (const right of one) {
    if (other.includes(right) || holds(other, right)) held.push(right);
    else held.push(...impliedBy(right).filter((implied) => !one.includes(implied) && holds(other, implied)));
  }
  return held;
}

function impliedBy(right: string): readonly string[] {
  return (isRight(right) && rightOf(right).implies) || [];
}
