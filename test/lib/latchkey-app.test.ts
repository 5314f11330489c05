import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CfnResource, Validations } from 'aws-cdk-lib';
import { CfnSecret } from 'aws-cdk-lib/aws-secretsmanager';
import { AwsSolutionsChecks } from 'cdk-nag';
import { describe, expect, test } from 'vitest';
import { LatchkeyApp } from '../../lib/latchkey-app.ts';
import { type Stage, stage } from '../../lib/stage.ts';
import { resourcesOf, synthesize, templateOf, temporaryFolder } from './synthesize.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

const everything: Partial<Stage> = {
  domain: {
    name: 'id.example.com',
    certificateArn: 'arn:aws:acm:eu-west-1:111122223333:certificate/0b1d',
    hostedZone: { id: 'Z123', name: 'example.com' },
  },
  signingKeys: [
    { name: 'rs256-1', algorithm: 'RS256', state: 'revoked' },
    { name: 'rs256-2', algorithm: 'RS256' },
    { name: 'eddsa-1', algorithm: 'EdDSA' },
  ],
  signingAlgorithm: 'EdDSA',
  waf: true,
  corsOrigin: 'https://console.example.com',
  reservedConcurrency: { token: 50, authorizer: 50 },
  resourceServers: { orders: 'https://orders.example.com/v1' },
  alarmEmail: 'ops@example.com',
};

function validated(options: Partial<Stage>): LatchkeyApp {
  return new LatchkeyApp(stage(options), { validate: true, outdir: temporaryFolder() });
}

describe('validation', () => {
  test.each([
    ['the defaults', {}],
    ['every option', everything],
    ['a stage that may lose everything', { removalPolicy: 'destroy', revocationBoundSeconds: 0 } as const],
  ])('finds nothing to say against %s', { timeout: 60_000 }, (_, options) => {
    expect(() => validated(options).synth()).not.toThrow();
  });

  test('fails the synthesis on a finding of cdk-nag', { timeout: 60_000 }, () => {
    const app = validated({});
    new CfnSecret(app.data, 'Unrotated', {});
    expect(() => app.synth()).toThrow('AwsSolutions-SMG4');
  });

  test('fails the synthesis on a finding of CloudFormation’s own rules', { timeout: 60_000 }, () => {
    const app = validated({});
    new CfnResource(app.data, 'Misspelt', { type: 'AWS::SNS::Topic', properties: { DisplayNam: 'x' } });
    expect(() => app.synth()).toThrow('DisplayNam');
  });
});

test('every acknowledgement answers a finding', () => {
  const app = new LatchkeyApp(stage(), { validate: false, outdir: temporaryFolder() });
  app.synth();
  const acknowledged = app.node
    .findAll()
    .flatMap(({ node }) =>
      node.metadata
        .filter((entry) => entry.type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
        .flatMap((entry) =>
          Object.keys(entry.data).map((rule) => [node.path, rule.replace(/^annotation::/i, '')] as const),
        ),
    );
  const pack = new AwsSolutionsChecks(app);
  Object.defineProperty(pack, 'isAcknowledged', { value: () => false });
  const findings = pack
    .validateScope(app)
    .violations.flatMap(({ ruleName, violatingResources }) =>
      (violatingResources ?? []).map(({ constructPath }) => [constructPath ?? '', ruleName] as const),
    );
  expect(acknowledged.length).toBeGreaterThan(0);
  expect(
    acknowledged.filter(
      ([path, rule]) => !findings.some(([found, name]) => name === rule && `${found}/`.startsWith(`${path}/`)),
    ),
  ).toEqual([]);
});

describe('the assembly', () => {
  test('is the same with and without the CLI', { timeout: 120_000 }, () => {
    const [plain, throughCli] = [temporaryFolder(), temporaryFolder()];
    const env = { ...process.env, LATCHKEY_VALIDATE: '0', CDK_DISABLE_CLI_TELEMETRY: 'true' };
    execFileSync(process.execPath, ['bin/latchkey.ts'], { cwd: root, env: { ...env, CDK_OUTDIR: plain } });
    execFileSync(
      process.execPath,
      ['node_modules/aws-cdk/bin/cdk', 'synth', '--quiet', '--no-notices', '--output', throughCli],
      { cwd: root, env: { ...env, AWS_EC2_METADATA_DISABLED: 'true' }, stdio: 'pipe' },
    );
    const templates = readdirSync(plain).filter((file) => file.endsWith('.template.json'));
    expect(templates.length).toBeGreaterThanOrEqual(4);
    for (const file of templates)
      expect(JSON.parse(readFileSync(join(throughCli, file), 'utf8'))).toEqual(
        JSON.parse(readFileSync(join(plain, file), 'utf8')),
      );
  });

  test('is the same twice: an unchanged source changes no function', () => {
    expect(synthesize()).toEqual(synthesize());
  });

  test('refers from stack to stack weakly: no export holds a stack back', () => {
    const text = JSON.stringify(synthesize());
    expect(text).toContain('Fn::GetStackOutput');
    expect(text).not.toContain('Fn::ImportValue');
    expect(text).not.toContain('"Export"');
  });

  test('deploys data, auth, api and admin in this order', () => {
    const { artifacts } = new LatchkeyApp(stage(), { validate: false, outdir: temporaryFolder() }).synth().manifest;
    const needs = (name: string) => artifacts?.[name]?.dependencies?.filter((other) => !other.endsWith('.assets'));
    expect(needs('Latchkey-Data') ?? []).toEqual([]);
    expect(needs('Latchkey-Auth')).toEqual(['Latchkey-Data']);
    expect(needs('Latchkey-Api')?.toSorted()).toEqual(['Latchkey-Auth', 'Latchkey-Data']);
    expect(needs('Latchkey-Admin')?.toSorted()).toEqual(['Latchkey-Api', 'Latchkey-Auth', 'Latchkey-Data']);
  });

  test('shows no secret in an output', () => {
    const outputs = Object.values(synthesize()).flatMap((template) => Object.keys(template.Outputs ?? {}));
    expect(outputs).toEqual(
      expect.arrayContaining(['BootstrapSecretArn', 'AlarmTopicArn', 'Issuer', 'TokenEndpoint', 'ApiUrl', 'AdminUrl']),
    );
    expect(outputs.filter((name) => /client|password|credential/i.test(name))).toEqual([]);
  });
});

describe('the bootstrap', () => {
  const [[, resource] = []] = resourcesOf(templateOf(synthesize(), 'Admin'), 'Custom::LatchkeyBootstrap');

  test('runs again when keys, issuer or base URLs change', () => {
    expect(Object.keys(resource?.Properties ?? {}).toSorted()).toEqual([
      'AdminUrl',
      'ApiUrl',
      'Issuer',
      'ResourceServers',
      'ServiceTimeout',
      'ServiceToken',
      'SigningKeys',
      'Version',
    ]);
  });

  test('waits for its function’s permissions', () => {
    expect(resource?.DependsOn).toEqual(expect.arrayContaining([expect.stringMatching(/DefaultPolicy/)]));
  });
});
