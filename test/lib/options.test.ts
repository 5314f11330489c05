import { describe, expect, test } from 'vitest';
import type { Route } from '../../src/api/route.ts';
import { backgroundTouches, routes } from '../../src/api/routes.ts';
import type { Touches } from '../../src/entities/partition.ts';
import { environment } from '../../src/environment.ts';
import {
  functionDescribed,
  onlyResource,
  resourcesOf,
  statementsByFunction,
  synthesize,
  templateOf,
} from './synthesize.ts';

const plain = synthesize();

const token = /POST \/auth\/oauth2\/token/;
const authorizer = /decides whether/;

describe('domain', () => {
  const templates = synthesize({
    domain: {
      name: 'id.example.com',
      certificateArn: 'arn:aws:acm:eu-west-1:111122223333:certificate/0b1d',
      hostedZone: { id: 'Z123', name: 'example.com' },
    },
  });

  test('is one regional name with TLS 1.2 and a base path for each API', () => {
    const stack = templateOf(templates, 'Domain');
    expect(onlyResource(stack, 'AWS::ApiGateway::DomainName').Properties).toMatchObject({
      DomainName: 'id.example.com',
      EndpointConfiguration: { Types: ['REGIONAL'], IpAddressType: 'dualstack' },
      SecurityPolicy: 'TLS_1_2',
    });
    const paths = resourcesOf(stack, 'AWS::ApiGateway::BasePathMapping').map(
      ([, { Properties }]) => Properties.BasePath,
    );
    expect(paths.toSorted()).toEqual(['.well-known', 'admin', 'api', 'auth']);
    expect(resourcesOf(stack, 'AWS::Route53::RecordSet')).toHaveLength(2);
  });

  test('gives every URL its name, and closes the other way in', () => {
    const outputs = Object.assign({}, ...Object.values(templates).map((template) => template.Outputs));
    expect(outputs.Issuer.Value).toBe('https://id.example.com/auth');
    expect(outputs.AdminUrl.Value).toBe('https://id.example.com/admin/v1');
    expect(outputs.ApiUrl.Value).toBe('https://id.example.com/api/v1');
    for (const [, { Properties }] of resourcesOf(templates, 'AWS::ApiGateway::RestApi'))
      expect(Properties.DisableExecuteApiEndpoint).toBe(true);
    for (const [, { Properties }] of resourcesOf(plain, 'AWS::ApiGateway::RestApi'))
      expect(Properties.DisableExecuteApiEndpoint).toBe(false);
    expect(plain).not.toHaveProperty('Domain');
  });

  test('leaves the records to others where no zone is given', () => {
    const { hostedZone, ...domain } = {
      name: 'id.example.com',
      certificateArn: 'arn:aws:acm:eu-west-1:111122223333:certificate/0b1d',
      hostedZone: undefined,
    };
    expect(hostedZone).toBeUndefined();
    expect(resourcesOf(synthesize({ domain }), 'AWS::Route53::RecordSet')).toEqual([]);
  });
});

test('waf puts one regional web ACL before the three stages, whose rules only count under /auth where they must', () => {
  const stack = templateOf(synthesize({ waf: true, wafRequestsPerFiveMinutes: 500 }), 'Firewall');
  expect(resourcesOf(stack, 'AWS::WAFv2::WebACLAssociation')).toHaveLength(3);
  const { Rules, Scope } = onlyResource(stack, 'AWS::WAFv2::WebACL').Properties as {
    Scope: string;
    Rules: { Name: string; Statement: Record<string, Record<string, unknown>> }[];
  };
  expect(Scope).toBe('REGIONAL');
  const statement = (name: string) => Rules.find((rule) => rule.Name === name)?.Statement;
  expect(statement('RatePerAddress')).toEqual({ RateBasedStatement: { AggregateKeyType: 'IP', Limit: 500 } });
  const counted = (name: string) =>
    [statement(name)?.ManagedRuleGroupStatement?.RuleActionOverrides as { Name: string }[] | undefined]
      .flat()
      .map((rule) => rule?.Name);
  // An integration is registered with its redirect URIs; a body may have 64 kB.
  expect(counted('CoreRules')).toEqual(['EC2MetaDataSSRF_BODY', 'GenericRFI_BODY', 'SizeRestrictions_BODY']);
  for (const rules of ['CoreRules', 'CoreRulesAuth'])
    expect(JSON.stringify(statement(rules))).toMatch(/"SearchString":"\/auth\/".*"SearchString":"\/\.well-known\/"/);
  expect(counted('CoreRulesAuth')).toEqual(
    expect.arrayContaining([
      'EC2MetaDataSSRF_BODY',
      'GenericRFI_BODY',
      'NoUserAgent_HEADER',
      'SizeRestrictions_BODY',
      'SizeRestrictions_QUERYSTRING',
    ]),
  );
  expect(plain).not.toHaveProperty('Firewall');
});

