import { CfnOutput, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { environment } from '../src/environment.ts';
import type { AuthStack } from './auth-stack.ts';
import { ProtectedApi } from './constructs/protected-api.ts';
import type { DataStack } from './data-stack.ts';
import type { Stage } from './stage.ts';

export interface ApiStackProps {
  readonly stage: Stage;
  readonly data: DataStack;
  readonly auth: AuthStack;
}

/** The reference resource API: what a platform team's own API would look like. */
export class ApiStack extends Stack {
  readonly protectedApi: ProtectedApi;

  constructor(scope: Construct, id: string, { stage, data, auth }: ApiStackProps) {
    super(scope, id, { description: 'Latchkey: reference resource API' });
    this.protectedApi = new ProtectedApi(this, 'Api', {
      name: 'api',
      stage,
      data,
      issuer: auth.issuer,
      environment: (apiUrl) => ({ [environment.apiUrl]: apiUrl }),
    });
    new CfnOutput(this, 'ApiUrl', {
      description: 'Base URL of the reference resource API',
      value: this.protectedApi.baseUrl,
    });
  }
}
