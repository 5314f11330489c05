/**
 * The rights catalogue: every right of the deployment, declared once. The authorizer, the admin API, discovery, OpenAPI
 * and docs/rights.md derive from it, and a right that is not here does not compile.
 *
 * A platform team adds the rights of its own APIs here, and each API's name to {@link apis}.
 */

/** The APIs that rights belong to, by the name under which their base URL is registered as an audience. */
export const apis = {
  admin: { title: 'Latchkey admin API' },
  api: { title: 'Reference resource API' },
} as const;

export type ApiName = keyof typeof apis;

/** `global`: holds for the whole tenant. `project`: holds in one project or, granted in the global context, in all. */
export type Level = 'global' | 'project';

export interface Right {
  /** What the right lets its holder do, as people read it on the consent page and in the console. */
  readonly title: string;
  /** The heading under which people find it. */
  readonly category: string;
  readonly level: Level;
  readonly api: ApiName;
  /** Rights that this one includes. */
  readonly implies?: readonly string[];
  /** Exists only in the operator's tenant: elsewhere in no catalogue, no role and no "all rights". */
  readonly operatorOnly?: true;
}

export const rights = {
  'issues:read': { title: 'Read issues', category: 'Issues', level: 'project', api: 'api' },
  'issues:write': {
    title: 'Create and change issues',
    category: 'Issues',
    level: 'project',
    api: 'api',
    implies: ['issues:read'],
  },
  'checklists:read': { title: 'Read checklists', category: 'Checklists', level: 'project', api: 'api' },
  'checklists:write': {
    title: 'Create and change checklists',
    category: 'Checklists',
    level: 'project',
    api: 'api',
    implies: ['checklists:read'],
  },
  'boards:read': { title: 'Read boards', category: 'Boards', level: 'project', api: 'api' },
  'boards:write': {
    title: 'Create and change boards',
    category: 'Boards',
    level: 'project',
    api: 'api',
    implies: ['boards:read'],
  },
  'responsibilities:read': {
    title: 'Read responsibilities',
    category: 'Responsibilities',
    level: 'project',
    api: 'api',
  },
  'responsibilities:write': {
    title: 'Create and change responsibilities',
    category: 'Responsibilities',
    level: 'project',
    api: 'api',
    implies: ['responsibilities:read'],
  },
  'projects:read': { title: 'Read projects', category: 'Projects', level: 'project', api: 'api' },
  'authorizations:decide': {
    title: 'Decide on rights that wait for authorization',
    category: 'Integrations',
    level: 'project',
    api: 'admin',
  },
  'users:read': { title: 'Read users', category: 'Users', level: 'global', api: 'api' },
  'users:manage': { title: 'Create, change and delete users', category: 'Users', level: 'global', api: 'admin' },
  'members:add': { title: 'Add members', category: 'Users', level: 'global', api: 'admin' },
  'projects:manage': {
    title: 'Create, change and delete projects',
    category: 'Projects',
    level: 'global',
    api: 'admin',
  },
  'integrations:read': { title: 'Read integrations', category: 'Integrations', level: 'global', api: 'admin' },
  'integrations:manage': {
    title: 'Create, change, disable and delete integrations',
    category: 'Integrations',
    level: 'global',
    api: 'admin',
  },
  'applications:manage': {
    title: 'Register and publish applications',
    category: 'Applications',
    level: 'global',
    api: 'admin',
  },
  'tokens:introspect': {
    title: "Introspect other integrations' tokens",
    category: 'Tokens',
    level: 'global',
    api: 'admin',
  },
  'personal-access-tokens:manage': {
    title: 'Create and delete own personal access tokens',
    category: 'Tokens',
    level: 'global',
    api: 'admin',
  },
  'audit:read': { title: 'Read the audit log', category: 'Audit', level: 'global', api: 'admin' },
  'tenants:manage': {
    title: 'Create, suspend and delete tenants',
    category: 'Tenants',
    level: 'global',
    api: 'admin',
    operatorOnly: true,
  },
} as const satisfies Record<string, Right>;

export type RightName = keyof typeof rights;

/** Every right's name, in the order of the catalogue. */
export const rightNames = Object.keys(rights) as readonly RightName[];

const catalogue: Readonly<Record<RightName, Right>> = rights;

/** Whether `name` is a right of the catalogue. */
export function isRight(name: string): name is RightName {
  return Object.hasOwn(rights, name);
}

/** The right's declaration, as the catalogue's interface shows it. */
export function rightOf(name: RightName): Right {
  return catalogue[name];
}

/** Each right with each one that it includes. */
export const implications: readonly (readonly [right: RightName, implied: string])[] = rightNames.flatMap((name) =>
  (catalogue[name].implies ?? []).map((implied) => [name, implied] as const),
);

/** Whether holding `held` is holding `needed`: the same right, or one that implies it. */
export function covers(held: string, needed: string): boolean {
  return held === needed || (isRight(held) && (catalogue[held].implies?.includes(needed) ?? false));
}

/** Whether any of `held` covers `needed`. */
export function holds(held: Iterable<string>, needed: string): boolean {
  for (const right of held) if (covers(right, needed)) return true;
  return false;
}
