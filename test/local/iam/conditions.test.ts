// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the variables of IAM policies look like placeholders
import { describe, expect, it } from 'vitest';
import { requestContext } from '../../../local/iam/condition-keys.ts';
import { checkConditions, conditionsHold } from '../../../local/iam/conditions.ts';
import { PolicyError } from '../../../local/iam/policy-error.ts';
import type { Statement } from '../../../local/iam/types.ts';
import { substituteVariables } from '../../../local/iam/variables.ts';

type Condition = NonNullable<Statement['Condition']>;

function holds(condition: Condition, values: Record<string, readonly string[]>): boolean {
  const context = requestContext(values);
  return conditionsHold(condition, context, (text) => substituteVariables(text, context));
}

const spec = 'kms:KeySpec';
const leading = 'dynamodb:LeadingKeys';

describe('a condition on one value', () => {
  it.each<[string, string | string[], string, boolean]>([
    ['StringEquals', 'RSA_2048', 'RSA_2048', true],
    ['StringEquals', 'RSA_2048', 'rsa_2048', false],
    ['StringEquals', ['a', 'b'], 'b', true],
    ['StringEquals', 'a*', 'ab', false],
    ['StringNotEquals', ['a', 'b'], 'b', false],
    ['StringNotEquals', ['a', 'b'], 'c', true],
    ['StringEqualsIgnoreCase', 'RSA', 'rsa', true],
    ['StringNotEqualsIgnoreCase', 'RSA', 'rsa', false],
    ['StringLike', 'RSA_*', 'RSA_2048', true],
    ['StringLike', 'RSA_?', 'RSA_2048', false],
    ['StringNotLike', 'RSA_*', 'RSA_2048', false],
    ['StringNotLike', 'RSA_*', 'ECC', true],
    ['ArnEquals', 'arn:aws:iam::1:role/*', 'arn:aws:iam::1:role/a', true],
    ['ArnLike', 'arn:aws:iam::*:role/a', 'arn:aws:iam::1:role/b', false],
    ['ArnNotLike', 'arn:aws:iam::*:role/a', 'arn:aws:iam::1:role/b', true],
    ['Bool', 'true', 'TRUE', true],
    ['Bool', 'true', 'false', false],
    ['NumericEquals', '10', '10.0', true],
    ['NumericNotEquals', '10', '11', true],
    ['NumericLessThan', '10', '9', true],
    ['NumericLessThan', '10', '10', false],
    ['NumericLessThanEquals', '10', '10', true],
    ['NumericGreaterThan', '10', '10', false],
    ['NumericGreaterThanEquals', '10', '10', true],
  ])('%s %j of %s: %s', (operator, expected, value, outcome) => {
    expect(holds({ [operator]: { [spec]: expected } }, { [spec]: [value] })).toBe(outcome);
  });

  it('fails on an absent key, unless it is negated or IfExists', () => {
    expect(holds({ StringEquals: { [spec]: 'a' } }, {})).toBe(false);
    expect(holds({ StringNotEquals: { [spec]: 'a' } }, {})).toBe(true);
    expect(holds({ StringEqualsIfExists: { [spec]: 'a' } }, {})).toBe(true);
    expect(holds({ StringEqualsIfExists: { [spec]: 'a' } }, { [spec]: ['b'] })).toBe(false);
  });

  it('takes names of keys without regard to case', () => {
    expect(holds({ StringEquals: { 'KMS:keyspec': 'a' } }, { 'kms:KeySpec': ['a'] })).toBe(true);
  });

  it('needs every operator and every key to hold', () => {
    const both = { StringEquals: { [spec]: 'a', 'kms:KeyUsage': 'b' } };
    expect(holds(both, { [spec]: ['a'], 'kms:KeyUsage': ['b'] })).toBe(true);
    expect(holds(both, { [spec]: ['a'], 'kms:KeyUsage': ['c'] })).toBe(false);
    expect(holds({ ...both, Bool: { 'aws:ViaAWSService': 'true' } }, { [spec]: ['a'], 'kms:KeyUsage': ['b'] })).toBe(
      false,
    );
  });
});

