import { describe, expect, it } from 'vitest';
import { authorize } from '../../../local/iam/authorize.ts';
import type { PolicyDocument, Principal, Statement } from '../../../local/iam/types.ts';

const key = 'arn:aws:kms:eu-central-1:123456789012:key/1';
const roleArn = 'arn:aws:iam::123456789012:role/path/token-role';
const root = { AWS: 'arn:aws:iam::123456789012:root' };
const sign = { action: 'kms:Sign', resource: key, context: {} };

const document = (...statements: Statement[]): PolicyDocument => ({ Version: '2012-10-17', Statement: statements });
const role = (...statements: Statement[]): Principal => ({
  roleArn,
  functionName: 'token',
  policies: statements.map((statement) => document(statement)),
});

const allowed: Statement = { Effect: 'Allow', Action: 'kms:Sign', Resource: key };
const denied: Statement = { Effect: 'Deny', Action: 'kms:*', Resource: '*' };
const delegating = document({ Effect: 'Allow', Principal: root, Action: 'kms:*', Resource: '*' });

describe('identity policies alone', () => {
  it('allow what one of them allows', () => {
    expect(authorize(role(allowed), sign)).toMatchObject({ allowed: true, identity: { statement: allowed } });
  });

  it('deny what none allows', () => {
    expect(authorize(role(), sign)).toEqual({
      allowed: false,
      reason: 'because no identity-based policy allows the kms:Sign action',
    });
  });

  it('deny what one denies, whatever another allows', () => {
    expect(authorize(role(allowed, denied), sign)).toEqual({
      allowed: false,
      reason: 'with an explicit deny in an identity-based policy',
    });
  });
});

describe('a key policy', () => {
  const naming = (principal: Statement['Principal'], effect: Statement['Effect'] = 'Allow'): PolicyDocument =>
    document({ Effect: effect, ...(principal && { Principal: principal }), Action: 'kms:Sign', Resource: '*' });

  it('that trusts the account leaves the decision to the identity policies', () => {
    expect(authorize(role(allowed), sign, delegating).allowed).toBe(true);
    expect(authorize(role(), sign, delegating)).toMatchObject({
      allowed: false,
      reason: expect.stringMatching('identity'),
    });
    expect(authorize(role(allowed), sign, naming({ AWS: '123456789012' })).allowed).toBe(true);
  });

  it.each([
    ['the role', { AWS: roleArn }],
    ['its session', { AWS: 'arn:aws:sts::123456789012:assumed-role/token-role/token' }],
    ['everyone', '*' as const],
    ['every AWS principal', { AWS: ['*'] }],
  ])('that names %s needs no identity policy', (_whom, principal) => {
    expect(authorize(role(), sign, naming(principal)).allowed).toBe(true);
  });

  it.each([
    ['another role', { AWS: 'arn:aws:iam::123456789012:role/other' }],
    ['another account', { AWS: 'arn:aws:iam::210987654321:root' }],
    ['a service', { Service: 'logs.amazonaws.com' }],
  ])('that names only %s keeps the role out, whatever its identity policies say', (_whom, principal) => {
    expect(authorize(role(allowed), sign, naming(principal))).toEqual({
      allowed: false,
      reason: 'because no resource-based policy allows the kms:Sign action',
    });
  });

  it.each([
    ['the role', { AWS: roleArn }],
    ['the account', root],
  ])('that denies %s wins', (_whom, principal) => {
    const both = document(...delegating.Statement, ...naming(principal, 'Deny').Statement);
    expect(authorize(role(allowed), sign, both)).toEqual({
      allowed: false,
      reason: 'with an explicit deny in a resource-based policy',
    });
  });

  it('does not lift an explicit deny of the role', () => {
    expect(authorize(role(denied), sign, naming({ AWS: roleArn })).allowed).toBe(false);
  });

  it('with a principal type that is not known is an error', () => {
    expect(() => authorize(role(allowed), sign, naming({ Robot: 'x' }))).toThrow('Robot');
  });
});

describe('the keys of every request', () => {
  const when = (condition: NonNullable<Statement['Condition']>, context = {}): boolean =>
    authorize(role({ ...allowed, Condition: condition }), { ...sign, context }).allowed;

  it('name the role, its account and the Region', () => {
    expect(when({ ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam::*:role/path/*' } })).toBe(true);
    expect(
      when({ StringEquals: { 'aws:PrincipalAccount': '123456789012', 'aws:RequestedRegion': 'eu-central-1' } }),
    ).toBe(true);
    expect(when({ StringEquals: { 'aws:RequestedRegion': 'us-east-1' } })).toBe(false);
  });

  it("tell a service's call on the function's behalf from its own", () => {
    const via = { 'kms:ViaService': ['dynamodb.eu-central-1.amazonaws.com'] };
    const calledVia = { 'ForAnyValue:StringEquals': { 'aws:CalledVia': 'dynamodb.amazonaws.com' } };
    expect(when({ Bool: { 'aws:ViaAWSService': 'true' } }, via)).toBe(true);
    expect(when({ Bool: { 'aws:ViaAWSService': 'true' } })).toBe(false);
    expect(when(calledVia, via)).toBe(true);
    expect(when(calledVia)).toBe(false);
  });
});
