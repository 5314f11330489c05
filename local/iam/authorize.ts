import type { ConditionContext, Permission } from '../aws/service.ts';
import { requestContext } from './condition-keys.ts';
import { findStatement, list, type PolicyRequest, type StatementMatch } from './policy.ts';
import { PolicyError } from './policy-error.ts';
import type { PolicyDocument, Principal, Statement } from './types.ts';

/** Allowed by these statements, or denied, with the reason in the words AWS puts into its message. */
export type Decision =
  | { readonly allowed: true; readonly identity?: StatementMatch; readonly resource?: StatementMatch }
  | { readonly allowed: false; readonly reason: string };

/**
 * Decides one permission as IAM does within one account: an explicit deny wins, then an allow, else it is denied.
 *
 * With a key policy (a KMS key has no other way in) the key policy must name the role itself, or the account's root,
 * which leaves the decision to the role's identity policies (KMS Developer Guide, "Default key policy").
 *
 * @throws {PolicyError} where a policy uses what is not known here.
 */
export function authorize(principal: Principal, permission: Permission, keyPolicy?: PolicyDocument): Decision {
  const { action, resource } = permission;
  const request = {
    action,
    resource,
    context: requestContext(globalContext(principal, permission), permission.context),
  };

  if (principal.policies.some((policy) => findStatement(policy, 'Deny', request) !== undefined)) {
    return { allowed: false, reason: 'with an explicit deny in an identity-based policy' };
  }
  const identity = firstAllow(principal.policies, request);
  if (keyPolicy === undefined) {
    return identity === undefined ? lacking('identity', action) : { allowed: true, identity };
  }

  const isAccount = (statement: Statement): boolean => namesPrincipal(statement, accountPrincipals(principal));
  const isCaller = (statement: Statement): boolean =>
    statement.Principal === '*' || namesPrincipal(statement, [...callerPrincipals(principal), '*']);
  if (findStatement(keyPolicy, 'Deny', request, (statement) => isCaller(statement) || isAccount(statement))) {
    return { allowed: false, reason: 'with an explicit deny in a resource-based policy' };
  }
  const direct = findStatement(keyPolicy, 'Allow', request, isCaller);
  if (direct !== undefined) {
    return { allowed: true, resource: direct, ...(identity === undefined ? {} : { identity }) };
  }
  const delegated = findStatement(keyPolicy, 'Allow', request, isAccount);
  if (delegated === undefined) {
    return lacking('resource', action);
  }
  return identity === undefined ? lacking('identity', action) : { allowed: true, resource: delegated, identity };
}

/** The session ARN under which a function calls, as STS names it: Lambda takes the function's name as session name. */
export function sessionArn(principal: Principal): string {
  const roleName = principal.roleArn.split('/').at(-1) ?? '';
  return `arn:${partition(principal)}:sts::${account(principal)}:assumed-role/${roleName}/${principal.functionName}`;
}

function lacking(kind: 'identity' | 'resource', action: string): Decision {
  return { allowed: false, reason: `because no ${kind}-based policy allows the ${action} action` };
}

function firstAllow(policies: readonly PolicyDocument[], request: PolicyRequest): StatementMatch | undefined {
  for (const policy of policies) {
    const match = findStatement(policy, 'Allow', request);
    if (match !== undefined) {
      return match;
    }
  }
  return undefined;
}

function namesPrincipal(statement: Statement, arns: readonly string[]): boolean {
  if (statement.Principal === undefined || typeof statement.Principal === 'string') {
    return false;
  }
  return Object.entries(statement.Principal).some(([kind, names]) => {
    if (!['AWS', 'Service', 'Federated', 'CanonicalUser'].includes(kind)) {
      throw new PolicyError(`the principal type ${kind} is not known to the local run`);
    }
    return kind === 'AWS' && list(names).some((name) => arns.includes(name));
  });
}

const account = ({ roleArn }: Principal): string => roleArn.split(':')[4] ?? '';
const partition = ({ roleArn }: Principal): string => roleArn.split(':')[1] ?? '';

const callerPrincipals = (principal: Principal): string[] => [principal.roleArn, sessionArn(principal)];
const accountPrincipals = (principal: Principal): string[] => [
  account(principal),
  `arn:${partition(principal)}:iam::${account(principal)}:root`,
];

/** The condition keys that AWS sets on every request; a call by another service on the function's behalf says so. */
function globalContext(principal: Principal, { resource, context }: Permission): ConditionContext {
  const [, , , region = '', resourceAccount = ''] = resource.split(':');
  const viaService = context['kms:ViaService']?.[0];
  const now = new Date();
  return {
    'aws:PrincipalArn': [principal.roleArn],
    'aws:PrincipalAccount': [account(principal)],
    'aws:PrincipalType': ['AssumedRole'],
    'aws:PrincipalIsAWSService': ['false'],
    'aws:SecureTransport': ['true'],
    'aws:CurrentTime': [now.toISOString()],
    'aws:EpochTime': [String(Math.floor(now.getTime() / 1000))],
    'aws:RequestedRegion': region === '' ? [] : [region],
    'aws:ResourceAccount': resourceAccount === '' ? [] : [resourceAccount],
    'aws:ViaAWSService': [String(viaService !== undefined)],
    'aws:CalledVia': viaService === undefined ? [] : [`${viaService.split('.')[0]}.amazonaws.com`],
  };
}
