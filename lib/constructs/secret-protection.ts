import { Aws } from 'aws-cdk-lib';
import type { Key } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { environment } from '../../src/environment.ts';
import type { Stage } from '../stage.ts';
import type { EndpointFunction } from './endpoint-function.ts';
import { retainedKey } from './retained-key.ts';

/** A ciphertext is bound to exactly these members; KMS refuses a call that names another, or none. */
const boundTo = (...members: readonly string[]) => ({
  'ForAllValues:StringEquals': { 'kms:EncryptionContextKeys': members },
  // ForAllValues holds for a request without an encryption context.
  Null: { 'kms:EncryptionContextKeys': 'false' },
});

const boundToClient = boundTo('tenant', 'client_id');
const boundToUser = boundTo('tenant', 'user_id');

/** The key that secrets which are needed again are encrypted with: of clients, and of users. */
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

  /** Lets a function keep a user's secret. */
  grantEncryptForUser(fn: EndpointFunction): void {
    fn.allow({ actions: ['kms:Encrypt'], resources: [this.key.keyArn], conditions: boundToUser });
    fn.set(environment.secretKeyArn, this.key.keyArn);
  }

  /** Lets a function use a user's secret again. */
  grantDecryptForUser(fn: EndpointFunction): void {
    fn.allow({ actions: ['kms:Decrypt'], resources: [this.key.keyArn], conditions: boundToUser });
    fn.set(environment.secretKeyArn, this.key.keyArn);
  }

  /**
   * Lets a function use the key through Secrets Manager, for secrets that are encrypted with it.
   *
   * @param actions default: what reading and writing need
   */
  grantThroughSecretsManager(
    fn: EndpointFunction,
    actions: readonly ('kms:Decrypt' | 'kms:GenerateDataKey')[] = ['kms:Decrypt', 'kms:GenerateDataKey'],
  ): void {
    fn.allow({
      actions,
      resources: [this.key.keyArn],
      conditions: { StringEquals: { 'kms:ViaService': `secretsmanager.${Aws.REGION}.amazonaws.com` } },
    });
  }
}
