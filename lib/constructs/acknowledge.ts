import { Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/**
 * Accepts one finding of a validation rule on one construct.
 *
 * @param id the finding as the report names it, for example `AwsSolutions-IAM5[Resource::*]`
 * @param reason why the rule's risk does not arise here, for whoever reviews the deployment
 */
export function acknowledge(construct: IConstruct, id: string, reason: string): void {
  Validations.of(construct).acknowledge({ id, reason });
}
