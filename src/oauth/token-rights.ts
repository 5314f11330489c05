import { holds, isRight, type RightName, rightOf } from '../api/rights.ts';
import type { RegisteredApi } from '../entities/deployment.ts';
import { type Holdings, nothingHeld } from '../entities/holdings.ts';
import { parseAuthorizationDetails, type RequestedProject } from './authorization-details.ts';
import { InvalidAuthorizationDetails, InvalidScope, InvalidTarget, TooManyProjects } from './errors.ts';
import type { Form } from './form.ts';
import { holdsIn, type IntegrationHoldings } from './holdings.ts';
import { parseScope } from './scope.ts';

/** The rights that a token carries, and the APIs that it is for. */
export interface TokenRights extends Holdings {
  /** Base URLs. */
  readonly audience: readonly string[];
}

/** The parameters of a token request that say which rights are asked for. */
export const rightsParameters = ['scope', 'resource', 'authorization_details'] as const;

/**
 * Decides which rights a token carries, for a client that is given all it may have where it names nothing; see
 * {@link narrowedRights} for the rules.
 *
 * @param held what the client holds or, where it acts for a user, what both hold
 * @throws InvalidScope a right that is unknown or not held, or nothing left to carry
 * @throws InvalidAuthorizationDetails likewise in the details
 * @throws InvalidTarget an unknown API, or one where nothing is held
 */
export function decideTokenRights(form: Form, held: IntegrationHoldings, apis: readonly RegisteredApi[]): TokenRights {
  const scope = form.get('scope');
  const resources = form.all('resource');
  const rights = narrowedRights(
    held,
    {
      scope: scope === undefined ? undefined : parseScope(scope),
      authorizationDetails: form.get('authorization_details'),
      resources,
    },
    apis,
  );
  if (namesOf(rights).length === 0) throw new InvalidScope('no right to carry');
  return { ...rights, audience: audienceOf(rights, resources, apis) };
}

/** What a request says about rights. */
export interface RightsRequest {
  /** The values of `scope` that name rights: `openid` and the like are the caller's to take out. */
  readonly scope?: readonly string[] | undefined;
  /** The parameter as it was sent. */
  readonly authorizationDetails?: string | undefined;
  /** Base URLs of APIs. */
  readonly resources: readonly string[];
}

/**
 * What a request leaves of the rights that are held; never more.
 *
 * - `scope` names rights, each in every context where it is held or implied by one that is: globally, else project by
 *   project.
 * - `authorization_details` narrows: a right that it names is carried for those projects alone, though `scope` may name
 *   it too (RFC 9396 §3.1).
 * - Neither: all that is held. Details alone: nothing but the details.
 * - `resource` selects APIs: only their rights are left (RFC 8707 §2.2).
 * - Of a client that holds something in more projects than are listed, those are asked for in details, by name.
 *
 * @throws InvalidScope a right that is unknown, or held nowhere
 * @throws TooManyProjects where projects that are not listed would have to be carried
 * @throws InvalidAuthorizationDetails malformed, or a right that is not held there
 * @throws InvalidTarget an unknown API, or one where nothing is held
 */
export function narrowedRights(
  held: IntegrationHoldings,
  { scope, authorizationDetails, resources }: RightsRequest,
  apis: readonly RegisteredApi[],
): Holdings {
  const obtainable = selected(held, isRight);
  const projects = requestedProjects(authorizationDetails, obtainable);
  const all = projects.length > 0 ? nothingHeld : obtainable;
  const unlisted = held.unlisted ? projects : undefined;
  if (unlisted?.length === 0 && scope === undefined)
    throw new TooManyProjects('everything, of which not all is listed');
  const requested = scope === undefined ? all : namedRights(scope, obtainable, unlisted);
  const targets = targetsOf(resources, obtainable, apis);
  const within = (right: string) =>
    targets === undefined || targets.some(({ name }) => isRight(right) && name === rightOf(right).api);
  return selected(narrowedTo(projects, requested), within);
}

/**
 * The audience of a token: the APIs that `resource` selected, else those of its rights, in the order in which they are
 * registered; and the issuer besides, where `openid` opens its userinfo endpoint.
 *
 * @param userinfo `openid`: the issuer, where that scope was granted
 * @throws InvalidScope where a token would be for nobody
 * @throws InvalidTarget an unknown API
 */
