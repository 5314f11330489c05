// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Fn::Sub has placeholders of that form.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { physicalName } from '../../../local/cloudformation/physical-id.ts';
import { type ResolverState, resolverOf, stack } from './stack-under-test.ts';

const producer = stack(
  {
    Resources: { Table: { Type: 'AWS::DynamoDB::Table', Properties: { TableName: 'things' } } },
    Outputs: { TableArn: { Value: { 'Fn::GetAtt': ['Table', 'Arn'] }, Export: { Name: 'exported' } } },
  },
  'Producer',
);

const sections = {
  Resources: {
    Fn: { Type: 'AWS::Lambda::Function' },
    Named: { Type: 'AWS::Lambda::Function', Properties: { FunctionName: 'named' } },
    Key: { Type: 'AWS::KMS::Key' },
    Custom: { Type: 'Custom::Thing' },
    Api: { Type: 'AWS::ApiGateway::RestApi' },
    Parameter: { Type: 'AWS::SSM::Parameter', Properties: { Name: '/a/b', Type: 'String', Value: 'from ssm' } },
    Topic: { Type: 'AWS::SNS::Topic' },
  },
  Parameters: {
    Given: { Type: 'String', Default: 'default' },
    Missing: { Type: 'String' },
    Stored: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/a/b' },
  },
  Conditions: {
    Yes: { 'Fn::Equals': [{ Ref: 'Given' }, 'default'] },
    No: { 'Fn::Not': [{ Condition: 'Yes' }] },
    Both: { 'Fn::And': [{ Condition: 'Yes' }, { Condition: 'No' }] },
    Either: { 'Fn::Or': [{ Condition: 'Yes' }, { Condition: 'No' }] },
  },
  Mappings: { Map: { one: { two: 'mapped' } } },
};

const state: ResolverState = {
  assignedIds: new Map([['S/Key', 'key-id']]),
  customResources: new Map([['S/Custom', { physicalId: 'made', data: { Answer: '42' } }]]),
};

function resolved(value: unknown, given: ResolverState = state): unknown {
  const consumer = stack({
    ...sections,
    Resources: { ...sections.Resources, Probe: { Type: 'AWS::Logs::LogGroup', Properties: { value } } },
  });
  return resolverOf([producer, consumer], given).resource(consumer, 'Probe').properties.value;
}

const fnName = physicalName({ stackName: 'S', logicalId: 'Fn' });

