import { isDeepStrictEqual } from 'node:util';
import type { AttributeValue, Item } from 'dynalite/db/index.js';
import db from 'dynalite/db/index.js';

/** A node of dynalite's syntax tree: an operator or function with operands. Paths are arrays, literals values. */
interface Expression {
  readonly type: string;
  readonly name?: string;
  readonly args: readonly (Path | Expression | AttributeValue)[];
}
type Path = readonly (string | number)[];

const equalities: Readonly<Record<string, (left: AttributeValue, rights: readonly AttributeValue[]) => boolean>> = {
  '=': (left, [right]) => isEqual(left, right),
  '<>': (left, [right]) => !isEqual(left, right),
  in: (left, rights) => rights.some((right) => isEqual(left, right)),
};

/**
 * Whether a condition holds for an item. dynalite compares, but for equality, where it knows neither lists nor maps and
 * takes two absent attributes for equal.
 */
export function holds(condition: unknown, item: Item): boolean {
  const { type, name, args } = condition as Expression;
  const [first, second] = args;
  switch (type) {
    case 'and':
      return holds(first, item) && holds(second, item);
    case 'or':
      return holds(first, item) || holds(second, item);
    case 'not':
      return !holds(first, item);
  }
  const [left, ...rights] = args.map((operand) => operandValue(operand, item));
  const equality = equalities[type];
  if (equality !== undefined) {
    const present = rights.filter((right) => right !== undefined);
    return left === undefined || present.length < rights.length
      ? type === '<>' && (left !== undefined || present.length > 0)
      : equality(left, present);
  }
  return db.compare(type === 'function' ? String(name) : type, left, rights);
}

function operandValue(operand: Path | Expression | AttributeValue | undefined, item: Item): AttributeValue | undefined {
  if (Array.isArray(operand)) {
    return db.mapPath(operand, item) ?? undefined;
  }
  const { type, name, args } = operand as Expression;
  if (type === 'function' && name === 'size') {
    const size = sizeOf(operandValue(args[0], item));
    return size === undefined ? undefined : { N: String(size) };
  }
  return operand as AttributeValue;
}

/** The function `size`: characters of a string, bytes of a binary, members of a set, list or map. */
function sizeOf(value: AttributeValue | undefined): number | undefined {
  const [type, content] = Object.entries(value ?? {})[0] ?? [];
  if (type === 'B') {
    return Buffer.from(String(content), 'base64').length;
  }
  if (type === 'M') {
    return Object.keys(content as Item).length;
  }
  return type === 'S' || Array.isArray(content) ? (content as string).length : undefined;
}

function isEqual(left: AttributeValue, right: AttributeValue | undefined): boolean {
  return isDeepStrictEqual(normalized(left), normalized(right));
}

/** Sets have no order; dynalite's maps have no prototype. */
function normalized(value: AttributeValue | undefined): unknown {
  const [type, content] = Object.entries(value ?? {})[0] ?? [];
  switch (type) {
    case 'SS':
    case 'NS':
    case 'BS':
      return { [type]: [...(content as string[])].sort() };
    case 'L':
      return { L: (content as AttributeValue[]).map(normalized) };
    case 'M':
      return { M: Object.fromEntries(Object.entries(content as Item).map(([name, each]) => [name, normalized(each)])) };
    default:
      return { [String(type)]: content };
  }
}
