import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { RestApi } from 'aws-cdk-lib/aws-apigateway';
import { describe, expect, test } from 'vitest';
import { RightsAuthorizer, type RightsRow, rightsRows } from '../../../lib/constructs/rights-authorizer.ts';
import type { Route } from '../../../src/api/route.ts';
import { routes } from '../../../src/api/routes.ts';
import { environment } from '../../../src/environment.ts';
import {
  functionDescribed,
  onlyResource,
  resourcesOf,
  synthesize,
  type Template,
  templateOf,
  temporaryFolder,
} from '../synthesize.ts';

const deployment = {
  issuer: 'https://id.example.com/auth',
  tableName: 'table',
  tableArn: 'arn:aws:dynamodb:eu-west-1:111122223333:table/table',
  tableKeyArn: 'arn:aws:kms:eu-west-1:111122223333:key/1',
};

function authorizerWith(rows: readonly RightsRow[]) {
  const outdir = temporaryFolder();
  const stack = new Stack(new App({ outdir }), 'Orders');
  new RightsAuthorizer(stack, 'Rights', { deployment, audience: 'https://orders.example.com/v1', rows });
  return { outdir };
}

describe('rows', () => {
  test('are those of the route table that need a right, with what the decision needs', () => {
    expect(rightsRows([routes.listIssuesOfProject, routes.getIntegration, routes.openapi] as readonly Route[])).toEqual(
      [
        {
          resource: '/v1/projects/{project}/issues',
          method: 'GET',
          right: 'issues:read',
          projectParameter: 'project',
        },
        { resource: '/v1/integrations/{client_id}', method: 'GET', right: 'integrations:read', selfAllowed: true },
      ],
    );
  });

  test('are compiled into the bundle', () => {
    const { outdir } = authorizerWith([{ resource: '/v1/orders', method: 'GET', right: 'boards:read' }]);
    const code = readFileSync(join(outdir, 'bundles', 'Orders-Rights', 'index.js'), 'utf8');
    expect([code.includes('/v1/orders'), code.includes('LATCHKEY_RIGHTS_ROWS')]).toEqual([true, false]);
  });

  test.each<[string, RightsRow[], RightsRow[]]>([
    [
      'two rows for one route',
      [
        { resource: '/v1/orders', method: 'GET', right: 'boards:read' },
        { resource: '/v1/orders', method: 'GET', right: 'any' },
      ],
      [
        { resource: '/v1/orders', method: 'GET', right: 'boards:read' },
        { resource: '/v1/orders', method: 'POST', right: 'any' },
      ],
    ],
    [
      'a project that the path does not name',
      [{ resource: '/v1/orders', method: 'GET', right: 'boards:read', projectParameter: 'project' }],
      [{ resource: '/v1/{project}/orders', method: 'GET', right: 'boards:read', projectParameter: 'project' }],
    ],
    [
      'a project that the path names, and any project',
      [
        {
          resource: '/v1/{project}/orders',
          method: 'GET',
          right: 'boards:read',
          projectParameter: 'project',
          inAnyProject: true,
        },
      ],
      [{ resource: '/v1/{project}/orders', method: 'GET', right: 'boards:read', inAnyProject: true }],
    ],
    [
      'self without {client_id}',
      [{ resource: '/v1/orders', method: 'GET', right: 'boards:read', selfAllowed: true }],
      [{ resource: '/v1/{client_id}/orders', method: 'GET', right: 'boards:read', selfAllowed: true }],
    ],
  ])('are refused with %s', (_, refused, accepted) => {
    expect(() => authorizerWith(refused)).toThrow('RightsAuthorizer');
    expect(() => authorizerWith(accepted)).not.toThrow();
  });
});

describe('tokens that are bound to a key', () => {
  function orders(dpop: boolean): Template {
    const app = new App({ outdir: temporaryFolder() });
    const stack = new Stack(app, 'Orders');
    const rows: RightsRow[] = [{ resource: '/v1/orders', method: 'GET', right: 'boards:read' }];
    const props = { deployment, audience: 'https://orders.example.com/v1', rows, dpop };
    const authorizer = new RightsAuthorizer(stack, 'Rights', props);
    const api = new RestApi(stack, 'Api');
    api.root.resourceForPath('/v1/orders').addMethod('GET', undefined, authorizer.methodOptions);
    authorizer.answerRefusals(api);
    return app.synth().getStackByName('Orders').template as Template;
  }
  const [without, bound] = [orders(false), orders(true)];

  test('are accepted where the option says so, and no proof of theirs is remembered elsewhere', () => {
    expect(functionDescribed(without, /decides whether/).variables).not.toHaveProperty(environment.dpop);
    expect(functionDescribed(bound, /decides whether/).variables).toMatchObject({ [environment.dpop]: 'on' });
    expect(JSON.stringify(without)).not.toContain('DPOP_PROOF#*');
    expect(JSON.stringify(bound)).toContain('DPOP_PROOF#*');
  });

  test('are decided on each time anew: the proof is not in the key of the cache', () => {
    const { Properties } = onlyResource(bound, 'AWS::ApiGateway::Authorizer');
    expect(Properties.AuthorizerResultTtlInSeconds).toBe(0);
    expect(Properties.IdentitySource ?? '').toBe('');
    expect(onlyResource(without, 'AWS::ApiGateway::Authorizer').Properties.AuthorizerResultTtlInSeconds).toBe(3);
  });

  test('are challenged for beside the others (RFC 9449 §7.1)', () => {
    expect(JSON.stringify(without)).not.toContain('DPoP algs');
    const challenges = resourcesOf(bound, 'AWS::ApiGateway::GatewayResponse').map(([, { Properties }]) => Properties);
    expect(challenges.find(({ ResponseType }) => ResponseType === 'UNAUTHORIZED')).toMatchObject({
      ResponseParameters: {
        'gatewayresponse.header.WWW-Authenticate':
          '\'Bearer error="invalid_token", DPoP algs="RS256 PS256 ES256 EdDSA Ed25519"\'',
      },
    });
  });
});

test('the reference API and the admin API are protected with the same construct, each for its own audience', () => {
  const templates = synthesize();
  for (const name of ['Admin', 'Api']) {
    const { variables } = functionDescribed(templateOf(templates, name), /decides whether/);
    expect(JSON.stringify(variables[environment.audience])).toContain(`/${name.toLowerCase()}/v1"`);
    expect(variables[environment.issuer]).toBeDefined();
    expect(variables[environment.tableName]).toBeDefined();
  }
});
