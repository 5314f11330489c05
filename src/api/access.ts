import { type RightName, rightNames, rightOf } from './rights.ts';

/** How much access to one resource of the reference API is asked for: `full` is reading and writing. */
export type AccessLevel = 'read' | 'full';

/** Access by resource: `{ "issues": "full", "users": "read" }`. */
export type Access = Readonly<Record<string, AccessLevel | undefined>>;

/** The levels that each resource offers, derived from the rights of the API named `api`. */
export const accessLevels: Readonly<Record<string, readonly [AccessLevel, ...AccessLevel[]]>> = Object.fromEntries(
  rightNames
    .filter((name) => rightOf(name).api === 'api' && name.endsWith(':read'))
    .map((name) => name.slice(0, -':read'.length))
    .map((resource) => [
      resource,
      rightNames.some((name) => name === `${resource}:write`) ? ['read', 'full'] : ['read'],
    ]),
);

/** The rights that the access stands for. */
export function rightsOfAccess(access: Access): RightName[] {
  return rightNames.filter((name) => {
    const [resource = '', action] = name.split(':');
    const level = Object.hasOwn(access, resource) ? access[resource] : undefined;
    return rightOf(name).api === 'api' && ((action === 'read' && level) || (action === 'write' && level === 'full'));
  });
}

/** The access that the rights amount to; rights that are no one's level are left out. */
export function accessOfRights(rights: readonly string[]): Record<string, AccessLevel> {
  const levels = Object.keys(accessLevels).map((resource): [string, AccessLevel | undefined] => {
    if (rights.includes(`${resource}:write`)) return [resource, 'full'];
    return [resource, rights.includes(`${resource}:read`) ? 'read' : undefined];
  });
  return Object.fromEntries(levels.filter((entry): entry is [string, AccessLevel] => entry[1] !== undefined));
}
