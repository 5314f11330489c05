import { checkConditionKey, isMultiValued, type RequestContext } from './condition-keys.ts';
import { matchesArnComponents, matchesText, type PatternPart } from './patterns.ts';
import { PolicyError } from './policy-error.ts';
import type { Statement } from './types.ts';
import { substituteVariables } from './variables.ts';

/** Turns a policy value into its pattern, variables put in; undefined where a variable is absent from the request. */
export type Substitute = (text: string) => readonly PatternPart[] | undefined;

interface Operator {
  /** Tests one value of the request against one of the policy, as the positive form of the operator. */
  readonly test: (value: string, expected: readonly PatternPart[]) => boolean;
  /** `StringNotEquals` and its kin hold when no value of the policy matches. */
  readonly negated: boolean;
}

const literalText = (parts: readonly PatternPart[]): string =>
  parts
    .map((part) => (typeof part === 'string' ? part : typeof part === 'object' ? part.literal : part.description))
    .join('');

const equals: Operator['test'] = (value, expected) => value === literalText(expected);
const equalsIgnoringCase: Operator['test'] = (value, expected) =>
  value.toLowerCase() === literalText(expected).toLowerCase();
const like: Operator['test'] = (value, expected) => matchesText(expected, value);
const arn: Operator['test'] = (value, expected) => matchesArnComponents(expected, value);

const numeric =
  (compare: (value: number, expected: number) => boolean): Operator['test'] =>
  (value, expected) => {
    const [left, right] = [Number(value), Number(literalText(expected))];
    if (Number.isNaN(right) || literalText(expected).trim() === '') {
      throw new PolicyError(`a numeric condition compares with ${JSON.stringify(literalText(expected))}`);
    }
    return compare(left, right);
  };

const operators: Readonly<Record<string, Operator>> = {
  StringEquals: { test: equals, negated: false },
  StringNotEquals: { test: equals, negated: true },
  StringEqualsIgnoreCase: { test: equalsIgnoringCase, negated: false },
  StringNotEqualsIgnoreCase: { test: equalsIgnoringCase, negated: true },
  StringLike: { test: like, negated: false },
  StringNotLike: { test: like, negated: true },
  ArnEquals: { test: arn, negated: false },
  ArnNotEquals: { test: arn, negated: true },
  ArnLike: { test: arn, negated: false },
  ArnNotLike: { test: arn, negated: true },
  Bool: { test: equalsIgnoringCase, negated: false },
  NumericEquals: { test: numeric((value, expected) => value === expected), negated: false },
  NumericNotEquals: { test: numeric((value, expected) => value === expected), negated: true },
  NumericLessThan: { test: numeric((value, expected) => value < expected), negated: false },
  NumericLessThanEquals: { test: numeric((value, expected) => value <= expected), negated: false },
  NumericGreaterThan: { test: numeric((value, expected) => value > expected), negated: false },
  NumericGreaterThanEquals: { test: numeric((value, expected) => value >= expected), negated: false },
};

interface ParsedOperator {
  readonly quantifier: 'ForAllValues' | 'ForAnyValue' | undefined;
  /** `Null`, which asks whether the key is there, has no test of its own. */
  readonly operator: Operator | 'Null';
  readonly ifExists: boolean;
}

/**
 * Whether every operator and key of a `Condition` element holds for the request.
 *
 * @throws {PolicyError} naming an operator or key that is not known here.
 */
export function conditionsHold(
  condition: NonNullable<Statement['Condition']>,
  context: RequestContext,
  substitute: Substitute,
): boolean {
  return Object.entries(condition).every(([name, keys]) => {
    const parsed = parseOperator(name);
    return Object.entries(keys).every(([key, expected]) =>
      keyHolds(parsed, context.get(key.toLowerCase()), texts(expected), substitute),
    );
  });
}

/** @throws {PolicyError} naming an operator, key or variable that is not known here, or a pair of them that does not fit. */
export function checkConditions(condition: NonNullable<Statement['Condition']>): void {
  for (const [name, keys] of Object.entries(condition)) {
    const { quantifier, operator } = parseOperator(name);
    for (const [key, expected] of Object.entries(keys)) {
      checkConditionKey(key);
      for (const text of texts(expected)) {
        substituteVariables(text, new Map());
      }
      if (operator !== 'Null' && isMultiValued(key) && quantifier === undefined) {
        throw new PolicyError(`${key} can have several values: ${name} needs ForAllValues: or ForAnyValue:`);
      }
      if (quantifier !== undefined && !isMultiValued(key)) {
        throw new PolicyError(`${key} has one value: ${name} must not be used with it`);
      }
    }
  }
}

/** A condition's values as IAM reads them: JSON's true, false and numbers count as their text. */
function texts(expected: string | readonly string[]): string[] {
  return (typeof expected === 'object' ? expected : [expected]).map(String);
}

function parseOperator(name: string): ParsedOperator {
  const [, quantifier, base = '', ifExists] = /^(?:(ForAllValues|ForAnyValue):)?(.+?)(IfExists)?$/.exec(name) ?? [];
  const operator = base === 'Null' ? 'Null' : operators[base];
  if (operator === undefined || (operator === 'Null' && (quantifier !== undefined || ifExists !== undefined))) {
    throw new PolicyError(`the condition operator ${name} is not known to the local run`);
  }
  return { quantifier: quantifier as ParsedOperator['quantifier'], operator, ifExists: ifExists !== undefined };
}

function keyHolds(
  { quantifier, operator, ifExists }: ParsedOperator,
  values: readonly string[] | undefined,
  expected: readonly string[],
  substitute: Substitute,
): boolean {
  if (operator === 'Null') {
    return expected.some((wanted) => (wanted.toLowerCase() === 'true') === (values === undefined));
  }
  if (values === undefined) {
    return ifExists || quantifier === 'ForAllValues' || (operator.negated && quantifier === undefined);
  }
  const patterns = expected.map(substitute);
  const holds = (value: string): boolean => {
    const matches = patterns.some((pattern) => pattern !== undefined && operator.test(value, pattern));
    return matches !== operator.negated;
  };
  return quantifier === 'ForAllValues' ? values.every(holds) : values.some(holds);
}