test('removalPolicy destroy retains nothing and protects nothing', () => {
  const templates = synthesize({ removalPolicy: 'destroy', apiGatewayAccount: false });
  for (const template of Object.values(templates))
    for (const [id, { DeletionPolicy }] of Object.entries(template.Resources))
      expect(DeletionPolicy, id).not.toBe('Retain');
  expect(onlyResource(templateOf(templates, 'Data'), 'AWS::DynamoDB::Table').Properties.DeletionProtectionEnabled).toBe(
    false,
  );
});

test('signingAlgorithm tells the token endpoint what to sign with, and KMS what to allow', () => {
  const templates = synthesize({
    signingKeys: [
      { name: 'rs256-1', algorithm: 'RS256' },
      { name: 'eddsa-1', algorithm: 'EdDSA' },
    ],
    signingAlgorithm: 'EdDSA',
  });
  expect(functionDescribed(plain, token).variables[environment.signingAlgorithm]).toBe('RS256');
  expect(functionDescribed(templates, token).variables[environment.signingAlgorithm]).toBe('EdDSA');
  const text = JSON.stringify(templateOf(templates, 'Auth'));
  expect(text).toContain('"kms:SigningAlgorithm":"ED25519_SHA_512","kms:MessageType":"RAW"');
  expect(JSON.stringify(plain)).not.toContain('ED25519');
});

test('tokenLifetimeSeconds reaches the token endpoint', () => {
  const templates = synthesize({ tokenLifetimeSeconds: 600 });
  expect(functionDescribed(templates, token).variables[environment.tokenLifetimeSeconds]).toBe('600');
});

describe('revocationBoundSeconds', () => {
  function authorizersOf(revocationBoundSeconds: number) {
    const templates = synthesize({ revocationBoundSeconds });
    return resourcesOf(templates, 'AWS::ApiGateway::Authorizer').map(([, { Properties }]) => Properties);
  }

  test('is how old a cached decision may be, less the one in flight', () => {
    const authorizers = authorizersOf(5);
    expect(authorizers).toHaveLength(2);
    for (const authorizer of authorizers)
      expect(authorizer).toMatchObject({
        Type: 'REQUEST',
        AuthorizerResultTtlInSeconds: 3,
        IdentitySource: 'method.request.header.Authorization,context.httpMethod,context.path',
      });
  });

  test.each([0, 1, 2])('of %i seconds caches nothing', (bound) => {
    for (const authorizer of authorizersOf(bound)) {
      expect(authorizer.AuthorizerResultTtlInSeconds).toBe(0);
      expect(authorizer.IdentitySource ?? '').toBe('');
    }
  });
});

test('with dpop nothing is cached, whatever the bound, and both authorizers accept proofs', () => {
  const templates = synthesize({ dpop: true });
  const authorizers = resourcesOf(templates, 'AWS::ApiGateway::Authorizer');
  expect(authorizers.map(([, { Properties }]) => Properties.AuthorizerResultTtlInSeconds)).toEqual([0, 0]);
  for (const name of ['Admin', 'Api']) {
    const { variables } = functionDescribed(templateOf(templates, name), /decides whether/);
    expect(variables[environment.dpop]).toBe('on');
    expect(functionDescribed(templateOf(plain, name), /decides whether/).variables).not.toHaveProperty(
      environment.dpop,
    );
  }
});

test('legacyGrants are offered where integrations are registered and where tokens are issued', () => {
  const offering = synthesize({ legacyGrants: ['implicit', 'password'] });
  for (const fn of [token, /POST \/admin\/v1\/integrations,/]) {
    expect(functionDescribed(plain, fn).variables).not.toHaveProperty(environment.legacyGrants);
    expect(functionDescribed(offering, fn).variables[environment.legacyGrants]).toBe('implicit,password');
  }
});

test('secretRetrieval off takes away the permission to decrypt a client’s secret', () => {
  const off = synthesize({ secretRetrieval: false });
  const bound = (templates: typeof plain, stack: string, fn: RegExp) =>
    [...statementsByFunction(templateOf(templates, stack))].some(
      ([id, statements]) => fn.test(id) && JSON.stringify(statements).includes('kms:EncryptionContextKeys'),
    );
  for (const fn of [/Functionsintegrations/, /Functionssecrets/, /Functionsapps/, /Functionstenants/])
    expect([bound(plain, 'Admin', fn), bound(off, 'Admin', fn)]).toEqual([true, false]);
  // What the deployment itself needs again, and shows nobody, stays.
  for (const [stack, fn] of [
    ['Auth', /^Functionstoken/],
    ['Admin', /Functionsendpoint/],
  ] as const)
    expect([bound(plain, stack, fn), bound(off, stack, fn)]).toEqual([true, true]);
  const secrets = /GET \/admin\/v1\/integrations\/\{client_id\}\/secrets/;
  expect(functionDescribed(plain, secrets).variables[environment.secretRetrieval]).toBe('on');
  expect(functionDescribed(off, secrets).variables[environment.secretRetrieval]).toBe('off');
});

