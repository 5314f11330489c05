import { Aws } from 'aws-cdk-lib';
import type { Key } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { environment } from '../../src/environment.ts';
import type { Stage } from '../stage.ts';
import type { EndpointFunction } from './endpoint-function.ts';
import { retainedKey } from './retained-key.ts';

/** A ciphertext is bound to exactly these members; KMS refuses a call that names another, or none. */
const boundToClient = {
  'ForAllValues:StringEquals': { 'kms:EncryptionContextKeys': ['tenant', 'client_id'] },
  // ForAllValues holds for a request without an encryption context.
  Null: { 'kms:EncryptionContextKeys': 'false' },
};

/** The key that client secrets which may be read again are encrypted with. */
export class SecretProtection extends Construct {
  readonly key: Key;

  constructor(scope: Construct, id: string, { removalPolicy }: Pick<Stage, 'removalPolicy'>) {
    super(scope, id);
    this.key = retainedKey(this, 'Key', {
      description: 'Latchkey: protects secrets',
      enableKeyRotation: true,
      removalPolicy,
    });
  }

  /** Lets a function protect a client's secret. */
  grantEncrypt(fn: EndpointFunction): void {
    fn.allow({ actions: ['kms:Encrypt'], resources: [this.key.keyArn], conditions: boundToClient });
    fn.set(environment.secretKeyArn, this.key.keyArn);
  }

  /** Lets a function read a client's secret again. */
  grantDecrypt(fn: EndpointFunction): void {
    fn.allow({ actions: ['kms:Decrypt'], resources: [this.key.keyArn], conditions: boundToClient });
    fn.set(environment.secretKeyArn, this.key.keyArn);
  }

  /** Lets a function read and write, through Secrets Manager, secrets that are encrypted with the key. */
  grantThroughSecretsManager(fn: EndpointFunction): void {
    fn.allow({
      actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
      resources: [this.key.keyArn],
      conditions: { StringEquals: { 'kms:ViaService': `secretsmanager.${Aws.REGION}.amazonaws.com` } },
    });
  }
}
