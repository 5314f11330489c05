import * as z from 'zod/mini';
import { requestContext } from '../iam/condition-keys.ts';
import { checkPolicy, findStatement } from '../iam/policy.ts';
import type { PolicyDocument } from '../iam/types.ts';
import type { AuthorizerContext } from './event.ts';

const oneOrMore = z.union([z.string(), z.array(z.string())]);

const answerShape = z.object({
  principalId: z.string().check(z.minLength(1)),
  policyDocument: z.object({
    Version: z.literal('2012-10-17'),
    Statement: z.array(
      z.strictObject({
        Sid: z.optional(z.string()),
        Effect: z.enum(['Allow', 'Deny']),
        Action: oneOrMore,
        Resource: oneOrMore,
        Condition: z.optional(z.record(z.string(), z.record(z.string(), oneOrMore))),
      }),
    ),
  }),
  // "You can't set a JSON object or array as a valid value of any key in the context map."
  context: z.optional(z.nullable(z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])))),
  usageIdentifierKey: z.optional(z.string()),
});

/** What an authorizer decided, valid for every method its policy names. */
export interface AuthorizerAnswer {
  readonly policy: PolicyDocument;
  /** `principalId` and the context values, as strings. */
  readonly context: Readonly<Record<string, string>>;
}

/** API Gateway's quotas: an authorizer's answer of 8 KB, a resource of 512 characters. */
const maximumAnswerBytes = 8 * 1024;
const maximumResourceLength = 512;

/**
 * Reads a Lambda authorizer's output.
 *
 * @throws {Error} saying what makes it unusable; API Gateway answers AUTHORIZER_CONFIGURATION_ERROR then.
 */
export function readAuthorizerAnswer(payload: unknown): AuthorizerAnswer {
  const answer = answerShape.safeParse(payload);
  if (!answer.success) {
    throw new Error(z.prettifyError(answer.error));
  }
  const { principalId, policyDocument, context } = answer.data;
  if (Buffer.byteLength(JSON.stringify(payload)) > maximumAnswerBytes) {
    throw new Error(`the answer is larger than ${maximumAnswerBytes} bytes`);
  }
  const resources = policyDocument.Statement.flatMap((statement) => statement.Resource);
  if (resources.some((resource) => resource.length > maximumResourceLength)) {
    throw new Error(`a resource is longer than ${maximumResourceLength} characters`);
  }
  checkPolicy(policyDocument, 'identity');
  const texts = Object.entries(context ?? {}).map(([name, value]) => [name, String(value)] as const);
  return { policy: policyDocument, context: { ...Object.fromEntries(texts), principalId } };
}

/** What the policy says of one method: API Gateway's message tells an explicit deny from a missing allow. */
export function evaluate(answer: AuthorizerAnswer, methodArn: string): 'allow' | 'explicit-deny' | 'implicit-deny' {
  const request = { action: 'execute-api:Invoke', resource: methodArn, context: requestContext() };
  if (findStatement(answer.policy, 'Deny', request) !== undefined) {
    return 'explicit-deny';
  }
  return findStatement(answer.policy, 'Allow', request) === undefined ? 'implicit-deny' : 'allow';
}

/** The `authorizer` member of events and the `$context.authorizer` variables. */
export function authorizerContext(answer: AuthorizerAnswer, integrationLatency: number): AuthorizerContext {
  return { ...answer.context, integrationLatency };
}
