import { App, Duration, Stack, Validations } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { AwsSolutionsChecks } from 'cdk-nag';
import { describe, expect, test } from 'vitest';
import { AppIntegration } from '../../../lib/constructs/app-integration.ts';
import {
  IntegrationCredentials,
  type IntegrationCredentialsProps,
} from '../../../lib/constructs/integration-credentials.ts';
import { LatchkeyDeployment } from '../../../lib/constructs/latchkey-deployment.ts';
import {
  actionsOf,
  type Statement,
  type Template as Synthesized,
  statementsByFunction,
  temporaryFolder,
} from '../synthesize.ts';

const managerArn = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:latchkey/manager-AbCdEf';

function stackWith(props: Partial<IntegrationCredentialsProps> = {}, app = new App({ outdir: temporaryFolder() })) {
  const stack = new Stack(app, 'Workload');
  const deployment = LatchkeyDeployment.fromParameters(stack, 'Latchkey', { name: 'Staging' });
  const manager = Secret.fromSecretCompleteArn(stack, 'Manager', managerArn);
  const credentials = new IntegrationCredentials(stack, 'Credentials', { deployment, manager, ...props });
  const integration = { deployment, manager, credentials, name: 'Orders', rights: ['issues:read'] } as const;
  new AppIntegration(stack, 'Integration', integration);
  return stack;
}

const templateOf = (stack: Stack) => Template.fromStack(stack);

/** Everything that the function of this logical id is allowed, logs and traces apart. */
function allowed(stack: Stack, id: RegExp): readonly Statement[] {
  const all = statementsByFunction(templateOf(stack).toJSON() as Synthesized);
  const found = [...all].filter(([name]) => id.test(name)).flatMap(([, statements]) => statements);
  return found.filter((statement) => actionsOf(statement).every((action) => !/^(?:logs|xray):/.test(action)));
}

describe('credentials', () => {
  test('are rotated every 30 days, with a day of overlap, and by Secrets Manager of this account alone', () => {
    const template = templateOf(stackWith());
    template.hasResourceProperties('AWS::SecretsManager::RotationSchedule', {
      RotationRules: { ScheduleExpression: 'rate(30 days)' },
      RotateImmediatelyOnUpdate: false,
    });
    template.hasResourceProperties('AWS::Lambda::Permission', {
      Principal: 'secretsmanager.amazonaws.com',
      SourceAccount: { Ref: 'AWS::AccountId' },
    });
    for (const { Properties } of Object.values(template.findResources('AWS::Lambda::Function')))
      expect(Properties.Environment.Variables).toMatchObject({
        LATCHKEY_OVERLAP_SECONDS: '86400',
        LATCHKEY_MANAGER_SECRET_ARN: managerArn,
      });
  });

  test('are read and written by the functions that look after them, which may read the manager’s too, and nothing else', () => {
    const stack = stackWith();
    const secret = { Ref: expect.stringMatching(/^CredentialsSecret/) };
    expect(allowed(stack, /^CredentialsRotation/)).toEqual([
      { Effect: 'Allow', Action: 'secretsmanager:GetSecretValue', Resource: managerArn },
      {
        Effect: 'Allow',
        Action: ['DescribeSecret', 'GetSecretValue', 'PutSecretValue', 'UpdateSecretVersionStage'].map(
          (action) => `secretsmanager:${action}`,
        ),
        Resource: secret,
      },
    ]);
    expect(allowed(stack, /^IntegrationKeeper/)).toEqual([
      { Effect: 'Allow', Action: 'secretsmanager:GetSecretValue', Resource: managerArn },
      {
        Effect: 'Allow',
        Action: ['secretsmanager:GetSecretValue', 'secretsmanager:PutSecretValue'],
        Resource: secret,
      },
    ]);
  });

  test('under a key of their own, may be opened through Secrets Manager alone', () => {
    const app = new App({ outdir: temporaryFolder() });
    const encryptionKey = Key.fromKeyArn(new Stack(app, 'Keys'), 'Key', 'arn:aws:kms:eu-west-1:111122223333:key/1');
    const onKey = allowed(stackWith({ encryptionKey }, app), /^CredentialsRotation/).filter((statement) =>
      actionsOf(statement).some((action) => action.startsWith('kms:')),
    );
    expect(onKey).toEqual([
      {
        Effect: 'Allow',
        Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
        Resource: 'arn:aws:kms:eu-west-1:111122223333:key/1',
        Condition: { StringEquals: { 'kms:ViaService': expect.anything() } },
      },
    ]);
  });

  test('tell a topic of a rotation that failed, where one is named', () => {
    templateOf(stackWith()).resourceCountIs('AWS::CloudWatch::Alarm', 0);
    const app = new App({ outdir: temporaryFolder() });
    const alarmTopic = Topic.fromTopicArn(new Stack(app, 'Topics'), 'Topic', 'arn:aws:sns:eu-west-1:111122223333:ops');
    templateOf(stackWith({ alarmTopic }, app)).hasResourceProperties('AWS::CloudWatch::Alarm', {
      MetricName: 'Errors',
      AlarmActions: [alarmTopic.topicArn],
    });
  });

  test.each<[string, Partial<IntegrationCredentialsProps>]>([
    ['rotateEvery', { rotateEvery: Duration.hours(3) }],
    ['rotateEvery', { rotateEvery: Duration.minutes(250) }],
    ['overlap', { overlap: Duration.minutes(59) }],
    ['overlap', { overlap: Duration.days(31), rotateEvery: Duration.days(60) }],
    ['overlap', { overlap: Duration.days(7), rotateEvery: Duration.days(7) }],
  ])('with a wrong %s are refused', (name, props) => {
    expect(() => stackWith(props)).toThrow(name);
  });

  test('with the least and the most of both are taken', () => {
    stackWith({ rotateEvery: Duration.hours(4), overlap: Duration.hours(1) });
    const longest = stackWith({ rotateEvery: Duration.days(999), overlap: Duration.days(30) });
    templateOf(longest).hasResourceProperties('AWS::SecretsManager::RotationSchedule', {
      RotationRules: { ScheduleExpression: 'rate(999 days)' },
    });
  });

  test('are refused where the manager’s secret is named without its random end', () => {
    const stack = new Stack(new App({ outdir: temporaryFolder() }), 'Other');
    expect(() => stackWith({ manager: Secret.fromSecretNameV2(stack, 'Named', 'latchkey/manager') })).toThrow(
      'complete ARN',
    );
  });
});

test('both constructs leave no finding of cdk-nag unanswered', () => {
  const app = new App({ outdir: temporaryFolder() });
  stackWith({}, app);
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  expect(() => app.synth()).not.toThrow();
});
