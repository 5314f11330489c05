import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { invokePermissions } from '../../../local/cloudformation/invoke-permissions.ts';
import { lambdaFunctions } from '../../../local/cloudformation/lambda-functions.ts';
import { functionRolePolicies } from '../../../local/cloudformation/roles.ts';
import { schedules, startSchedules } from '../../../local/cloudformation/schedules.ts';
import { resolverOf, resourcesOf, stack } from './stack-under-test.ts';

const bundle = mkdtempSync(join(tmpdir(), 'latchkey-bundle-'));
afterAll(() => rmSync(bundle, { recursive: true }));

const role = {
  Type: 'AWS::IAM::Role',
  Properties: {
    AssumeRolePolicyDocument: {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'lambda.amazonaws.com' } }],
    },
  },
};
const allow = (action: string) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: action, Resource: '*' }],
});

describe('functions', () => {
  const fn = (properties: object) => ({
    Fn: {
      Type: 'AWS::Lambda::Function',
      Properties: {
        Code: { S3Bucket: 'b', S3Key: 'k.zip' },
        Handler: 'index.handler',
        Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
        Runtime: 'nodejs24.x',
        ...properties,
      },
    },
    Role: role,
  });
  const functionsOf = (properties: object) =>
    lambdaFunctions(resolverOf([stack({ Resources: fn(properties) }, 'S', new Map([['k.zip', bundle]]))]));

  test('have code, environment as text, and Lambda’s defaults', () => {
    expect(functionsOf({ Environment: { Variables: { A: 1, B: true, C: { Ref: 'AWS::Region' } } } })).toMatchObject([
      {
        code: { directory: bundle },
        environment: { A: '1', B: 'true', C: 'eu-central-1' },
        memorySize: 128,
        timeoutSeconds: 3,
        handler: 'index.handler',
      },
    ]);
    expect(functionsOf({ Code: { ZipFile: 'x' }, Timeout: '10', MemorySize: 1024 })).toMatchObject([
      { code: { inline: 'x' }, timeoutSeconds: 10, memorySize: 1024 },
    ]);
  });

  test.each([
    [{ Runtime: 'nodejs20.x' }, 'Runtime'],
    [{ Code: { S3Bucket: 'b', S3Key: 'other.zip' } }, 'the code other.zip'],
    [{ Code: { ImageUri: 'x' } }, 'Code'],
  ])('with %j are an error that names it', (properties, name) => {
    expect(() => functionsOf(properties)).toThrow(name);
  });
});

describe('roles', () => {
  const roleWith = (properties: object) => ({ ...role, Properties: { ...role.Properties, ...properties } });

  test('have inline, attached and managed policies', () => {
    const policies = functionRolePolicies(
      resourcesOf({
        Role: roleWith({
          RoleName: 'r',
          Policies: [{ PolicyName: 'p', PolicyDocument: allow('a:A') }],
          ManagedPolicyArns: [{ Ref: 'Managed' }, 'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole'],
        }),
        Attached: {
          Type: 'AWS::IAM::Policy',
          Properties: { PolicyName: 'x', PolicyDocument: allow('b:B'), Roles: [{ Ref: 'Role' }] },
        },
        Managed: { Type: 'AWS::IAM::ManagedPolicy', Properties: { PolicyDocument: allow('c:C') } },
      }),
    );
    const actions = policies
      .get('arn:aws:iam::000000000000:role/r')
      ?.flatMap(({ Statement }) => Statement.map(({ Action }) => Action));
    expect(actions?.toSorted()).toEqual(['a:A', 'b:B', 'c:C']);
  });

  test('that Lambda may not assume are none of a function', () => {
    const foreign = structuredClone(role);
    foreign.Properties.AssumeRolePolicyDocument.Statement = [
      { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'apigateway.amazonaws.com' } },
    ];
    expect(functionRolePolicies(resourcesOf({ Role: foreign })).size).toBe(0);
    expect(functionRolePolicies(resourcesOf({ Role: role })).size).toBe(1);
  });

  test('with a condition that cannot be evaluated here are an error that names it', () => {
    const policy = {
      ...allow('a:A'),
      Statement: [{ ...allow('a:A').Statement[0], Condition: { StringEquals: { 'aws:Nonsense': 'x' } } }],
    };
    expect(() =>
      functionRolePolicies(
        resourcesOf({ Role: roleWith({ Policies: [{ PolicyName: 'p', PolicyDocument: policy }] }) }),
      ),
    ).toThrow('aws:Nonsense');
  });

  test('with an unknown managed policy, or a policy for no role, are errors that name it', () => {
    expect(() =>
      functionRolePolicies(
        resourcesOf({ Role: roleWith({ ManagedPolicyArns: ['arn:aws:iam::aws:policy/AdministratorAccess'] }) }),
      ),
    ).toThrow('the managed policy arn:aws:iam::aws:policy/AdministratorAccess');
    expect(() =>
      functionRolePolicies(
        resourcesOf({
          Policy: { Type: 'AWS::IAM::Policy', Properties: { PolicyDocument: allow('a:A'), Roles: ['nobody'] } },
        }),
      ),
    ).toThrow('the unknown role nobody');
  });
});

