import { StartupError } from '../startup-error.ts';
import { isCustomResource, resourceTypes, typesWithoutEffect } from './resource-types.ts';
import type { Stack } from './template.ts';

/**
 * Refuses templates with a resource type or a property that the local run does not know: what it cannot serve as AWS
 * would it does not serve at all.
 *
 * @throws {StartupError} naming the first such feature.
 */
export function checkKnownFeatures(stacks: readonly Stack[]): void {
  for (const stack of stacks) {
    for (const [logicalId, { Type, Properties }] of Object.entries(stack.template.Resources)) {
      if (isCustomResource(Type) || Object.hasOwn(typesWithoutEffect, Type)) {
        continue;
      }
      const known = resourceTypes[Type];
      if (!known) {
        throw new StartupError(`stack ${stack.name}: the local run does not know ${Type} (${logicalId})`);
      }
      const unknown = Object.keys(Properties ?? {}).find(
        (property) => ![...known.properties, ...(known.inert ?? [])].includes(property),
      );
      if (unknown !== undefined) {
        throw new StartupError(`stack ${stack.name}: the local run does not know ${unknown} of ${Type} (${logicalId})`);
      }
    }
  }
}
