import { CfnOutput, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { environment } from '../src/environment.ts';
import type { ApiStack } from './api-stack.ts';
import type { AuthStack } from './auth-stack.ts';
import { Bootstrap } from './constructs/bootstrap.ts';
import { OperationsDashboard } from './constructs/dashboard.ts';
import { ExpiringSecrets } from './constructs/expiring-secrets.ts';
import { publishAdminUrl } from './constructs/latchkey-deployment.ts';
import { ProtectedApi } from './constructs/protected-api.ts';
import { RightsRemovals } from './constructs/rights-removals.ts';
import { TenantDeletions } from './constructs/tenant-deletions.ts';
import type { DataStack } from './data-stack.ts';
import type { Stage } from './stage.ts';

export interface AdminStackProps {
  readonly stage: Stage;
  readonly data: DataStack;
  readonly auth: AuthStack;
  readonly api: ApiStack;
}

/** The admin API, and what needs to know every other stack: the bootstrap and the dashboard. */
export class AdminStack extends Stack {
  readonly protectedApi: ProtectedApi;

  constructor(scope: Construct, id: string, { stage, data, auth, api }: AdminStackProps) {
    super(scope, id, { description: 'Latchkey: admin API and bootstrap' });
    const apiUrl = api.protectedApi.baseUrl;
    this.protectedApi = new ProtectedApi(this, 'Admin', {
      name: 'admin',
      stage,
      data,
      issuer: auth.issuer,
      environment: (adminUrl) => ({
        [environment.adminUrl]: adminUrl,
        [environment.apiUrl]: apiUrl,
        [environment.secretRetrieval]: stage.secretRetrieval ? 'on' : 'off',
        ...(stage.legacyGrants.length > 0 && { [environment.legacyGrants]: stage.legacyGrants.join(',') }),
      }),
    });
    const adminUrl = this.protectedApi.baseUrl;
    new Bootstrap(this, 'Bootstrap', { data, stage, issuer: auth.issuer, adminUrl, apiUrl });
    new TenantDeletions(this, 'TenantDeletions', { data, stage });
    new RightsRemovals(this, 'RightsRemovals', { data, stage });
    new ExpiringSecrets(this, 'SecretWarnings', { data, stage });
    new OperationsDashboard(this, 'Operations', {
      stage,
      apis: [auth.api, this.protectedApi.api, api.protectedApi.api],
      authorizers: [this.protectedApi.authorizer, api.protectedApi.authorizer],
      token: auth.token,
      signingKeys: auth.signingKeys,
      table: data.table,
    });
    publishAdminUrl(this, stage.name, adminUrl);
    new CfnOutput(this, 'AdminUrl', { description: 'Base URL of the admin API', value: adminUrl });
  }
}