test('auditRetentionDays is told to every function that writes to the audit log, and to no other', () => {
  const functions = resourcesOf(synthesize({ auditRetentionDays: 40 }), 'AWS::Lambda::Function');
  const told = functions.map(([, { Properties }]) => {
    const { Variables = {} } = (Properties.Environment ?? {}) as { Variables?: Record<string, unknown> };
    return [Variables[environment.service], Variables[environment.auditRetentionDays]] as const;
  });
  const rows: readonly Pick<Route, 'entry' | 'touches'>[] = Object.values(routes);
  const writers = new Set(
    [...rows.map(({ entry, touches }) => [entry, touches] as const), ...Object.entries(backgroundTouches)]
      .filter(([, touches]) => (touches as Touches)['audit-event']?.includes('PutItem'))
      .map(([entry]) => entry),
  );
  expect(writers.size).toBeGreaterThan(10);
  for (const [service, days] of told)
    expect([service, days]).toEqual([service, writers.has(String(service)) ? '40' : undefined]);
});

test('logRetentionDays holds for every log group', () => {
  for (const [, { Properties }] of resourcesOf(synthesize({ logRetentionDays: 7 }), 'AWS::Logs::LogGroup'))
    expect(Properties.RetentionInDays).toBe(7);
});

describe('corsOrigin', () => {
  const origin = 'https://console.example.com';
  const templates = synthesize({ corsOrigin: origin });

  test('opens /admin and /api to that origin, refusals and preflights included', () => {
    for (const name of ['Admin', 'Api']) {
      const template = templateOf(templates, name);
      const preflights = resourcesOf(template, 'AWS::ApiGateway::Method').filter(
        ([, { Properties }]) => Properties.HttpMethod === 'OPTIONS',
      );
      expect(preflights.length).toBeGreaterThan(3);
      for (const [, { Properties }] of resourcesOf(template, 'AWS::ApiGateway::GatewayResponse'))
        expect(Properties.ResponseParameters).toMatchObject({
          'gatewayresponse.header.Access-Control-Allow-Origin': `'${origin}'`,
        });
      expect(JSON.stringify(template)).not.toContain('Allow-Credentials');
    }
    expect(functionDescribed(templates, /GET \/api\/v1\/users/).variables[environment.corsOrigin]).toBe(origin);
    expect(functionDescribed(plain, /GET \/api\/v1\/users/).variables).not.toHaveProperty(environment.corsOrigin);
  });

  test('changes nothing for what any origin may call', () => {
    expect(JSON.stringify(templateOf(templates, 'Auth'))).not.toContain(origin);
  });
});

test('reservedConcurrency is set aside for the token endpoint and each authorizer', () => {
  const templates = synthesize({ reservedConcurrency: { token: 40, authorizer: 60 } });
  expect(functionDescribed(templates, token).properties.ReservedConcurrentExecutions).toBe(40);
  expect(functionDescribed(templates, authorizer).properties.ReservedConcurrentExecutions).toBe(60);
  expect(functionDescribed(plain, token).properties).not.toHaveProperty('ReservedConcurrentExecutions');
});

test('throttling is each API’s', () => {
  const templates = synthesize({ throttling: { requestsPerSecond: 7, burst: 9 } });
  for (const [, { Properties }] of resourcesOf(templates, 'AWS::ApiGateway::Stage'))
    expect(Properties.MethodSettings).toMatchObject([{ ThrottlingRateLimit: 7, ThrottlingBurstLimit: 9 }]);
});

test('apiGatewayAccount off leaves the account’s role for logs alone', () => {
  expect(resourcesOf(plain, 'AWS::ApiGateway::Account')).toHaveLength(1);
  expect(resourcesOf(synthesize({ apiGatewayAccount: false }), 'AWS::ApiGateway::Account')).toEqual([]);
});

test('resourceServers are registered by the bootstrap', () => {
  const resourceServers = { orders: 'https://orders.example.com/v1' };
  const templates = synthesize({ resourceServers });
  expect(onlyResource(templateOf(templates, 'Admin'), 'Custom::LatchkeyBootstrap').Properties.ResourceServers).toBe(
    JSON.stringify(resourceServers),
  );
});

test('name names stacks, parameters, APIs and the dashboard', () => {
  const templates = synthesize({ name: 'Staging' });
  const text = JSON.stringify(templates);
  expect(text).toContain('"/Staging/issuer"');
  expect(text).not.toContain('"Latchkey-');
  expect(text).not.toContain('"/Latchkey/');
  const names = resourcesOf(templates, 'AWS::ApiGateway::RestApi').map(([, { Properties }]) => Properties.Name);
  expect(names.toSorted()).toEqual(['Staging-admin', 'Staging-api', 'Staging-auth']);
});

test('alarmEmail is told of alarms', () => {
  const data = templateOf(synthesize({ alarmEmail: 'ops@example.com' }), 'Data');
  expect(onlyResource(data, 'AWS::SNS::Subscription').Properties).toMatchObject({
    Protocol: 'email',
    Endpoint: 'ops@example.com',
  });
});
