import { expect, test } from 'vitest';
import { policyOf } from '../../../functions/authorizer/policy.ts';
import { decodeContext } from '../../../src/oauth/access-token/context.ts';
import type { Decision } from '../../../src/oauth/access-token/decision.ts';

const denied: Decision = { allowed: false, needed: 'issues:write' };
const route = { httpMethod: 'GET', resource: '/v1/{thing}' };
const resourceFor = (methodArn: string) => {
  const [statement] = policyOf(denied, 'int_1', { ...route, methodArn }).policyDocument.Statement;
  return statement !== undefined && 'Resource' in statement && statement.Resource;
};
const stage = 'arn:aws:execute-api:eu-west-1:123456789012:abcdef/api';

test.each([
  `${stage}/GET/v1/issues`,
  `${stage}/GET/`,
  `${stage}/GET/v1/*`,
  `${stage}/GET/v1/a:b/../../PUT/?c`,
  `${stage}/GET/${'x'.repeat(8000)}`,
])("a policy holds the stage and the method, nothing of the caller's path: %s", (methodArn) => {
  expect(resourceFor(methodArn)).toBe(`${stage}/GET/*`);
});

test('a policy is for the partition, Region and account that were asked for', () => {
  expect(resourceFor('arn:aws-cn:execute-api:cn-north-1:1:x/s/POST/p')).toBe(
    'arn:aws-cn:execute-api:cn-north-1:1:x/s/POST/*',
  );
});

test.each(['', stage, `${stage}/GET`, `${stage}/*/v1`, 'arn:aws:lambda:eu-west-1:1:x/s/GET/p'])(
  'an ARN of another form is a fault: %j',
  (methodArn) => {
    expect(() => resourceFor(methodArn)).toThrow();
  },
);

test('a refusal tells the right that was needed and nothing else', () => {
  expect(policyOf(denied, 'int_1', { ...route, methodArn: `${stage}/GET/v1` })).toEqual({
    principalId: 'int_1',
    policyDocument: {
      Version: '2012-10-17',
      Statement: [{ Action: 'execute-api:Invoke', Effect: 'Deny', Resource: `${stage}/GET/*` }],
    },
    context: { scope: 'issues:write' },
  });
});

test('an allowance is for the route that it was decided on', () => {
  const context = {
    kind: 'access-token' as const,
    tenant: 'ten_1',
    subject: 'int_1',
    clientId: 'int_1',
    credential: 'sec_1',
    rights: ['issues:read'],
    ofOperator: false,
    projectRights: {},
    tokenId: 'tok_1',
  };
  const event = { ...route, methodArn: `${stage}/GET/v1/secrets` };
  const { context: wire } = policyOf({ allowed: true, context }, 'int_1', event);
  expect(decodeContext(wire, 'GET /v1/{thing}')).toEqual(context);
  expect(() => decodeContext(wire, 'GET /v1/secrets')).toThrow();
});
