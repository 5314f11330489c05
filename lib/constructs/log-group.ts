import { RemovalPolicy } from 'aws-cdk-lib';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { Stage } from '../stage.ts';

/** How long logs are kept, and whether they outlive their stack. */
export type LogOptions = Pick<Stage, 'logRetentionDays' | 'removalPolicy'>;

/** An explicit log group: one that Lambda or API Gateway made by itself would keep everything for ever. */
export function logGroup(
  scope: Construct,
  id: string,
  { logRetentionDays, removalPolicy }: LogOptions,
  logGroupName?: string,
): LogGroup {
  return new LogGroup(scope, id, {
    ...(logGroupName !== undefined && { logGroupName }),
    retention: logRetentionDays,
    removalPolicy: removalPolicy === 'retain' ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
  });
}
