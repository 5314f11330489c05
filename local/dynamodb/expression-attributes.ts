import type { Item } from 'dynalite/db/index.js';
import validations from 'dynalite/validations/index.js';

type Expressions = Readonly<Record<string, unknown>>;

interface Parsed {
  readonly _projection?: { readonly paths: readonly Path[] };
  readonly _condition?: { readonly pathHeads: Readonly<Record<string, boolean>> };
  readonly _filter?: { readonly pathHeads: Readonly<Record<string, boolean>> };
  readonly _keyCondition?: { readonly pathHeads: Readonly<Record<string, boolean>>; readonly expression: unknown };
  readonly _updates?: { readonly sections: readonly { readonly path: Path; readonly val?: unknown }[] };
}
type Path = readonly (string | number)[];

/** The top-level attributes that a request names: in its items or keys, and in every expression. */
export function accessedAttributes(request: Expressions, items: readonly Item[]): readonly string[] {
  const { _projection, _condition, _filter, _keyCondition, _updates } = parse(request);
  const names = [
    ...items.flatMap((item) => Object.keys(item)),
    ...(_projection?.paths ?? []).map(([head]) => String(head)),
    ...[_condition, _filter, _keyCondition].flatMap((condition) => Object.keys(condition?.pathHeads ?? {})),
    ...(_updates?.sections ?? []).flatMap(({ path, val }) => [String(path[0]), ...pathHeads(val)]),
  ];
  return [...new Set(names)];
}

/** The value that a query's key condition gives the partition key, as a condition of a policy sees it. */
export function partitionKeyCondition(request: Expressions, partitionKey: string): string | undefined {
  const found = equality(parse(request)._keyCondition?.expression, partitionKey);
  const value = found === undefined ? undefined : Object.values(found)[0];
  return typeof value === 'string' ? value : undefined;
}

/** Expressions that do not parse name nothing: such a request is refused when it is run. */
function parse(request: Expressions): Parsed {
  const data = structuredClone({ ...request });
  try {
    return validations.validateExpressions(data) === undefined ? (data as Parsed) : {};
  } catch {
    return {};
  }
}

/** Paths are arrays in dynalite's syntax tree, operators and functions objects with `args`. */
function pathHeads(node: unknown): readonly string[] {
  if (Array.isArray(node)) {
    return [String(node[0])];
  }
  const { args } = (node ?? {}) as { args?: unknown };
  return Array.isArray(args) ? args.flatMap(pathHeads) : [];
}

function equality(node: unknown, attribute: string): Readonly<Record<string, unknown>> | undefined {
  const { type, args } = (node ?? {}) as { type?: string; args?: readonly unknown[] };
  if (type === 'and') {
    return args?.map((each) => equality(each, attribute)).find((each) => each !== undefined);
  }
  const path = args?.find((each): each is Path => Array.isArray(each));
  const literal = args?.find((each) => !Array.isArray(each));
  return type === '=' && path?.[0] === attribute ? (literal as Readonly<Record<string, unknown>>) : undefined;
}
