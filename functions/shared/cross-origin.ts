import type { Route } from '../../src/api/route.ts';
import { environment } from '../../src/environment.ts';
import { optionalVariable } from './services.ts';

/**
 * What lets scripts of another origin read an answer, never with credentials (Fetch, CORS protocol): of any origin where
 * the route says so, else of the one that the stage names.
 */
export function crossOriginHeaders(row: Route | undefined): Readonly<Record<string, string>> {
  const origin = row?.anyOrigin ? '*' : optionalVariable(environment.corsOrigin);
  if (origin === undefined) return {};
  return { 'Access-Control-Allow-Origin': origin, 'Access-Control-Expose-Headers': 'ETag,Location,Retry-After' };
}
