import type { Route } from '../../src/api/route.ts';
import { type Operation, routes } from '../../src/api/routes.ts';

/**
 * The `Location` of what was created: the path under which `operation` reads it (RFC 9110 §10.2.2). A stage and a base
 * path of a custom domain have the same name, so that one path holds for both.
 */
export function locationOf(operation: Operation, parameters: Readonly<Record<string, string | number>>): string {
  const { api, path }: Route = routes[operation];
  return `/${api}${path.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(parameters[name] ?? ''))}`;
}
