import { isObject } from '../cloudformation/template.ts';

/** Whether a record passes a filter pattern. */
export type EventFilter = (record: unknown) => boolean;

/** A pattern's text is at most this long (Lambda Developer Guide, "Lambda quotas": filter criteria). */
const longestPattern = 4096;

/**
 * Reads a filter pattern of an event source mapping (Lambda Developer Guide, "Control which events Lambda sends to your
 * function"): every member must match; a list of rules matches where one of them does, and a list in the record where
 * one of its members does.
 *
 * @throws {Error} naming the rule that is not known here.
 */
export function eventFilter(pattern: string): EventFilter {
  if (pattern.length > longestPattern) {
    throw new Error(`a filter pattern over ${longestPattern} characters`);
  }
  const parsed: unknown = JSON.parse(pattern);
  if (!isObject(parsed)) {
    throw new Error('a filter pattern that is no JSON object');
  }
  return objectFilter(parsed);
}

function objectFilter(pattern: Readonly<Record<string, unknown>>): EventFilter {
  const members = Object.entries(pattern).map(([name, value]) => {
    if (name.startsWith('$')) {
      throw new Error(`the filter rule ${name}`);
    }
    if (Array.isArray(value)) {
      return { name, matches: rulesFilter(value) };
    }
    if (isObject(value)) {
      return { name, matches: objectFilter(value) };
    }
    throw new Error(`a filter pattern whose ${name} is neither an object nor a list of rules`);
  });
  return (record) => {
    const object = isObject(record) ? record : {};
    return members.every(({ name, matches }) => matches(Object.hasOwn(object, name) ? object[name] : absent));
  };
}

/** What a rule is asked of where the record has no such member. */
const absent = Symbol('absent');

function rulesFilter(rules: readonly unknown[]): EventFilter {
  if (rules.length === 0) {
    throw new Error('a filter rule list that is empty');
  }
  const filters = rules.map(ruleFilter);
  return (value) => filters.some((matches) => matches(value));
}

function ruleFilter(rule: unknown): EventFilter {
  if (!isObject(rule)) {
    if (rule !== null && typeof rule !== 'string' && typeof rule !== 'number' && typeof rule !== 'boolean') {
      throw new Error('a filter rule that is a list');
    }
    return ofSome((value) => value === rule);
  }
  const [[name, argument] = ['', undefined], ...more] = Object.entries(rule);
  if (more.length > 0) {
    throw new Error(`a filter rule of several members (${Object.keys(rule).join(', ')})`);
  }
  if (name === 'prefix' && typeof argument === 'string') {
    return ofSome((value) => typeof value === 'string' && value.startsWith(argument));
  }
  if (name === 'anything-but' && Array.isArray(argument) && argument.every((each) => typeof each === 'string')) {
    const refused = new Set<unknown>(argument);
    return (value) => value !== absent && listOf(value).every((each) => !refused.has(each));
  }
  if (name === 'exists' && typeof argument === 'boolean') {
    // Only a leaf exists (Lambda Developer Guide, "Filter rule syntax").
    return (value) => (value !== absent && !isObject(value)) === argument;
  }
  throw new Error(`the filter rule ${JSON.stringify(rule)}`);
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value]);

const ofSome =
  (matches: EventFilter): EventFilter =>
  (value) =>
    listOf(value).some(matches);
