import type * as z from 'zod/mini';
import { StartupError } from '../startup-error.ts';
import type { Resource } from './resolver.ts';

/**
 * Reads a resource's properties, or one of them, in a known shape.
 *
 * @throws {StartupError} naming the resource and the member that is unknown or not of that shape.
 */
export function readShape<T>(shape: z.ZodMiniType<T>, value: unknown, resource: Resource, property?: string): T {
  const parsed = shape.safeParse(value);
  if (parsed.success) {
    return parsed.data;
  }
  const issue = parsed.error.issues[0];
  const unknown = issue?.code === 'unrecognized_keys' ? issue.keys : [];
  const path = [property, ...(issue?.path ?? []), ...unknown].filter((part) => part !== undefined).join('.');
  throw unknownFeature(resource, `${path}${unknown.length > 0 ? '' : ` (${issue?.message})`}`);
}

/** The error for what the local run does not know of a resource. */
export function unknownFeature(resource: Resource, what: string): StartupError {
  return new StartupError(
    `stack ${resource.stack.name}: the local run does not know ${what} of ${resource.type} (${resource.logicalId})`,
  );
}
