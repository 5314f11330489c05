import { describe, expect, test } from 'vitest';
import { restApis } from '../../../local/cloudformation/rest-apis.ts';
import { resourcesOf } from './stack-under-test.ts';

const restApi = { Ref: 'Api' };
const lambdaUri = {
  'Fn::Join': [
    '',
    [
      'arn:aws:apigateway:',
      { Ref: 'AWS::Region' },
      ':lambda:path/2015-03-31/functions/',
      { 'Fn::GetAtt': ['Fn', 'Arn'] },
      '/invocations',
    ],
  ],
};
const method = (properties: object) => ({
  Type: 'AWS::ApiGateway::Method',
  Properties: {
    RestApiId: restApi,
    ResourceId: { Ref: 'Id' },
    HttpMethod: 'GET',
    AuthorizationType: 'NONE',
    Integration: { Type: 'AWS_PROXY', IntegrationHttpMethod: 'POST', Uri: lambdaUri },
    ...properties,
  },
});

const resources = {
  Fn: { Type: 'AWS::Lambda::Function' },
  Api: { Type: 'AWS::ApiGateway::RestApi', Properties: { EndpointConfiguration: { Types: ['REGIONAL'] } } },
  Stage: { Type: 'AWS::ApiGateway::Stage', Properties: { RestApiId: restApi, StageName: 'api', DeploymentId: 'd' } },
  V1: {
    Type: 'AWS::ApiGateway::Resource',
    Properties: { RestApiId: restApi, ParentId: { 'Fn::GetAtt': ['Api', 'RootResourceId'] }, PathPart: 'v1' },
  },
  Id: {
    Type: 'AWS::ApiGateway::Resource',
    Properties: { RestApiId: restApi, ParentId: { Ref: 'V1' }, PathPart: '{id}' },
  },
  Get: method({}),
};

const apiWith = (changes: object) => restApis(resourcesOf({ ...resources, ...changes }))[0];
const authorizer = (properties: object) => ({
  Gate: {
    Type: 'AWS::ApiGateway::Authorizer',
    Properties: {
      RestApiId: restApi,
      Type: 'REQUEST',
      AuthorizerUri: lambdaUri,
      IdentitySource: 'method.request.header.Authorization',
      ...properties,
    },
  },
  Get: method({ AuthorizationType: 'CUSTOM', AuthorizerId: { Ref: 'Gate' } }),
});
const preflight = (integration: object) => ({
  Get: method({
    HttpMethod: 'OPTIONS',
    Integration: {
      Type: 'MOCK',
      RequestTemplates: { 'application/json': '{ statusCode: 200 }' },
      IntegrationResponses: [
        { StatusCode: '204', ResponseParameters: { 'method.response.header.Access-Control-Allow-Origin': "'*'" } },
      ],
      ...integration,
    },
  }),
});
const refusal = (properties: object) => ({
  Denied: {
    Type: 'AWS::ApiGateway::GatewayResponse',
    Properties: { RestApiId: restApi, ResponseType: 'ACCESS_DENIED', ...properties },
  },
});

