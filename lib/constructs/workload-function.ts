import { Aws, Duration } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { environment } from '../../src/environment.ts';
import { stage as defaultStage, type Stage } from '../stage.ts';
import { EndpointFunction } from './endpoint-function.ts';
import type { Administration } from './latchkey-deployment.ts';

/** What looks after an integration on behalf of a workload. */
export interface WorkloadProps {
  /** `LatchkeyDeployment.fromParameters`, or `{ issuer, adminUrl }`. */
  readonly deployment: Administration;
  /**
   * The secret of Secrets Manager with the credentials `{"client_id","client_secret"}` of the integration in whose name
   * the admin API is called: it holds `integrations:manage`, and what it does not hold it cannot give.
   */
  readonly manager: ISecret;
  /** See the stage's options of these names, whose defaults hold here too. */
  readonly logRetentionDays?: Stage['logRetentionDays'];
  readonly removalPolicy?: Stage['removalPolicy'];
}

export interface WorkloadFunctionProps extends WorkloadProps {
  readonly entry: string;
  readonly description: string;
  /** The secret that is written, and its key. */
  readonly credentials: { readonly secretArn: string; readonly encryptionKey?: IKey | undefined };
  readonly credentialsActions: readonly string[];
  readonly overlap: Duration;
}

/** A function that calls the admin API in the manager's name, and writes one secret. */
export function workloadFunction(scope: Construct, id: string, props: WorkloadFunctionProps): EndpointFunction {
  const { deployment, manager, credentials } = props;
  const managerArn = manager.secretFullArn;
  // Without its random end an ARN would admit secrets of other names.
  if (managerArn === undefined)
    throw new Error(`${scope.node.path}: the manager's secret is named by its complete ARN`);
  const fn = new EndpointFunction(scope, id, {
    entry: props.entry,
    description: props.description,
    logs: defaultStage({
      ...(props.logRetentionDays !== undefined && { logRetentionDays: props.logRetentionDays }),
      ...(props.removalPolicy !== undefined && { removalPolicy: props.removalPolicy }),
    }),
    service: `${scope.node.path}/${props.entry}`,
    timeout: Duration.minutes(1),
    environment: {
      [environment.issuer]: deployment.issuer,
      [environment.adminUrl]: deployment.adminUrl,
      [environment.managerSecretArn]: managerArn,
      [environment.credentialsSecretArn]: credentials.secretArn,
      [environment.overlapSeconds]: String(props.overlap.toSeconds()),
    },
  });
  fn.allow({ actions: ['secretsmanager:GetSecretValue'], resources: [managerArn] });
  fn.allow({
    actions: props.credentialsActions.map((action) => `secretsmanager:${action}`),
    resources: [credentials.secretArn],
  });
  allowKey(fn, manager.encryptionKey, ['kms:Decrypt']);
  allowKey(fn, credentials.encryptionKey, ['kms:Decrypt', 'kms:GenerateDataKey']);
  return fn;
}

function allowKey(fn: EndpointFunction, key: IKey | undefined, actions: readonly string[]): void {
  if (key === undefined) return;
  fn.allow({
    actions,
    resources: [key.keyArn],
    conditions: { StringEquals: { 'kms:ViaService': `secretsmanager.${Aws.REGION}.amazonaws.com` } },
  });
}
