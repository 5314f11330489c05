import { CustomResource, Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { RightName } from '../../src/api/rights.ts';
import type { EndpointFunction } from './endpoint-function.ts';
import type { IntegrationCredentials } from './integration-credentials.ts';
import { type WorkloadProps, workloadFunction } from './workload-function.ts';

export interface AppIntegrationProps extends WorkloadProps {
  /** Unique in the tenant. */
  readonly name: string;
  readonly description?: string;
  /** What it asks for in the global context; what the manager does not hold waits for whoever does. */
  readonly rights: readonly RightName[];
  /** Default `client_credentials` alone. */
  readonly grantTypes?: readonly string[];
  readonly redirectUris?: readonly string[];
  /** Where its credentials are kept: nowhere else are they shown. */
  readonly credentials: IntegrationCredentials;
}

/**
 * An integration that lives with a stack: created, changed and deleted with it, through the admin API and in the name of
 * the manager, so that nobody gains by a deployment what they do not hold.
 *
 * ```ts
 * new AppIntegration(this, 'Orders', { deployment, manager, credentials, name: 'Orders', rights: ['issues:read'] });
 * ```
 */
export class AppIntegration extends Construct {
  readonly clientId: string;
  readonly function: EndpointFunction;

  constructor(scope: Construct, id: string, props: AppIntegrationProps) {
    super(scope, id);
    const { credentials, description } = props;
    // The description also tells which stack keeps the integration.
    if ([...(description ?? '')].length > 500)
      throw new Error('AppIntegration: description must be of at most 500 characters');
    const { secretArn, encryptionKey } = credentials.secret;
    this.function = workloadFunction(this, 'Keeper', {
      ...props,
      entry: 'workload/app-integration',
      description: 'Latchkey: creates, changes and deletes the integration of a stack',
      credentials: { secretArn, encryptionKey },
      credentialsActions: ['GetSecretValue', 'PutSecretValue'],
      overlap: credentials.overlap,
    });
    const resource = new CustomResource(this, 'Resource', {
      resourceType: 'Custom::LatchkeyAppIntegration',
      serviceToken: this.function.function.functionArn,
      serviceTimeout: Duration.minutes(5),
      properties: {
        Integration: {
          name: props.name,
          ...(description !== undefined && { description }),
          rights: [...props.rights],
          grant_types: [...(props.grantTypes ?? ['client_credentials'])],
          redirect_uris: [...(props.redirectUris ?? [])],
        },
        // Another secret is filled when it takes the place of this one.
        Credentials: secretArn,
      },
    });
    resource.node.addDependency(this.function);
    this.clientId = resource.ref;
  }
}