describe('a REST API of the templates', () => {
  test('has its methods at the paths of its resources', () => {
    expect(apiWith({})?.methods).toMatchObject([
      { resourcePath: '/v1/{id}', httpMethod: 'GET', integration: { kind: 'lambda', timeoutMilliseconds: 29_000 } },
    ]);
    expect(
      apiWith({ Root: method({ ResourceId: { 'Fn::GetAtt': ['Api', 'RootResourceId'] } }) })?.methods[1]?.resourcePath,
    ).toBe('/');
  });

  test('has authorizers with their identity sources and time to live', () => {
    const gate = apiWith(
      authorizer({
        IdentitySource:
          'method.request.header.Authorization, context.path,method.request.querystring.q,stageVariables.s',
        AuthorizerResultTtlInSeconds: 3,
      }),
    )?.methods[0]?.authorizer;
    expect(gate).toMatchObject({
      cacheSeconds: 3,
      identitySources: [
        { from: 'header', name: 'Authorization' },
        { from: 'context', name: 'path' },
        { from: 'querystring', name: 'q' },
        { from: 'stageVariables', name: 's' },
      ],
    });
    expect(apiWith(authorizer({}))?.methods[0]?.authorizer?.cacheSeconds).toBe(300);
    expect(
      apiWith(authorizer({ IdentitySource: undefined, AuthorizerResultTtlInSeconds: 0 }))?.methods[0]?.authorizer
        ?.identitySources,
    ).toEqual([]);
  });

  test('has the mocks of preflight requests', () => {
    expect(apiWith(preflight({}))?.methods[0]?.integration).toEqual({
      kind: 'mock',
      status: 204,
      headers: [['Access-Control-Allow-Origin', '*']],
      body: '',
    });
  });

  test('has gateway responses with static values and values of the request', () => {
    const responses = apiWith(
      refusal({
        StatusCode: '403',
        ResponseParameters: {
          'gatewayresponse.header.A': "'b'",
          'gatewayresponse.header.C': 'method.request.header.D',
        },
        ResponseTemplates: { 'application/json': '{"a":"$context.authorizer.scope"}' },
      }),
    )?.gatewayResponses;
    expect(responses?.get('ACCESS_DENIED')).toMatchObject({
      status: 403,
      headers: [
        { name: 'A', value: { static: 'b' } },
        { name: 'C', value: { from: 'header', name: 'D' } },
      ],
    });
  });

  test.each<[string, object, string]>([
    [
      'an edge endpoint',
      { Api: { Type: 'AWS::ApiGateway::RestApi', Properties: { EndpointConfiguration: { Types: ['EDGE'] } } } },
      'EndpointConfiguration.Types.0',
    ],
    [
      'two stages',
      { Other: { ...resources.Stage, Properties: { ...resources.Stage.Properties, StageName: 'b' } } },
      'needs exactly one stage',
    ],
    ['IAM authorization', { Get: method({ AuthorizationType: 'AWS_IAM' }) }, 'AuthorizationType'],
    ['an API key', { Get: method({ ApiKeyRequired: true }) }, 'ApiKeyRequired'],
    ['an unknown authorizer', { Get: method({ AuthorizationType: 'CUSTOM', AuthorizerId: 'x' }) }, 'the authorizer x'],
    ['a TOKEN authorizer', authorizer({ Type: 'TOKEN' }), 'Type'],
    ['a cache without identity sources', authorizer({ IdentitySource: undefined }), 'a cache without identity sources'],
    [
      'an unknown identity source',
      authorizer({ IdentitySource: 'context.identity.cognitoIdentityId' }),
      'the identity source context.identity.cognitoIdentityId',
    ],
    [
      'an integration of another kind',
      { Get: method({ Integration: { Type: 'HTTP_PROXY', Uri: 'https://example.com' } }) },
      'Integration.Type',
    ],
    [
      'credentials of an integration',
      {
        Get: method({
          Integration: { Type: 'AWS_PROXY', IntegrationHttpMethod: 'POST', Uri: lambdaUri, Credentials: 'arn' },
        }),
      },
      'Integration.Credentials',
    ],
    [
      'an integration with another service',
      {
        Get: method({
          Integration: {
            Type: 'AWS_PROXY',
            IntegrationHttpMethod: 'POST',
            Uri: 'arn:aws:apigateway:eu-central-1:sqs:path/x',
          },
        }),
      },
      'the integration URI',
    ],
    [
      'a mock with logic',
      preflight({ RequestTemplates: { 'application/json': '#if(1){ "statusCode": 200 }#end' } }),
      'the mock’s request template'.replace('’', "'"),
    ],
    [
      'a mock that maps a request value',
      preflight({
        IntegrationResponses: [
          { StatusCode: '204', ResponseParameters: { 'method.response.header.A': 'integration.response.header.B' } },
        ],
      }),
      'the response parameter method.response.header.A',
    ],
    ['an unknown response type', refusal({ ResponseType: 'TEAPOT' }), 'the response type TEAPOT'],
    [
      'a response parameter of the context',
      refusal({ ResponseParameters: { 'gatewayresponse.header.A': 'context.requestId' } }),
      'the response parameter gatewayresponse.header.A: context.requestId',
    ],
    [
      'a response template with logic',
      refusal({ ResponseTemplates: { 'application/json': '$util.escapeJavaScript($context.path)' } }),
      '$util.escapeJavaScript',
    ],
  ])('%s is an error that names it', (_, changes, message) => {
    expect(() => apiWith(changes)).toThrow(message);
  });
});
