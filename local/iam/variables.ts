import { checkConditionKey, isMultiValued, type RequestContext } from './condition-keys.ts';
import { type PatternPart, patternParts } from './patterns.ts';
import { PolicyError } from './policy-error.ts';

/** A policy element's text, cut into wildcards, literals and the variables between them. */
type Template = readonly (PatternPart | Variable)[];

interface Variable {
  readonly key: string;
  readonly otherwise: string | undefined;
}

const variableForm = /\$\{([^}]*)\}/g;
const escapes = new Set(['*', '?', '$']);
const templates = new Map<string, Template>();

/**
 * Puts the request's values into a policy element's variables (`${aws:PrincipalArn}`, `${key, 'default'}`, and `${*}`,
 * `${?}`, `${$}` for the characters themselves). What a variable puts in is literal text, never a wildcard.
 *
 * @returns undefined when a variable without default is absent from the request: the statement then does not apply.
 * @throws {PolicyError} naming a variable that is not known here.
 */
export function substituteVariables(text: string, context: RequestContext): PatternPart[] | undefined {
  let template = templates.get(text);
  if (template === undefined) {
    template = parseTemplate(text);
    templates.set(text, template);
  }
  const parts: PatternPart[] = [];
  for (const part of template) {
    if (typeof part !== 'object' || 'literal' in part) {
      parts.push(part);
      continue;
    }
    const value = context.get(part.key.toLowerCase())?.[0] ?? part.otherwise;
    if (value === undefined) {
      return undefined;
    }
    parts.push({ literal: value });
  }
  return parts;
}

function parseTemplate(text: string): Template {
  const template: (PatternPart | Variable)[] = [];
  let end = 0;
  for (const match of text.matchAll(variableForm)) {
    template.push(...patternParts(text.slice(end, match.index)), parseVariable(match[1] ?? ''));
    end = match.index + match[0].length;
  }
  return [...template, ...patternParts(text.slice(end))];
}

function parseVariable(inside: string): PatternPart | Variable {
  if (escapes.has(inside)) {
    return { literal: inside };
  }
  const [, key = '', otherwise] = /^\s*([^\s,]+)\s*(?:,\s*'([^']*)'\s*)?$/.exec(inside) ?? [];
  if (key === '') {
    throw new PolicyError(`\${${inside}} is not a policy variable`);
  }
  checkConditionKey(key);
  if (isMultiValued(key)) {
    throw new PolicyError(`\${${key}} can have several values, which a policy variable may not`);
  }
  return { key, otherwise };
}
