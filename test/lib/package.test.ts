import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { environment } from '../../src/environment.ts';
import {
  actionsOf,
  functionDescribed,
  resourcesOf,
  statementsByFunction,
  type Template,
  temporaryFolder,
} from './synthesize.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** What a platform team would write to protect its own API, in an app and a repository of its own. */
const source = `
import { App, Stack } from 'aws-cdk-lib';
import { MockIntegration, RestApi } from 'aws-cdk-lib/aws-apigateway';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { AppIntegration } from 'latchkey/app-integration';
import { IntegrationCredentials } from 'latchkey/integration-credentials';
import { LatchkeyDeployment } from 'latchkey/latchkey-deployment';
import { RightsAuthorizer, type RightsRow } from 'latchkey/rights-authorizer';

const rows: RightsRow[] = [
  { resource: '/v1/projects/{project}/boards', method: 'GET', right: 'boards:read', projectParameter: 'project' },
];
// @ts-expect-error: a right that is not in the catalogue does not compile
export const unknown: RightsRow = { resource: '/v1/boards', method: 'GET', right: 'boards:raed' };

const app = new App({ outdir: 'out' });
const stack = new Stack(app, 'Boards');
const api = new RestApi(stack, 'Api', { cloudWatchRole: false });
const authorizer = new RightsAuthorizer(stack, 'Rights', {
  deployment: LatchkeyDeployment.fromParameters(stack, 'Latchkey', { name: 'Staging' }),
  audience: 'https://boards.example.com/v1',
  rows,
});
for (const row of rows)
  api.root.resourceForPath(row.resource).addMethod(row.method, new MockIntegration(), authorizer.methodOptions);
authorizer.answerRefusals(api, {
  resourceMetadata: 'https://boards.example.com/.well-known/oauth-protected-resource',
});

const workload = new Stack(app, 'Workload');
const deployment = LatchkeyDeployment.fromParameters(workload, 'Latchkey', { name: 'Staging' });
const manager = Secret.fromSecretCompleteArn(
  workload,
  'Manager',
  'arn:aws:secretsmanager:eu-west-1:111122223333:secret:latchkey/manager-AbCdEf',
);
const credentials = new IntegrationCredentials(workload, 'Credentials', { deployment, manager });
new AppIntegration(workload, 'Integration', {
  deployment,
  manager,
  credentials,
  name: 'Boards workload',
  rights: ['boards:read'],
});
// @ts-expect-error: a right that is not in the catalogue does not compile
export const misspelt: ConstructorParameters<typeof AppIntegration>[2]['rights'] = ['boards:raed'];
app.synth();
`;

const compilerOptions = {
  module: 'nodenext',
  target: 'es2024',
  strict: true,
  noEmit: true,
  skipLibCheck: true,
  types: [],
};

describe('another app', () => {
  let folder: string;
  let template: Template;

  beforeAll(() => {
    const outside = temporaryFolder();
    // Dependencies are found one level up, as npm would place them; the package itself lies in node_modules, where
    // Node.js strips no types.
    symlinkSync(join(root, 'node_modules'), join(outside, 'node_modules'));
    folder = join(outside, 'app');
    const installed = join(folder, 'node_modules', 'latchkey');
    mkdirSync(installed, { recursive: true });
    tsc('-p', join(root, 'tsconfig.build.json'), '--outDir', join(installed, 'dist'));
    cpSync(join(root, 'package.json'), join(installed, 'package.json'));
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['app.ts'] }));
    writeFileSync(join(folder, 'app.ts'), source);
    execFileSync(process.execPath, ['app.ts'], { cwd: folder, stdio: 'pipe' });
    template = JSON.parse(readFileSync(join(folder, 'out', 'Boards.template.json'), 'utf8'));
  }, 60_000);

  test('compiles against the package’s types', { timeout: 60_000 }, () => {
    expect(() => tsc('-p', folder)).not.toThrow();
  });

  test('protects its own API with its own rows', () => {
    const [, method] =
      resourcesOf(template, 'AWS::ApiGateway::Method').find(([, { Properties }]) => Properties.HttpMethod === 'GET') ??
      [];
    expect(method?.Properties.AuthorizationType).toBe('CUSTOM');
    const code = readFileSync(join(folder, 'out', 'bundles', 'Boards-Rights', 'index.js'), 'utf8');
    expect(code.includes('/v1/projects/{project}/boards')).toBe(true);
    const challenges = resourcesOf(template, 'AWS::ApiGateway::GatewayResponse').map(
      ([, { Properties }]) => Properties,
    );
    expect(challenges.map(({ ResponseType }) => ResponseType).toSorted()).toEqual(['ACCESS_DENIED', 'UNAUTHORIZED']);
    for (const challenge of challenges) expect(JSON.stringify(challenge)).toContain('WWW-Authenticate');
  });

  test('declares an integration and keeps its credentials, knowing of the deployment where its APIs are', () => {
    const workload: Template = JSON.parse(readFileSync(join(folder, 'out', 'Workload.template.json'), 'utf8'));
    expect(
      JSON.stringify(workload)
        .match(/"Default":"\/Staging\/[^"]+"/g)
        ?.toSorted(),
    ).toEqual(['"Default":"/Staging/admin-url"', '"Default":"/Staging/issuer"']);
    expect(resourcesOf(workload, 'Custom::LatchkeyAppIntegration')).toHaveLength(1);
    expect(resourcesOf(workload, 'AWS::SecretsManager::RotationSchedule')).toHaveLength(1);
    for (const [, statements] of statementsByFunction(workload)) {
      const services = new Set(statements.flatMap(actionsOf).map((action) => action.split(':')[0]));
      expect(services).toEqual(new Set(['xray', 'logs', 'secretsmanager']));
    }
  });

  test('reads issuer, table and key from the deployment’s parameters, and may do no more than decide', () => {
    const { variables } = functionDescribed(template, /decides whether/);
    const text = JSON.stringify(template);
    for (const name of ['issuer', 'table-name', 'table-arn', 'table-key-arn'])
      expect(text).toContain(`"Default":"/Staging/${name}"`);
    expect(variables[environment.issuer]).toEqual({ Ref: expect.stringMatching(/Staging.*issuer/i) });
    expect(variables[environment.audience]).toBe('https://boards.example.com/v1');
    const [[, statements] = ['', []]] = [...statementsByFunction(template)];
    const services = new Set(statements.flatMap(actionsOf).map((action) => action.split(':')[0]));
    expect(services).toEqual(new Set(['xray', 'logs', 'dynamodb', 'kms']));
    expect(statements.flatMap(actionsOf)).not.toContain('dynamodb:PutItem');
  });
});

function tsc(...parameters: string[]): void {
  execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), ...parameters], { stdio: 'pipe' });
}
