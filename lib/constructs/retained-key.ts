import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Key, type KeyProps } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import type { Stage } from '../stage.ts';

/**
 * A KMS key whose policy leaves the decision to the account's IAM policies, and which is kept when its declaration is
 * deleted; where it is not, KMS waits 7 days, its shortest, before it destroys it.
 */
export function retainedKey(
  scope: Construct,
  id: string,
  { removalPolicy, ...props }: Omit<KeyProps, 'removalPolicy'> & Pick<Stage, 'removalPolicy'>,
): Key {
  const retained = removalPolicy === 'retain';
  return new Key(scope, id, {
    ...props,
    removalPolicy: retained ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    pendingWindow: Duration.days(retained ? 30 : 7),
  });
}
