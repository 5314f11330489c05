import type { RequestContext } from './condition-keys.ts';
import { checkConditions, conditionsHold } from './conditions.ts';
import { arnSegments, matchesResourceArn, matchesText, type PatternPart, patternParts } from './patterns.ts';
import { PolicyError } from './policy-error.ts';
import type { PolicyDocument, Statement } from './types.ts';
import { substituteVariables } from './variables.ts';

/** What is asked of a policy: one action on one resource, with the condition keys of the request. */
export interface PolicyRequest {
  readonly action: string;
  readonly resource: string;
  readonly context: RequestContext;
}

/** The statement that applied, and which of its actions and resources did: `NotAction`, `NotResource` for those. */
export interface StatementMatch {
  readonly statement: Statement;
  readonly action: string;
  readonly resource: string;
}

const members = ['Sid', 'Effect', 'Principal', 'Action', 'NotAction', 'Resource', 'NotResource', 'Condition'];
const documentMembers = ['Id', 'Version', 'Statement'];

/**
 * Checks a policy as AWS does when it is stored, as far as this evaluation depends on it.
 *
 * @throws {PolicyError} naming a member, operator or variable that is not known here, or the rule that is broken.
 */
export function checkPolicy(document: PolicyDocument, kind: 'identity' | 'key'): void {
  refuseUnknown(document, documentMembers);
  if (document.Version !== '2012-10-17') {
    throw new PolicyError(`a policy's Version is ${document.Version}; only 2012-10-17 is known to the local run`);
  }
  for (const statement of document.Statement) {
    refuseUnknown(statement, members);
    if (!['Allow', 'Deny'].includes(statement.Effect)) {
      throw new PolicyError(`${named(statement)} has the Effect ${statement.Effect}`);
    }
    if ((statement.Action === undefined) === (statement.NotAction === undefined)) {
      throw new PolicyError(`${named(statement)} needs one of Action and NotAction`);
    }
    if ((statement.Resource === undefined) === (statement.NotResource === undefined)) {
      throw new PolicyError(`${named(statement)} needs one of Resource and NotResource`);
    }
    if ((kind === 'identity') !== (statement.Principal === undefined)) {
      throw new PolicyError(`${named(statement)}: a Principal belongs in a key policy, and only there`);
    }
    for (const resource of [...list(statement.Resource), ...list(statement.NotResource)]) {
      checkResource(statement, resource);
    }
    checkConditions(statement.Condition ?? {});
  }
}

/** The first statement of that effect which applies to the request, of those that `concerns` lets through. */
export function findStatement(
  document: PolicyDocument,
  effect: Statement['Effect'],
  request: PolicyRequest,
  concerns: (statement: Statement) => boolean = () => true,
): StatementMatch | undefined {
  for (const statement of document.Statement) {
    const match = statement.Effect === effect && concerns(statement) ? statementMatch(statement, request) : undefined;
    if (match !== undefined) {
      return match;
    }
  }
  return undefined;
}

function statementMatch(statement: Statement, request: PolicyRequest): StatementMatch | undefined {
  const substitute = (text: string) => substituteVariables(text, request.context);
  const action = matchingElement('NotAction', statement.Action, statement.NotAction, (pattern) =>
    matchesAction(pattern, request.action),
  );
  if (action === undefined) {
    return undefined;
  }
  const resource = matchingElement('NotResource', statement.Resource, statement.NotResource, (pattern) =>
    matchesResource(pattern, request.resource, substitute),
  );
  if (resource === undefined || !conditionsHold(statement.Condition ?? {}, request.context, substitute)) {
    return undefined;
  }
  return { statement, action, resource };
}

function matchingElement(
  negatedName: string,
  positive: Statement['Action'],
  negative: Statement['Action'],
  matches: (pattern: string) => boolean,
): string | undefined {
  return positive === undefined
    ? list(negative).some(matches)
      ? undefined
      : negatedName
    : list(positive).find(matches);
}

/** Actions are compared without regard to case (IAM User Guide, "IAM JSON policy elements: Action"). */
function matchesAction(pattern: string, action: string): boolean {
  const [expected, actual] = [pattern.toLowerCase(), action.toLowerCase()];
  return expected === actual || (/[*?]/.test(expected) && matchesText(patternParts(expected), actual));
}

function matchesResource(
  pattern: string,
  resource: string,
  substitute: (text: string) => readonly PatternPart[] | undefined,
): boolean {
  if (pattern === '*' || pattern === resource) {
    return true;
  }
  const parts = /[*?$]/.test(pattern) ? substitute(pattern) : undefined;
  return parts !== undefined && matchesResourceArn(parts, resource);
}

/** A resource is `*` or an ARN, and no wildcard may stand in an ARN's service (IAM User Guide, "Resource"). */
function checkResource(statement: Statement, resource: string): void {
  const parts = substituteVariables(resource, new Map()) ?? [...resource];
  if (resource !== '*' && !/^(?:arn|\*):/.test(resource)) {
    throw new PolicyError(`${named(statement)}: the resource ${resource} is neither an ARN nor *`);
  }
  if (arnSegments(parts)[2]?.some((part) => typeof part === 'symbol')) {
    throw new PolicyError(`${named(statement)}: the resource ${resource} has a wildcard in its service`);
  }
}

function refuseUnknown(object: object, known: readonly string[]): void {
  const unknown = Object.keys(object).find((member) => !known.includes(member));
  if (unknown !== undefined) {
    throw new PolicyError(`the policy member ${unknown} is not known to the local run`);
  }
}

function named(statement: Statement): string {
  return statement.Sid === undefined ? `the statement ${JSON.stringify(statement)}` : `the statement ${statement.Sid}`;
}

/** A policy member that may be one value or several, as a list. */
export function list(value: string | readonly string[] | undefined): readonly string[] {
  return value === undefined ? [] : typeof value === 'string' ? [value] : value;
}
