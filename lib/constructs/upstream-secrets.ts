import { Aws } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { environment } from '../../src/environment.ts';
import type { Stage } from '../stage.ts';
import { acknowledge } from './acknowledge.ts';
import type { EndpointFunction } from './endpoint-function.ts';
import type { SecretProtection } from './secret-protection.ts';

const reason =
  'One secret for each identity provider, which tenants register while the deployment runs: the pattern ends after the prefix that this deployment alone uses.';

/**
 * Our client secrets at the identity providers that tenants register. They are made at run time, so that there is no
 * resource of theirs: their names begin with the deployment's, and a role is bounded by that. Who deletes a deployment
 * deletes them by the prefix.
 */
export class UpstreamSecrets extends Construct {
  readonly #prefix: string;
  readonly #protection: SecretProtection;

  constructor(
    scope: Construct,
    id: string,
    { name, protection }: Pick<Stage, 'name'> & { readonly protection: SecretProtection },
  ) {
    super(scope, id);
    this.#prefix = `${name}/identity-providers/`;
    this.#protection = protection;
  }

  /** Lets a function make, replace and delete secrets, and read none. */
  grantKeep(fn: EndpointFunction): void {
    this.#grant(fn, ['CreateSecret', 'PutSecretValue', 'DeleteSecret']);
    // Making a secret with a key of its own asks for both uses of the key.
    this.#protection.grantThroughSecretsManager(fn);
    fn.set(environment.secretKeyArn, this.#protection.key.keyArn);
  }

  /** Lets a function delete secrets, and neither make nor read any. */
  grantDelete(fn: EndpointFunction): void {
    this.#grant(fn, ['DeleteSecret']);
  }

  /** Lets a function read secrets, and change none. */
  grantRead(fn: EndpointFunction): void {
    this.#grant(fn, ['GetSecretValue']);
    this.#protection.grantThroughSecretsManager(fn, ['kms:Decrypt']);
  }

  #grant(fn: EndpointFunction, actions: readonly string[]): void {
    const arn = (partition: string, region: string, account: string) =>
      `arn:${partition}:secretsmanager:${region}:${account}:secret:${this.#prefix}*`;
    fn.allow({
      actions: actions.map((action) => `secretsmanager:${action}`),
      resources: [arn(Aws.PARTITION, Aws.REGION, Aws.ACCOUNT_ID)],
    });
    fn.set(environment.upstreamSecretPrefix, this.#prefix);
    acknowledge(
      fn,
      `AwsSolutions-IAM5[Resource::${arn('<AWS::Partition>', '<AWS::Region>', '<AWS::AccountId>')}]`,
      reason,
    );
  }
}
