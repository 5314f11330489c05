import { holds, isRight, type RightName, rightOf } from '../api/rights.ts';
import type { RegisteredApi } from '../entities/deployment.ts';
import type { ProjectAuthorization } from './access-token/claims.ts';
import { authorizationDetailsType, parseAuthorizationDetails, type RequestedProject } from './authorization-details.ts';
import { InvalidAuthorizationDetails, InvalidScope, InvalidTarget } from './errors.ts';
import type { Form } from './form.ts';
import { parseScope } from './scope.ts';

/** The rights that a token carries, and where. */
export interface TokenRights {
  /** Rights for the whole tenant, in the order of the request; may be empty where there are details. */
  readonly scope: readonly RightName[];
  /** Rights in single projects. */
  readonly authorizationDetails: readonly ProjectAuthorization[];
  /** Base URLs of the APIs that the token is for. */
  readonly audience: readonly string[];
}

/** The parameters of a token request that say which rights are asked for. */
export const rightsParameters = ['scope', 'resource', 'authorization_details'] as const;

/**
 * Decides which rights a token carries, for a client that acts for itself and holds its rights in the global context.
 *
 * - `scope` names rights for the whole tenant; each must be held, or be implied by one that is held.
 * - `authorization_details` narrows: a right that it names is carried for those projects alone, though `scope` may name
 *   it too (RFC 9396 §3.1).
 * - Neither: all that is held. Details alone: nothing but the details.
 * - `resource` selects APIs: `aud` holds exactly those, the token only their rights (RFC 8707 §2.2). Otherwise `aud`
 *   holds the APIs of the rights in the token.
 *
 * @param held names of rights granted in the global context
 * @throws InvalidScope a right that is unknown or not held, or nothing left to carry
 * @throws InvalidAuthorizationDetails likewise in the details
 * @throws InvalidTarget an unknown API, or one where nothing is held
 */
export function decideTokenRights(form: Form, held: readonly string[], apis: readonly RegisteredApi[]): TokenRights {
  const obtainable = held.filter(isRight);
  const projects = requestedProjects(form, obtainable);
  const requested = requestedScope(form, obtainable) ?? (projects.length > 0 ? [] : obtainable);
  const narrowed = new Set(projects.flatMap(({ rights }) => rights));
  const targets = requestedApis(form, obtainable, apis);
  const within = (right: RightName) => targets === undefined || targets.some(({ name }) => name === rightOf(right).api);

  const scope = requested.filter((right) => within(right) && !narrowed.has(right));
  const details = projects
    .map(({ project, rights }) => detailOf(project, rights.filter(within)))
    .filter(({ actions }) => actions.length > 0);
  if (scope.length === 0 && details.length === 0) throw new InvalidScope('no right to carry');
  const carriedApis = targets ?? apisOf([...scope, ...details.flatMap(({ actions }) => actions)], apis);
  return { scope, authorizationDetails: details, audience: carriedApis.map(({ url }) => url) };
}

function requestedScope(form: Form, obtainable: readonly RightName[]): readonly RightName[] | undefined {
  const scope = form.get('scope');
  return scope === undefined
    ? undefined
    : parseScope(scope).map((right) => {
        if (!isRight(right) || !holds(obtainable, right)) throw new InvalidScope('a right that is not held');
        return right;
      });
}

function requestedProjects(form: Form, obtainable: readonly RightName[]): readonly RequestedProject[] {
  const json = form.get('authorization_details');
  if (json === undefined) return [];
  const projects = parseAuthorizationDetails(json);
  if (!projects.every(({ rights }) => rights.every((right) => holds(obtainable, right))))
    throw new InvalidAuthorizationDetails('a right that is not held');
  return projects;
}

/** The APIs that `resource` selects, or undefined where it selects none. */
function requestedApis(
  form: Form,
  obtainable: readonly RightName[],
  apis: readonly RegisteredApi[],
): readonly RegisteredApi[] | undefined {
  const resources = new Set(form.all('resource'));
  if (resources.size === 0) return undefined;
  return [...resources].map((resource) => {
    const api = apis.find(({ url }) => url === resource);
    if (api === undefined) throw new InvalidTarget('unknown resource');
    if (!obtainable.some((right) => rightOf(right).api === api.name)) throw new InvalidTarget('nothing held there');
    return api;
  });
}

function detailOf(
  project: string,
  actions: readonly RightName[],
): ProjectAuthorization & { actions: readonly RightName[] } {
  return { type: authorizationDetailsType, identifier: project, actions };
}

/** The APIs of these rights, in the order in which they are registered. */
function apisOf(rights: readonly string[], apis: readonly RegisteredApi[]): readonly RegisteredApi[] {
  const names = new Set<string>(rights.filter(isRight).map((right) => rightOf(right).api));
  const found = apis.filter(({ name }) => names.has(name));
  if (found.length < names.size) throw new Error('a right belongs to an API that is not registered');
  return found;
}
