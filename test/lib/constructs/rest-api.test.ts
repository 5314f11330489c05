import { describe, expect, test } from 'vitest';
import type { Route } from '../../../src/api/route.ts';
import { routes } from '../../../src/api/routes.ts';
import { onlyResource, type Properties, resourcesOf, synthesize, type Template, templateOf } from '../synthesize.ts';

const templates = synthesize();
const apis = ['Auth', 'Admin', 'Api'].map((name) => [name.toLowerCase(), templateOf(templates, name)] as const);

/** The methods of an API by `METHOD /path`. */
function methodsOf(template: Template): ReadonlyMap<string, Properties> {
  const path = (id: unknown): string => {
    const ref = (id as { Ref?: string }).Ref;
    if (ref === undefined) return '';
    const resource = template.Resources[ref]?.Properties;
    return resource === undefined ? '' : `${path(resource.ParentId)}/${resource.PathPart}`;
  };
  return new Map(
    resourcesOf(template, 'AWS::ApiGateway::Method').map(([, { Properties }]) => [
      `${Properties.HttpMethod} ${path(Properties.ResourceId)}`,
      Properties,
    ]),
  );
}

describe.each(apis)('/%s', (name, template) => {
  const rows = Object.values(routes).filter((route: Route) => route.api === name) as readonly Route[];
  const methods = methodsOf(template);

  test('has the methods of the route table and no others', () => {
    const served = [...methods.keys()].filter((method) => !method.startsWith('OPTIONS ')).toSorted();
    expect(served).toEqual(rows.map((row) => `${row.method} ${row.path}`).toSorted());
  });

  test('asks the authorizer before every route that needs a right, and before no other', () => {
    for (const row of rows)
      expect(methods.get(`${row.method} ${row.path}`)?.AuthorizationType).toBe(
        row.right === 'none' ? 'NONE' : 'CUSTOM',
      );
  });

  test('answers a preflight without a token wherever any origin may call', () => {
    for (const row of rows) {
      const preflight = methods.get(`OPTIONS ${row.path}`);
      if (row.anyOrigin) {
        expect(preflight?.AuthorizationType).toBe('NONE');
        expect(JSON.stringify(preflight)).toContain(`"method.response.header.Access-Control-Allow-Origin":"'*'"`);
      } else expect(preflight).toBeUndefined();
      expect(JSON.stringify(preflight ?? '')).not.toContain('Allow-Credentials');
    }
  });

  test('is regional, throttled and traced, and logs errors without data', () => {
    const [[, gateway] = []] = resourcesOf(template, 'AWS::ApiGateway::RestApi');
    expect(gateway?.Properties).toMatchObject({
      EndpointConfiguration: { Types: ['REGIONAL'] },
      DisableExecuteApiEndpoint: false,
    });
    const [[, stage] = []] = resourcesOf(template, 'AWS::ApiGateway::Stage');
    expect(stage?.Properties).toMatchObject({
      StageName: name,
      TracingEnabled: true,
      MethodSettings: [
        {
          HttpMethod: '*',
          ResourcePath: '/*',
          LoggingLevel: 'ERROR',
          DataTraceEnabled: false,
          MetricsEnabled: false,
          ThrottlingRateLimit: 1000,
          ThrottlingBurstLimit: 2000,
        },
      ],
    });
  });

  test('logs named fields: no query string, no header, no body', () => {
    const { Format } = onlyResource(template, 'AWS::ApiGateway::Stage').Properties.AccessLogSetting as {
      Format: string;
    };
    const fields = Object.values(JSON.parse(Format) as Record<string, string>);
    expect(fields).toContain('$context.requestId');
    for (const field of fields) expect(field).toMatch(/^\$context\.[A-Za-z.]+$/);
    expect(Format).not.toMatch(/querystring|header|body|\$context\.path|requestOverride|error\.message/i);
  });

  test('keeps what API Gateway writes about its own work for a known time: the log group is there before the stage', () => {
    const [[gateway] = []] = resourcesOf(template, 'AWS::ApiGateway::RestApi');
    const LogGroupName = { 'Fn::Join': ['', ['API-Gateway-Execution-Logs_', { Ref: gateway }, `/${name}`]] };
    const [[id] = []] = resourcesOf(template, 'AWS::Logs::LogGroup').filter(
      ([, { Properties }]) => JSON.stringify(Properties.LogGroupName) === JSON.stringify(LogGroupName),
    );
    expect(id).toBeDefined();
    expect(onlyResource(template, 'AWS::ApiGateway::Stage').DependsOn).toEqual(expect.arrayContaining([id]));
  });

  test('leaves the role for logs to the data stack', () => {
    expect(resourcesOf(template, 'AWS::ApiGateway::Account')).toEqual([]);
  });

  test('gives each function one permission, for the API’s own stage or authorizer', () => {
    const permissions = resourcesOf(template, 'AWS::Lambda::Permission').map(([, { Properties }]) => Properties);
    const targets = permissions.map((permission) => JSON.stringify(permission.FunctionName));
    expect(new Set(targets).size).toBe(targets.length);
    for (const { Principal, SourceArn } of permissions)
      if (Principal === 'apigateway.amazonaws.com')
        expect(JSON.stringify(SourceArn)).toMatch(new RegExp(`/${name}/\\*/\\*"|/authorizers/`));
    expect(JSON.stringify(permissions)).not.toContain('test-invoke-stage');
  });

  test('keeps every function’s logs for a known time, on a current runtime', () => {
    for (const [, { Properties }] of resourcesOf(template, 'AWS::Logs::LogGroup'))
      expect(Properties.RetentionInDays).toBe(90);
    for (const [, { Properties }] of resourcesOf(template, 'AWS::Lambda::Function'))
      expect(Properties).toMatchObject({
        Runtime: 'nodejs24.x',
        Architectures: ['arm64'],
        TracingConfig: { Mode: 'Active' },
        LoggingConfig: { LogFormat: 'JSON', LogGroup: { Ref: expect.any(String) } },
      });
  });
});

test('the metadata of RFC 8414 §3.1 is reached through the domain’s base path', () => {
  expect(methodsOf(templateOf(templates, 'Auth')).has('GET /oauth-authorization-server/auth')).toBe(true);
});

describe('a stage serves what was deployed last, so that a change is a new deployment', () => {
  const deploymentsOf = (options: Parameters<typeof synthesize>[0]) =>
    ['Admin', 'Api'].map(
      (name) => onlyResource(templateOf(synthesize(options), name), 'AWS::ApiGateway::Stage').Properties.DeploymentId,
    );
  const before = deploymentsOf({});

  test.each([
    ['of a gateway response', { corsOrigin: 'https://console.example.com' }],
    ['of an authorizer', { revocationBoundSeconds: 10 }],
    [
      'of the API’s own address',
      { domain: { name: 'id.example.com', certificateArn: 'arn:aws:acm:eu-west-1:1:certificate/1' } },
    ],
  ] as const)('%s', (_, options) => {
    for (const [index, deployment] of deploymentsOf(options).entries()) expect(deployment).not.toEqual(before[index]);
  });

  test('and nothing else is', () => {
    expect(deploymentsOf({ tokenLifetimeSeconds: 600, logRetentionDays: 7 })).toEqual(before);
  });
});
