import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { KeyProps } from 'aws-cdk-lib/aws-kms';
import type { Stage } from '../stage.ts';

/** What becomes of a KMS key whose stack or declaration is deleted; 30 days, KMS's longest, to notice a mistake. */
export function keyRetention(
  removalPolicy: Stage['removalPolicy'],
): Required<Pick<KeyProps, 'removalPolicy' | 'pendingWindow'>> {
  return removalPolicy === 'retain'
    ? { removalPolicy: RemovalPolicy.RETAIN, pendingWindow: Duration.days(30) }
    : { removalPolicy: RemovalPolicy.DESTROY, pendingWindow: Duration.days(7) };
}
