import { RemovalPolicy } from 'aws-cdk-lib';
import { CfnSecret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { environment } from '../../src/environment.ts';
import type { Stage } from '../stage.ts';
import { acknowledge } from './acknowledge.ts';
import type { EndpointFunction } from './endpoint-function.ts';
import type { SecretProtection } from './secret-protection.ts';

/** The secret in which the deployment leaves the bootstrap administrator's credentials. */
export class BootstrapSecret extends Construct {
  readonly secretArn: string;
  readonly #protection: SecretProtection;

  constructor(
    scope: Construct,
    id: string,
    props: Pick<Stage, 'removalPolicy'> & { readonly protection: SecretProtection },
  ) {
    super(scope, id);
    this.#protection = props.protection;
    // The higher-level construct would generate a value; this one stays without until the bootstrap writes it.
    const secret = new CfnSecret(this, 'Secret', {
      description: "Latchkey: the bootstrap administrator's client_id and client_secret",
      kmsKeyId: props.protection.key.keyArn,
    });
    secret.applyRemovalPolicy(props.removalPolicy === 'retain' ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY);
    acknowledge(
      secret,
      'AwsSolutions-SMG4',
      'Rotation by schedule would lock out whoever holds the credentials; the administrator rotates them through the admin API.',
    );
    this.secretArn = secret.ref;
  }

  /** Lets a function read and write the credentials. */
  grantReadWrite(fn: EndpointFunction): void {
    fn.allow({
      actions: ['secretsmanager:GetSecretValue', 'secretsmanager:PutSecretValue'],
      resources: [this.secretArn],
    });
    this.#protection.grantThroughSecretsManager(fn);
    fn.set(environment.bootstrapSecretArn, this.secretArn);
  }
}
