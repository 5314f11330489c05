import { isRight, type RightName, rightOf } from '../api/rights.ts';
import { projectKeyPattern } from '../entities/project.ts';
import { InvalidAuthorizationDetails } from './errors.ts';
import type { Form } from './form.ts';

/** Project-level rights that are asked for in one project. */
export interface RequestedProject {
  /** The project's key. Whether there is such a project is not looked at: a right in none opens nothing. */
  readonly project: string;
  readonly rights: readonly RightName[];
}

/** The one type of authorization details there is (RFC 9396 §2). */
export const authorizationDetailsType = 'project';

/** The most that a request may bring, in characters: some 30 projects, each of them a row that is read. */
const limit = 2_000;

const members = ['actions', 'identifier', 'type'];

/**
 * Reads an `authorization_details` parameter (RFC 9396 §2); what is asked for in the same project is put together.
 *
 * @throws InvalidAuthorizationDetails for anything but a list of `{"type":"project","identifier","actions"}` with
 * project-level rights of the catalogue (RFC 9396 §5)
 */
export function parseAuthorizationDetails(json: string): readonly RequestedProject[] {
  if (json.length > limit) throw new InvalidAuthorizationDetails('too long');
  const details = jsonValueOf(json);
  if (!Array.isArray(details) || details.length === 0) throw new InvalidAuthorizationDetails('no list of details');
  const byProject = new Map<string, Set<RightName>>();
  for (const detail of details) {
    const { identifier, actions } = parseDetail(detail);
    const rights = byProject.get(identifier) ?? new Set();
    for (const action of actions) rights.add(projectLevelRight(action));
    byProject.set(identifier, rights);
  }
  return [...byProject].map(([project, rights]) => ({ project, rights: [...rights] }));
}

/**
 * The projects that a form's details name: to be read with its client. Of details that cannot be read there are none;
 * whoever decides on the request refuses them.
 */
export function projectsNamedIn(form: Form): readonly string[] {
  const json = form.get('authorization_details');
  try {
    return json === undefined ? [] : parseAuthorizationDetails(json).map(({ project }) => project);
  } catch (error) {
    if (error instanceof InvalidAuthorizationDetails) return [];
    throw error;
  }
}

function jsonValueOf(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    throw new InvalidAuthorizationDetails('no JSON');
  }
}

function parseDetail(detail: unknown): { readonly identifier: string; readonly actions: readonly unknown[] } {
  if (typeof detail !== 'object' || detail === null) throw new InvalidAuthorizationDetails('no object');
  if (!Object.keys(detail).every((member) => members.includes(member)))
    throw new InvalidAuthorizationDetails('unknown member');
  const { type, identifier, actions } = detail as Readonly<Record<string, unknown>>;
  if (type !== authorizationDetailsType) throw new InvalidAuthorizationDetails('unknown type');
  if (typeof identifier !== 'string' || !projectKeyPattern.test(identifier))
    throw new InvalidAuthorizationDetails('no project key');
  if (!Array.isArray(actions) || actions.length === 0) throw new InvalidAuthorizationDetails('no actions');
  return { identifier, actions };
}

function projectLevelRight(action: unknown): RightName {
  if (typeof action !== 'string' || !isRight(action)) throw new InvalidAuthorizationDetails('unknown right');
  if (rightOf(action).level !== 'project') throw new InvalidAuthorizationDetails('a right of the whole tenant');
  return action;
}
