// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the variables of IAM policies look like placeholders
import { describe, expect, it } from 'vitest';
import { requestContext } from '../../../local/iam/condition-keys.ts';
import { checkPolicy, findStatement } from '../../../local/iam/policy.ts';
import type { PolicyDocument, Statement } from '../../../local/iam/types.ts';

const table = 'arn:aws:dynamodb:eu-central-1:123456789012:table/data';

const document = (...statements: Statement[]): PolicyDocument => ({ Version: '2012-10-17', Statement: statements });

function matches(statement: Omit<Statement, 'Effect'>, action = 'dynamodb:GetItem', resource = table): boolean {
  const request = { action, resource, context: requestContext({ 'aws:PrincipalAccount': ['123456789012'] }) };
  return findStatement(document({ Effect: 'Allow', ...statement }), 'Allow', request) !== undefined;
}

describe('a statement', () => {
  it.each<[Omit<Statement, 'Effect'>, boolean]>([
    [{ Action: 'dynamodb:GetItem', Resource: table }, true],
    [{ Action: 'DynamoDB:getitem', Resource: table }, true],
    [{ Action: ['dynamodb:Query', 'dynamodb:Get*'], Resource: table }, true],
    [{ Action: 'dynamodb:G?tItem', Resource: table }, true],
    [{ Action: 'dynamodb:Query', Resource: table }, false],
    [{ Action: '*', Resource: '*' }, true],
    [{ NotAction: 'dynamodb:GetItem', Resource: table }, false],
    [{ NotAction: ['kms:*', 'dynamodb:Query'], Resource: table }, true],
    [{ Action: '*', NotResource: `${table}*` }, false],
    [{ Action: '*', NotResource: `${table}/index/*` }, true],
    [{ Action: '*', Resource: `${table}/index/*` }, false],
    [{ Action: '*', Resource: [`${table}/index/*`, table] }, true],
    [{ Action: '*', Resource: 'arn:aws:dynamodb:eu-central-1:${aws:PrincipalAccount}:table/data' }, true],
    [{ Action: '*', Resource: 'arn:aws:dynamodb:eu-central-1:${aws:username}:table/data' }, false],
    [{ Action: '*', Resource: '*', Condition: { StringEquals: { 'aws:PrincipalAccount': '123456789012' } } }, true],
    [{ Action: '*', Resource: '*', Condition: { StringEquals: { 'aws:PrincipalAccount': '1' } } }, false],
  ])('%j applies: %s', (statement, expected) => {
    expect(matches(statement)).toBe(expected);
  });

  it('says which of its actions and resources applied', () => {
    const statement: Statement = {
      Effect: 'Allow',
      Action: ['kms:*', 'dynamodb:Get*'],
      Resource: ['arn:aws:kms:*', '*'],
    };
    const request = { action: 'dynamodb:GetItem', resource: table, context: requestContext() };
    expect(findStatement(document(statement), 'Allow', request)).toEqual({
      statement,
      action: 'dynamodb:Get*',
      resource: '*',
    });
  });
});

describe('a policy that AWS would not take, or that is not known here', () => {
  const sound: Statement = { Effect: 'Allow', Action: 'kms:Sign', Resource: '*' };
  const root = { AWS: 'arn:aws:iam::123456789012:root' };

  it.each<[object, string]>([
    [{ ...sound, Resource: 'table/data' }, 'neither an ARN nor *'],
    [{ ...sound, Resource: 'arn:aws:dyn*:eu-central-1:1:table/data' }, 'wildcard in its service'],
    [{ ...sound, Resource: 'arn:aws:kms:${aws:Region}:1:key/k' }, 'aws:Region'],
    [{ ...sound, NotAction: 'kms:*' }, 'one of Action and NotAction'],
    [{ Effect: 'Allow', Action: 'kms:Sign' }, 'one of Resource and NotResource'],
    [{ ...sound, Effect: 'Permit' }, 'Permit'],
    [{ ...sound, NotPrincipal: root }, 'NotPrincipal'],
    [{ ...sound, Principal: root }, 'Principal'],
    [{ ...sound, Condition: { Like: { 'kms:KeySpec': 'a' } } }, 'Like'],
  ])('%j is an error that names it', (statement, message) => {
    expect(() => checkPolicy(document(statement as Statement), 'identity')).toThrow(message);
    expect(() => checkPolicy(document(sound), 'identity')).not.toThrow();
  });

  it('is one of another version, in which variables are no variables', () => {
    expect(() => checkPolicy({ Version: '2008-10-17', Statement: [sound] }, 'identity')).toThrow('2008-10-17');
  });

  it('is a key policy without a principal', () => {
    expect(() => checkPolicy(document(sound), 'key')).toThrow('Principal');
    expect(() => checkPolicy(document({ ...sound, Principal: root }), 'key')).not.toThrow();
  });
});
