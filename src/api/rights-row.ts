import type { RouteRight } from './route.ts';

/**
 * What a protected route asks of its callers, as the authorizer's bundle holds it. A platform team writes rows of this
 * form for its own API.
 */
export interface RightsRow {
  /** The resource as API Gateway writes it, without the stage: `/v1/projects/{project}/issues`. */
  readonly resource: string;
  readonly method: string;
  /** A right of the catalogue, or `any` valid token of the API. */
  readonly right: Exclude<RouteRight, 'none'>;
  /** The path parameter that names the project in whose context the right is needed. */
  readonly projectParameter?: string;
  /** Held in any one project, the right opens it too; the endpoint decides on what is in question there. */
  readonly inAnyProject?: true;
  /** Another right that opens it, globally or in the project that `projectParameter` names. */
  readonly orRight?: Exclude<RouteRight, 'any' | 'none'>;
  /** `self` in the path parameter `client_id` needs no right: every token may look at its own integration. */
  readonly selfAllowed?: true;
}
