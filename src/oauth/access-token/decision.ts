import type { RightName } from '../../api/rights.ts';
import type { RightsRow } from '../../api/rights-row.ts';
import type { Holdings } from '../../entities/holdings.ts';
import { holdsAnywhere, holdsIn, withoutOperatorsRights } from '../holdings.ts';
import type { AuthorizerContext, TokenBearer } from './context.ts';
import type { LiveToken } from './status.ts';

/** The request as far as a decision needs it: what API Gateway matched, never the path as the caller wrote it. */
export interface ProtectedRequest {
  readonly resource: string;
  readonly method: string;
  readonly pathParameters: Readonly<Record<string, string | undefined>>;
}

export type Decision =
  | { readonly allowed: true; readonly context: AuthorizerContext }
  /** The right that was needed; nothing else is told. */
  | { readonly allowed: false; readonly needed: RightName };

/** A route without a row, or a row that does not fit its route: a fault of the deployment, never a refusal. */
export class RowMismatch extends Error {}

/** Finds a route's row by the event's `resource` and `httpMethod`. */
export function rowFinder(rows: readonly RightsRow[]): (request: ProtectedRequest) => RightsRow {
  const byRoute = new Map(rows.map((row) => [`${row.method} ${row.resource}`, row]));
  return ({ method, resource }) => {
    const row = byRoute.get(`${method} ${resource}`);
    if (row === undefined) throw new RowMismatch(`no row for ${method} ${resource}`);
    return row;
  };
}

/**
 * Whether a live token may do what the route does: the right is carried by the token and still granted, in the global
 * context or, where the route names a project, in that project. What exists only in the operator's tenant is held by
 * nobody of another, whatever was granted there.
 *
 * @throws RowMismatch where the row names a path parameter that the route has not
 */
export function decide(row: RightsRow, request: ProtectedRequest, token: LiveToken): Decision {
  const { bearer, ofOperator } = token;
  const rights = ofOperator ? token.rights : withoutOperatorsRights(token.rights);
  const project = projectOf(row, request);
  if (row.right !== 'any' && !isSelf(row, request, bearer) && !opens(row, rights, project))
    return { allowed: false, needed: row.right };
  return {
    allowed: true,
    context: {
      ...bearer,
      ofOperator,
      rights: rights.global,
      projectRights: rights.byProject,
      ...(project !== undefined && { project }),
    },
  };
}

/** Whether what is held opens the route: its right, or the other one that does. */
function opens({ right, orRight, inAnyProject }: RightsRow, held: Holdings, project: string | undefined): boolean {
  if (holdsIn(held, right, project)) return true;
  if (inAnyProject && holdsAnywhere(held, right)) return true;
  return orRight !== undefined && holdsIn(held, orRight, project);
}

/** The project that the route names. @throws RowMismatch where it has no such path parameter */
export function projectOf({ projectParameter }: RightsRow, { pathParameters }: ProtectedRequest): string | undefined {
  if (projectParameter === undefined) return undefined;
  const project = pathParameters[projectParameter];
  if (project === undefined) throw new RowMismatch(`no path parameter ${projectParameter}`);
  return project;
}

/**
 * The integration that a token came through may be read with it. Changing it without a right is for the integration
 * itself, and not for each of its users, who hold tokens of it too.
 */
function isSelf(
  { selfAllowed, method }: RightsRow,
  { pathParameters }: ProtectedRequest,
  { subject, clientId }: TokenBearer,
): boolean {
  return selfAllowed === true && pathParameters.client_id === 'self' && (method === 'GET' || subject === clientId);
}