describe('permissions to invoke', () => {
  const arn = 'arn:aws:lambda:eu-central-1:000000000000:function:f';
  const may = (
    properties: object,
    source = 'arn:aws:execute-api:eu-central-1:000000000000:api1/api/GET/v1/things/{id}',
    service = 'apigateway.amazonaws.com',
  ) =>
    invokePermissions(
      resourcesOf({
        P: {
          Type: 'AWS::Lambda::Permission',
          Properties: {
            Action: 'lambda:InvokeFunction',
            FunctionName: arn,
            Principal: 'apigateway.amazonaws.com',
            ...properties,
          },
        },
      }),
    )(arn, service, source);

  test.each([
    [{}, true],
    [{ FunctionName: 'f' }, true],
    [{ FunctionName: 'g' }, false],
    [{ SourceArn: 'arn:aws:execute-api:eu-central-1:000000000000:api1/api/GET/v1/things/*' }, true],
    [{ SourceArn: 'arn:aws:execute-api:eu-central-1:000000000000:api1/api/*/*' }, true],
    [{ SourceArn: 'arn:aws:execute-api:eu-central-1:000000000000:api2/api/*/*' }, false],
    [{ SourceArn: 'arn:aws:execute-api:eu-central-1:000000000000:api1/test-invoke-stage/*/*' }, false],
    [{ SourceArn: 'arn:aws:execute-api:eu-central-1:000000000000:api1/authorizers/a' }, false],
    [{ SourceAccount: '000000000000' }, true],
    [{ SourceAccount: '111111111111' }, false],
    [{ Principal: 'events.amazonaws.com' }, false],
  ])('with %j: %s', (properties, expected) => {
    expect(may(properties)).toBe(expected);
  });

  test('of another action are an error', () => {
    expect(() => may({ Action: 'lambda:*' })).toThrow('Action');
  });
});

describe('schedules', () => {
  const rule = (properties: object) =>
    schedules(
      resourcesOf({
        R: {
          Type: 'AWS::Events::Rule',
          Properties: {
            Name: 'daily',
            ScheduleExpression: 'rate(1 day)',
            Targets: [{ Arn: 'arn:f', Id: 'T' }],
            ...properties,
          },
        },
      }),
    );

  test('run their targets by the clock, first after one interval', () => {
    vi.useFakeTimers();
    const ran: string[] = [];
    const stop = startSchedules(rule({ ScheduleExpression: 'rate(5 minutes)' }), ({ functionArn }) =>
      ran.push(functionArn),
    );
    vi.advanceTimersByTime(299_999);
    expect(ran).toEqual([]);
    vi.advanceTimersByTime(300_001);
    expect(ran).toEqual(['arn:f', 'arn:f']);
    stop();
    vi.advanceTimersByTime(900_000);
    expect(ran).toHaveLength(2);
    vi.useRealTimers();
  });

  test('send EventBridge’s event, or the target’s input', () => {
    const at = new Date('2026-11-21T10:00:00.123Z');
    expect(rule({})[0]?.event(at)).toMatchObject({
      'detail-type': 'Scheduled Event',
      source: 'aws.events',
      time: '2026-11-21T10:00:00Z',
      resources: ['arn:aws:events:eu-central-1:000000000000:rule/daily'],
      detail: {},
    });
    expect(rule({ Targets: [{ Arn: 'a', Id: 'T', Input: '{"x":1}' }] })[0]?.event(at)).toEqual({ x: 1 });
  });

  test('that are disabled do not run', () => {
    expect(rule({ State: 'DISABLED' })).toEqual([]);
  });

  test.each([
    [{ ScheduleExpression: 'cron(0 12 * * ? *)' }, 'the schedule cron(0 12 * * ? *)'],
    [{ Targets: [{ Arn: 'a', Id: 'b', InputTransformer: {} }] }, 'Targets.0.InputTransformer'],
  ])('with %j are an error that names it', (properties, name) => {
    expect(() => rule(properties)).toThrow(name);
  });
});
