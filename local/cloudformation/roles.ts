import * as z from 'zod/mini';
import { checkPolicy, list } from '../iam/policy.ts';
import type { PolicyDocument } from '../iam/types.ts';
import { StartupError } from '../startup-error.ts';
import type { Resolver, Resource } from './resolver.ts';
import { readShape, unknownFeature } from './shape.ts';

const oneOrMore = z.union([z.string(), z.array(z.string())]);

/** A policy document; what stands in its statements is checked where policies are evaluated. */
export const policyDocument = z.strictObject({
  Version: z.optional(z.string()),
  Id: z.optional(z.string()),
  Statement: z.array(
    z.strictObject({
      Sid: z.optional(z.string()),
      Effect: z.enum(['Allow', 'Deny']),
      Principal: z.optional(z.union([z.literal('*'), z.record(z.string(), oneOrMore)])),
      Action: z.optional(oneOrMore),
      NotAction: z.optional(oneOrMore),
      Resource: z.optional(oneOrMore),
      NotResource: z.optional(oneOrMore),
      Condition: z.optional(z.record(z.string(), z.record(z.string(), oneOrMore))),
    }),
  ),
});

const roleShape = z.object({
  AssumeRolePolicyDocument: policyDocument,
  ManagedPolicyArns: z._default(z.array(z.string()), []),
  Policies: z._default(z.array(z.strictObject({ PolicyName: z.string(), PolicyDocument: policyDocument })), []),
});

const attachedShape = z.object({ PolicyDocument: policyDocument, Roles: z._default(z.array(z.string()), []) });

/** AWS's own managed policies that allow nothing which a function does on this machine. */
const managedWithoutEffect = new Set([
  'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole',
  'arn:aws:iam::aws:policy/AWSXRayDaemonWriteAccess',
  'arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs',
]);

/**
 * Role ARN → every identity policy of the role: inline, attached by name, managed in the same templates. Only roles that
 * Lambda may assume are there.
 *
 * @throws {StartupError} for a policy with what the local run cannot evaluate, naming it.
 */
export function functionRolePolicies(resolver: Resolver): Map<string, PolicyDocument[]> {
  const attached = resolver.resources((type) => type === 'AWS::IAM::Policy' || type === 'AWS::IAM::ManagedPolicy');
  const roles = resolver.resources('AWS::IAM::Role');
  const byArn = new Map<string, PolicyDocument[]>(
    roles.map((role) => {
      const shape = readShape(roleShape, role.properties, role);
      const managed = shape.ManagedPolicyArns.filter((arn) => !managedWithoutEffect.has(arn)).map(
        (arn) => managedPolicy(attached, arn) ?? fail(role, arn),
      );
      return [roleArn(role), [...shape.Policies.map((policy) => policy.PolicyDocument), ...managed]] as const;
    }),
  );
  for (const policy of attached) {
    const { Roles, PolicyDocument } = readShape(attachedShape, policy.properties, policy);
    for (const name of Roles) {
      const role = roles.find((candidate) => candidate.ref === name);
      if (!role) {
        throw new StartupError(
          `stack ${policy.stack.name}: ${policy.logicalId} is attached to the unknown role ${name}`,
        );
      }
      byArn.get(roleArn(role))?.push(PolicyDocument);
    }
  }
  for (const role of roles) {
    if (!trustsLambda(role)) {
      byArn.delete(roleArn(role));
    }
    byArn.get(roleArn(role))?.forEach((policy) => {
      check(policy, role);
    });
  }
  return byArn;
}

function trustsLambda(role: Resource): boolean {
  const { AssumeRolePolicyDocument } = readShape(roleShape, role.properties, role);
  return AssumeRolePolicyDocument.Statement.some(
    ({ Effect, Action, Principal, Condition }) =>
      Effect === 'Allow' &&
      Condition === undefined &&
      list(Action).includes('sts:AssumeRole') &&
      typeof Principal === 'object' &&
      list(Principal.Service).includes('lambda.amazonaws.com'),
  );
}

function check(policy: PolicyDocument, role: Resource): void {
  try {
    checkPolicy(policy, 'identity');
  } catch (error) {
    throw new StartupError(
      `stack ${role.stack.name}, ${role.logicalId}: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

function managedPolicy(policies: readonly Resource[], arn: string): PolicyDocument | undefined {
  const policy = policies.find((candidate) => candidate.type === 'AWS::IAM::ManagedPolicy' && candidate.ref === arn);
  return policy && readShape(attachedShape, policy.properties, policy).PolicyDocument;
}

function fail(role: Resource, arn: string): never {
  throw unknownFeature(role, `the managed policy ${arn}`);
}

const roleArn = (role: Resource): string => `arn:aws:iam::${role.stack.accountId}:role/${role.ref}`;