export function audienceOf(
  rights: Holdings,
  resources: readonly string[],
  apis: readonly RegisteredApi[],
  { openid }: { readonly openid?: string | undefined } = {},
): readonly string[] {
  const urls = resources.length > 0 ? resources.map((resource) => apiOf(resource, apis).url) : urlsOf(rights, apis);
  const audience = new Set([...urls, ...(openid === undefined ? [] : [openid])]);
  if (audience.size === 0) throw new InvalidScope('a token for no API');
  return [...audience];
}

/**
 * Each right in every context where it is held.
 *
 * @param unlisted the details of the request, where not all that is held is listed: what they name is not looked for
 */
function namedRights(
  scope: readonly string[],
  { global, byProject }: Holdings,
  unlisted: readonly RequestedProject[] | undefined,
): Holdings {
  const inProjects: [string, string][] = [];
  const everywhere: string[] = [];
  for (const right of scope) {
    const projects = Object.keys(byProject).filter((project) => holds(byProject[project] ?? [], right));
    if (!isRight(right)) throw new InvalidScope('an unknown right');
    if (holds(global, right)) everywhere.push(right);
    else if (unlisted !== undefined && rightOf(right).level === 'project') {
      if (!unlisted.some(({ rights }) => rights.includes(right)))
        throw new TooManyProjects('a right that may be held in projects that are not listed');
    } else if (projects.length === 0) throw new InvalidScope('a right that is not held');
    else inProjects.push(...projects.map((project): [string, string] => [project, right]));
  }
  return { global: everywhere, byProject: grouped(inProjects) };
}

function requestedProjects(json: string | undefined, obtainable: Holdings): readonly RequestedProject[] {
  if (json === undefined) return [];
  const projects = parseAuthorizationDetails(json);
  if (!projects.every(({ project, rights }) => rights.every((right) => holdsIn(obtainable, right, project))))
    throw new InvalidAuthorizationDetails('a right that is not held');
  return projects;
}

/** A right that details name is carried for their projects, and for no others. */
function narrowedTo(details: readonly RequestedProject[], requested: Holdings): Holdings {
  const named = new Set<string>(details.flatMap(({ rights }) => rights));
  const { global, byProject } = selected(requested, (right) => !named.has(right));
  const kept = Object.entries(byProject).flatMap(([project, rights]) =>
    rights.map((right) => [project, right] as const),
  );
  const added = details.flatMap(({ project, rights }) => rights.map((right) => [project, right] as const));
  return { global, byProject: grouped([...kept, ...added]) };
}

/** The APIs that `resource` selects, or undefined where it selects none. */
function targetsOf(
  resources: readonly string[],
  obtainable: Holdings,
  apis: readonly RegisteredApi[],
): readonly RegisteredApi[] | undefined {
  if (resources.length === 0) return undefined;
  return resources.map((resource) => {
    const api = apiOf(resource, apis);
    if (!namesOf(obtainable).some((right) => rightOf(right).api === api.name))
      throw new InvalidTarget('nothing held there');
    return api;
  });
}

function apiOf(resource: string, apis: readonly RegisteredApi[]): RegisteredApi {
  const api = apis.find(({ url }) => url === resource);
  if (api === undefined) throw new InvalidTarget('unknown resource');
  return api;
}

function urlsOf(rights: Holdings, apis: readonly RegisteredApi[]): readonly string[] {
  const names = new Set<string>(namesOf(rights).map((right) => rightOf(right).api));
  const found = apis.filter(({ name }) => names.has(name));
  if (found.length < names.size) throw new Error('a right belongs to an API that is not registered');
  return found.map(({ url }) => url);
}

/** Every right of the catalogue among them, in whichever context. */
function namesOf({ global, byProject }: Holdings): RightName[] {
  return [...global, ...Object.values(byProject).flat()].filter(isRight);
}

function selected({ global, byProject }: Holdings, isWanted: (right: string) => boolean): Holdings {
  const kept = Object.entries(byProject).flatMap(([project, rights]) =>
    rights.filter(isWanted).map((right) => [project, right] as const),
  );
  return { global: global.filter(isWanted), byProject: grouped(kept) };
}

function grouped(rights: readonly (readonly [project: string, right: string])[]): Holdings['byProject'] {
  const byProject = new Map<string, string[]>();
  for (const [project, right] of rights) byProject.set(project, [...(byProject.get(project) ?? []), right]);
  return Object.fromEntries(byProject);
}