describe('intrinsic functions', () => {
  test.each<[string, unknown, unknown]>([
    ['Ref of a resource', { Ref: 'Fn' }, fnName],
    ['Ref of a named resource', { Ref: 'Named' }, 'named'],
    ['Ref of a parameter', { Ref: 'Given' }, 'default'],
    ['Ref of an SSM parameter', { Ref: 'Stored' }, 'from ssm'],
    ['Ref of a key', { Ref: 'Key' }, 'key-id'],
    ['Ref of a custom resource', { Ref: 'Custom' }, 'made'],
    [
      'pseudo parameters',
      [
        { Ref: 'AWS::Region' },
        { Ref: 'AWS::AccountId' },
        { Ref: 'AWS::Partition' },
        { Ref: 'AWS::URLSuffix' },
        { Ref: 'AWS::StackName' },
      ],
      ['eu-central-1', '000000000000', 'aws', 'amazonaws.com', 'S'],
    ],
    ['NoValue in an object', { a: 1, b: { Ref: 'AWS::NoValue' } }, { a: 1 }],
    ['NoValue in a list', ['a', { Ref: 'AWS::NoValue' }], ['a']],
    ['GetAtt', { 'Fn::GetAtt': ['Fn', 'Arn'] }, `arn:aws:lambda:eu-central-1:000000000000:function:${fnName}`],
    ['GetAtt with a dot', { 'Fn::GetAtt': 'Key.Arn' }, 'arn:aws:kms:eu-central-1:000000000000:key/key-id'],
    ['GetAtt of a custom resource', { 'Fn::GetAtt': ['Custom', 'Answer'] }, '42'],
    ['Join', { 'Fn::Join': ['-', ['a', { Ref: 'Given' }, 1]] }, 'a-default-1'],
    ['Split and Select', { 'Fn::Select': [1, { 'Fn::Split': [':', 'a:b:c'] }] }, 'b'],
    ['Select with the index as text', { 'Fn::Select': ['0', ['x', 'y']] }, 'x'],
    [
      'Sub',
      { 'Fn::Sub': '${Given}/${Key.Arn}/${!kept}/${AWS::Region}' },
      'default/arn:aws:kms:eu-central-1:000000000000:key/key-id/${kept}/eu-central-1',
    ],
    ['Sub with values', { 'Fn::Sub': ['${a}', { a: { Ref: 'Given' } }] }, 'default'],
    ['Base64', { 'Fn::Base64': 'hi' }, 'aGk='],
    [
      'If',
      [
        { 'Fn::If': ['Yes', 'a', 'b'] },
        { 'Fn::If': ['No', 'a', 'b'] },
        { 'Fn::If': ['Both', 'a', 'b'] },
        { 'Fn::If': ['Either', 'a', 'b'] },
      ],
      ['a', 'b', 'b', 'a'],
    ],
    ['FindInMap', { 'Fn::FindInMap': ['Map', 'one', 'two'] }, 'mapped'],
    ['FindInMap with a default', { 'Fn::FindInMap': ['Map', 'no', 'no', { DefaultValue: 'd' }] }, 'd'],
    ['ImportValue', { 'Fn::ImportValue': 'exported' }, 'arn:aws:dynamodb:eu-central-1:000000000000:table/things'],
    [
      'GetStackOutput',
      { 'Fn::GetStackOutput': { StackName: 'Producer', OutputName: 'TableArn' } },
      'arn:aws:dynamodb:eu-central-1:000000000000:table/things',
    ],
    [
      'GetStackOutput with a Region',
      { 'Fn::GetStackOutput': { StackName: 'Producer', OutputName: 'TableArn', Region: { Ref: 'AWS::Region' } } },
      'arn:aws:dynamodb:eu-central-1:000000000000:table/things',
    ],
    ['ToJsonString', { 'Fn::ToJsonString': { a: { Ref: 'Given' } } }, '{"a":"default"}'],
    ['a dynamic reference', 'x{{resolve:ssm:/a/b}}y', 'xfrom ssmy'],
    [
      'an object that only has a Condition',
      { Condition: { StringEquals: { a: 'b' } } },
      { Condition: { StringEquals: { a: 'b' } } },
    ],
  ])('%s', (_, value, expected) => {
    expect(resolved(value)).toEqual(expected);
  });

  test.each<[string, unknown, string]>([
    ['an unknown function', { 'Fn::Transform': {} }, 'does not know the intrinsic function Fn::Transform'],
    ['an unknown reference', { Ref: 'Nothing' }, 'there is no resource or parameter Nothing'],
    [
      'an unknown attribute',
      { 'Fn::GetAtt': ['Fn', 'Version'] },
      'does not know the attribute Version of AWS::Lambda::Function',
    ],
    ['a parameter without a default', { Ref: 'Missing' }, 'the parameter Missing has no default value'],
    ['an unknown export', { 'Fn::ImportValue': 'nothing' }, 'no stack exports nothing'],
    [
      'an unknown output',
      { 'Fn::GetStackOutput': { StackName: 'Producer', OutputName: 'Nothing' } },
      'has no output Nothing',
    ],
    [
      'an output of another Region',
      { 'Fn::GetStackOutput': { StackName: 'Producer', OutputName: 'TableArn', Region: 'us-east-1' } },
      'in us-east-1 has no output TableArn',
    ],
    [
      'a role to read an output with',
      { 'Fn::GetStackOutput': { StackName: 'Producer', OutputName: 'TableArn', RoleArn: 'x' } },
      'does not know RoleArn',
    ],
    ['an unknown condition', { 'Fn::If': ['Maybe', 1, 2] }, 'there is no condition Maybe'],
    ['an index out of range', { 'Fn::Select': [5, ['a']] }, 'Fn::Select finds nothing'],
    ['a list joined as text', { 'Fn::Join': ['', [['a']]] }, 'is not text'],
    ['a secret by dynamic reference', '{{resolve:secretsmanager:x}}', 'does not know the dynamic reference'],
    ['a parameter that no stack writes', '{{resolve:ssm:/none}}', 'no stack writes the SSM parameter /none'],
  ])('%s is an error that names it', (_, value, message) => {
    expect(() => resolved(value)).toThrow(message);
  });

  test('a key, or a custom resource, that was not made yet is an error that names it', () => {
    expect(() => resolved({ Ref: 'Key' }, {})).toThrow('Key is used before it was made');
    expect(() => resolved({ 'Fn::GetAtt': ['Custom', 'x'] }, {})).toThrow(
      'Custom is used before its function has answered',
    );
    expect(() => resolved({ 'Fn::GetAtt': ['Custom', 'x'] })).toThrow('Custom has answered no attribute x');
  });

  test('every text is rewritten once it is whole', () => {
    const value = {
      'Fn::Join': ['', ['https://', { Ref: 'Api' }, '.execute-api.', { Ref: 'AWS::Region' }, '.amazonaws.com/auth']],
    };
    const rewrite = (text: string) =>
      text.replace(/https:\/\/[a-z0-9]{10}\.execute-api\.eu-central-1\.amazonaws\.com/, 'http://here');
    expect(resolved(value, { rewrite })).toBe('http://here/auth');
    expect(resolved({ nested: [value] }, { rewrite })).toEqual({ nested: ['http://here/auth'] });
  });

  test('plain data comes out as it went in', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value);
        fc.pre(!/"(Ref|Fn::|Condition)/.test(text) && !text.includes('{{resolve') && !text.includes('__proto__'));
        expect(resolved(value)).toEqual(JSON.parse(text));
      }),
    );
  });
});