describe('Null', () => {
  it('asks whether the key is there; true as JSON counts as its text', () => {
    expect(holds({ Null: { [leading]: 'true' } }, {})).toBe(true);
    expect(holds({ Null: { [leading]: 'false' } }, {})).toBe(false);
    expect(holds({ Null: { [leading]: 'false' } }, { [leading]: ['a'] })).toBe(true);
    expect(holds(JSON.parse(`{"Null":{"${leading}":false}}`), { [leading]: ['a'] })).toBe(true);
    expect(holds({ Null: { [leading]: 'false' } }, { [leading]: [] })).toBe(false);
  });
});

describe('a condition on several values', () => {
  it.each<[string, string[] | undefined, boolean]>([
    ['ForAllValues:StringLike', ['T#1', 'T#2'], true],
    ['ForAllValues:StringLike', ['T#1', 'U#2'], false],
    ['ForAllValues:StringLike', undefined, true],
    ['ForAnyValue:StringLike', ['T#1', 'U#2'], true],
    ['ForAnyValue:StringLike', ['U#1', 'U#2'], false],
    ['ForAnyValue:StringLike', undefined, false],
    ['ForAllValues:StringNotLike', ['U#1', 'T#1'], false],
    ['ForAllValues:StringNotLike', ['U#1'], true],
    ['ForAnyValue:StringNotLike', ['U#1', 'T#1'], true],
    ['ForAnyValue:StringNotLike', ['T#1'], false],
    ['ForAnyValue:StringNotLike', undefined, false],
  ])('%s T#* of %j: %s', (operator, values, outcome) => {
    expect(holds({ [operator]: { [leading]: 'T#*' } }, values === undefined ? {} : { [leading]: values })).toBe(
      outcome,
    );
  });
});

describe('what is not known', () => {
  it.each<[Condition, string]>([
    [{ StringSimilar: { [spec]: 'a' } }, 'StringSimilar'],
    [{ IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } }, 'IpAddress'],
    [{ 'ForSomeValues:StringLike': { [leading]: 'a' } }, 'ForSomeValues:StringLike'],
    [{ NullIfExists: { [spec]: 'true' } }, 'NullIfExists'],
    [{ StringEquals: { 'dynamodb:LeadingKey': 'a' } }, 'dynamodb:LeadingKey'],
    [{ StringEquals: { [spec]: '${aws:PrincipalTag/team}' } }, 'aws:PrincipalTag/team'],
    [{ StringLike: { [leading]: 'a' } }, 'needs ForAllValues: or ForAnyValue:'],
    [{ 'ForAllValues:StringLike': { [spec]: 'a' } }, 'has one value'],
  ])('%j is an error that names it', (condition, message) => {
    expect(() => checkConditions(condition)).toThrow(PolicyError);
    expect(() => checkConditions(condition)).toThrow(message);
  });

  it('is not: the operators and keys in use', () => {
    expect(() =>
      checkConditions({
        'ForAllValues:StringLike': { [leading]: 'T#*' },
        Null: { [leading]: 'false' },
        StringEquals: { 'kms:EncryptionContext:tenant': '${aws:PrincipalArn}' },
      }),
    ).not.toThrow();
  });
});

describe('a policy variable', () => {
  it('takes its value from the request, its wildcards literally', () => {
    const condition = { StringLike: { [spec]: '${kms:KeyUsage}-*' } };
    expect(holds(condition, { [spec]: ['SIGN-1'], 'kms:KeyUsage': ['SIGN'] })).toBe(true);
    expect(holds(condition, { [spec]: ['SIGN-1'], 'kms:KeyUsage': ['*'] })).toBe(false);
  });

  it('matches nothing when absent, unless it has a default', () => {
    expect(holds({ StringLike: { [spec]: '${kms:KeyUsage}*' } }, { [spec]: ['a'] })).toBe(false);
    expect(holds({ StringLike: { [spec]: "${kms:KeyUsage, 'a'}*" } }, { [spec]: ['a'] })).toBe(true);
  });

  it('writes the special characters themselves', () => {
    expect(holds({ StringLike: { [spec]: 'a${*}' } }, { [spec]: ['a*'] })).toBe(true);
    expect(holds({ StringLike: { [spec]: 'a${*}' } }, { [spec]: ['ab'] })).toBe(false);
  });
});
