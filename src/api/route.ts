import type * as z from 'zod/mini';
import type { LegacyGrantType } from '../entities/grant-type.ts';
import type { KeyUse, Touches } from '../entities/partition.ts';
import type { RightName } from './rights.ts';

/** The three REST APIs, each one API Gateway stage of that name. */
export type RestApiName = 'auth' | 'admin' | 'api';

/**
 * The right a route needs: one of the catalogue, `any` valid token, or `none` where the route is public or authenticates
 * its caller itself (the authorization server's endpoints).
 */
export type RouteRight = RightName | 'any' | 'none';

/** How the audit log is told of refusals. */
export interface AuditedRefusals {
  readonly action: `${string}.refused`;
  /** The members of the body that the event repeats: never one that may hold a secret. */
  readonly asked: readonly string[];
}

/** One row of the route table: what infrastructure, authorizer, OpenAPI and the handler's types derive from. */
export interface Route {
  readonly api: RestApiName;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below the stage, as API Gateway writes it: `/v1/integrations/{client_id}`. */
  readonly path: `/${string}`;
  /** The file below `functions/`, without its ending. */
  readonly entry: `${RestApiName}/${string}`;
  readonly right: RouteRight;
  readonly summary: string;
  /** The path parameter that names the project in whose context the right is needed. */
  readonly projectParameter?: string;
  /** Held in any one project, the right opens it too: what may be done there is decided by the endpoint. */
  readonly inAnyProject?: true;
  /** Another right that opens it, in the project that the route names. */
  readonly orRight?: RightName;
  /** `self` in place of `{client_id}` needs no right. */
  readonly selfAllowed?: true;
  /** What the audit log is told of each request that the endpoint refuses with 403. */
  readonly refusals?: AuditedRefusals;
  /** Answers any origin without credentials; `/admin` and `/api` follow the stage option instead. */
  readonly anyOrigin?: true;
  readonly body?: z.ZodMiniType;
  readonly query?: z.ZodMiniType;
  readonly answer?: z.ZodMiniType;
  /** Where the answer is lines, each of them `answer` in JSON. Default: one JSON text. */
  readonly answerMediaType?: 'application/x-ndjson';
  /** The status of success. */
  readonly status: 200 | 201 | 202 | 204 | 303;
  /** The status of a success that made nothing new, where `status` says that something was. */
  readonly statusOfChange?: 200;
  readonly touches: Touches;
  /** What it touches besides where the stage offers tokens bound to a key (DPoP). */
  readonly dpopTouches?: Touches;
  readonly keys?: readonly KeyUse[];
  /** What it touches besides where the stage names a legacy grant, by that grant. */
  readonly legacyTouches?: Readonly<Partial<Record<LegacyGrantType, Touches>>>;
  /** What it does with keys besides, likewise. */
  readonly legacyKeys?: Readonly<Partial<Record<LegacyGrantType, readonly KeyUse[]>>>;
  /** What it does with our client secrets at identity providers: makes, replaces and deletes them, or reads one. */
  readonly upstreamSecrets?: 'keep' | 'read';
}
