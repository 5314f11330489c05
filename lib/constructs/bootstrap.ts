import { CustomResource, Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { backgroundTouches } from '../../src/api/routes.ts';
import { environment } from '../../src/environment.ts';
import type { DataStack } from '../data-stack.ts';
import type { Stage } from '../stage.ts';
import { EndpointFunction } from './endpoint-function.ts';
import { grantTouches } from './table-access.ts';

const entry = 'deployment/bootstrap';

export interface BootstrapProps {
  readonly data: DataStack;
  readonly stage: Stage;
  readonly issuer: string;
  readonly adminUrl: string;
  readonly apiUrl: string;
}

/**
 * The deployment's bootstrap: one custom resource that makes the operator's tenant and administrator where there are
 * none, and registers signing keys and APIs at each deployment that changes them.
 */
export class Bootstrap extends Construct {
  readonly function: EndpointFunction;

  constructor(scope: Construct, id: string, { data, stage, issuer, adminUrl, apiUrl }: BootstrapProps) {
    super(scope, id);
    const resourceServers = JSON.stringify(stage.resourceServers);
    this.function = new EndpointFunction(this, 'Bootstrap', {
      entry,
      description: "Latchkey: makes the operator's tenant and its administrator, registers signing keys and APIs",
      logs: stage,
      timeout: Duration.minutes(1),
      environment: {
        [environment.adminUrl]: adminUrl,
        [environment.apiUrl]: apiUrl,
        [environment.resourceServers]: resourceServers,
        [environment.secretRetrieval]: stage.secretRetrieval ? 'on' : 'off',
      },
    });
    grantTouches(data.table, this.function, backgroundTouches[entry]);
    data.signingKeys.grantGetPublicKey(this.function);
    data.bootstrapSecret.grantReadWrite(this.function);
    if (stage.secretRetrieval) data.secretProtection.grantEncrypt(this.function);
    const resource = new CustomResource(this, 'Resource', {
      resourceType: 'Custom::LatchkeyBootstrap',
      serviceToken: this.function.function.functionArn,
      serviceTimeout: Duration.minutes(5),
      // A change of any of these is what makes CloudFormation send an Update.
      properties: {
        SigningKeys: data.signingKeys.declaration(),
        Issuer: issuer,
        AdminUrl: adminUrl,
        ApiUrl: apiUrl,
        ResourceServers: resourceServers,
        Version: '1',
      },
    });
    // The function's policy is a resource of its own, and must be in force at the first event.
    resource.node.addDependency(this.function);
  }
}
