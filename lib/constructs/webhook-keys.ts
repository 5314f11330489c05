import { Stack } from 'aws-cdk-lib';
import { KeySpec, KeyUsage } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { environment } from '../../src/environment.ts';
import type { Stage } from '../stage.ts';
import type { EndpointFunction } from './endpoint-function.ts';
import { retainedKey } from './retained-key.ts';

/** The keys that requests to apps' endpoints are signed with: none of them signs a token. */
export class WebhookKeys extends Construct {
  readonly #keyArns: readonly string[];

  constructor(
    scope: Construct,
    id: string,
    { webhookKeys, removalPolicy }: Pick<Stage, 'webhookKeys' | 'removalPolicy'>,
  ) {
    super(scope, id);
    this.#keyArns = webhookKeys.map(
      (name) =>
        retainedKey(this, name, {
          description: `Latchkey: signs requests to apps' endpoints (${name})`,
          keySpec: KeySpec.RSA_2048,
          keyUsage: KeyUsage.SIGN_VERIFY,
          removalPolicy,
        }).keyArn,
    );
  }

  /** Lets a function sign, with the first key alone. */
  grantSign(fn: EndpointFunction): void {
    fn.allow({
      actions: ['kms:Sign'],
      resources: this.#keyArns.slice(0, 1),
      conditions: {
        StringEquals: { 'kms:SigningAlgorithm': 'RSASSA_PKCS1_V1_5_SHA_256', 'kms:MessageType': 'DIGEST' },
      },
    });
    fn.allow({ actions: ['kms:GetPublicKey'], resources: this.#keyArns.slice(0, 1) });
    this.#describeTo(fn);
  }

  /** Lets a function read the public keys. */
  grantGetPublicKey(fn: EndpointFunction): void {
    fn.allow({ actions: ['kms:GetPublicKey'], resources: this.#keyArns });
    this.#describeTo(fn);
  }

  #describeTo(fn: EndpointFunction): void {
    fn.set(environment.webhookKeys, Stack.of(this).toJsonString(this.#keyArns));
  }
}
