import { CfnOutput, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { AlarmTopic } from './constructs/alarm-topic.ts';
import { BootstrapSecret } from './constructs/bootstrap-secret.ts';
import { DataTable } from './constructs/data-table.ts';
import { GatewayAccount } from './constructs/gateway-account.ts';
import { publishTable } from './constructs/latchkey-deployment.ts';
import { SecretProtection } from './constructs/secret-protection.ts';
import { SigningKeys } from './constructs/signing-keys.ts';
import { UpstreamSecrets } from './constructs/upstream-secrets.ts';
import { WebhookKeys } from './constructs/webhook-keys.ts';
import type { Stage } from './stage.ts';

/** What must survive: the table, the keys and the secrets. Everything else can be replaced. */
export class DataStack extends Stack {
  readonly table: DataTable;
  readonly signingKeys: SigningKeys;
  readonly webhookKeys: WebhookKeys;
  readonly secretProtection: SecretProtection;
  readonly bootstrapSecret: BootstrapSecret;
  readonly upstreamSecrets: UpstreamSecrets;
  readonly alarmTopic: AlarmTopic;

  constructor(scope: Construct, id: string, stage: Stage) {
    super(scope, id, {
      description: 'Latchkey: table, keys and secrets',
      terminationProtection: stage.removalPolicy === 'retain',
    });
    this.table = new DataTable(this, 'Data', stage);
    this.signingKeys = new SigningKeys(this, 'SigningKeys', stage);
    this.webhookKeys = new WebhookKeys(this, 'WebhookKeys', stage);
    this.secretProtection = new SecretProtection(this, 'SecretProtection', stage);
    this.bootstrapSecret = new BootstrapSecret(this, 'Bootstrap', { ...stage, protection: this.secretProtection });
    this.upstreamSecrets = new UpstreamSecrets(this, 'UpstreamSecrets', {
      ...stage,
      protection: this.secretProtection,
    });
    if (stage.apiGatewayAccount) new GatewayAccount(this, 'GatewayAccount');
    this.alarmTopic = new AlarmTopic(this, 'AlarmTopic', stage);
    publishTable(this, stage.name, this.table);
    new CfnOutput(this, 'BootstrapSecretArn', {
      description: "Where the bootstrap administrator's credentials are",
      value: this.bootstrapSecret.secretArn,
    });
    new CfnOutput(this, 'AlarmTopicArn', { description: 'Where alarms go', value: this.alarmTopic.topicArn });
  }
}