describe('resources', () => {
  test('whose condition does not hold are not there', () => {
    const conditional = stack({
      Conditions: { No: { 'Fn::Equals': ['a', 'b'] }, Yes: { 'Fn::Equals': ['a', 'a'] } },
      Resources: {
        Gone: { Type: 'AWS::Logs::LogGroup', Condition: 'No' },
        Here: { Type: 'AWS::Logs::LogGroup', Condition: 'Yes' },
      },
      Outputs: { Gone: { Value: 'x', Condition: 'No' }, Here: { Value: 'y', Condition: 'Yes' } },
    });
    const resolver = resolverOf([conditional]);
    expect(resolver.resources('AWS::Logs::LogGroup').map(({ logicalId }) => logicalId)).toEqual(['Here']);
    expect(resolver.outputs(conditional)).toEqual({ Here: 'y' });
  });

  test('have the same names after every start, and other names in another stack', () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 1, maxLength: 200 }),
        fc.string({ minLength: 1 }),
        fc.string({ minLength: 1 }),
        (logicalId, one, other) => {
          const name = physicalName({ stackName: one, logicalId });
          expect(name.length).toBeLessThanOrEqual(64);
          expect(physicalName({ stackName: one, logicalId })).toBe(name);
          fc.pre(one !== other);
          expect(physicalName({ stackName: other, logicalId })).not.toBe(name);
        },
      ),
    );
  });
});

describe('templates', () => {
  test.each([
    [{ Transform: 'AWS::Serverless-2016-10-31' }, 'Transform'],
    [{ Resources: { A: { Type: 'AWS::Logs::LogGroup', CreationPolicy: {} } } }, 'Resources.A.CreationPolicy'],
  ])('with %j name what is not known', (template, name) => {
    expect(() => stack(template)).toThrow(`stack S: the local run does not know ${name} of its template`);
  });
});
