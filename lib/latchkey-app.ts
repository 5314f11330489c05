import { App, Validations } from 'aws-cdk-lib';
import featureFlags from 'aws-cdk-lib/recommended-feature-flags.json' with { type: 'json' };
import { AwsSolutionsChecks } from 'cdk-nag';
import { AdminStack } from './admin-stack.ts';
import { ApiStack } from './api-stack.ts';
import { AuthStack } from './auth-stack.ts';
import { DataStack } from './data-stack.ts';
import { DomainStack } from './domain-stack.ts';
import { FirewallStack } from './firewall-stack.ts';
import type { Stage } from './stage.ts';

export interface LatchkeyAppOptions {
  /** Whether findings of cdk-nag and of aws-cdk-lib's own rules fail the synthesis; it takes a few seconds. */
  readonly validate: boolean;
  /** The folder that the assembly is written to. */
  readonly outdir: string;
}

/** The CDK app of one stage: stacks in the order in which they are deployed. */
export class LatchkeyApp extends App {
  readonly data: DataStack;
  readonly auth: AuthStack;
  readonly api: ApiStack;
  readonly admin: AdminStack;

  constructor(stage: Stage, { outdir, validate }: LatchkeyAppOptions) {
    super({
      outdir,
      analyticsReporting: false,
      builtinCloudFormationValidation: validate,
      // After the CLI's own context and cdk.json's, so that synthesis is the same without the two.
      postCliContext: {
        ...featureFlags,
        'aws:cdk:enable-path-metadata': false,
        'aws:cdk:enable-asset-metadata': false,
      },
    });
    const name = (part: string) => `${stage.name}-${part}`;
    this.data = new DataStack(this, name('Data'), stage);
    this.auth = new AuthStack(this, name('Auth'), { stage, data: this.data });
    this.api = new ApiStack(this, name('Api'), { stage, data: this.data, auth: this.auth });
    this.admin = new AdminStack(this, name('Admin'), { stage, data: this.data, auth: this.auth, api: this.api });
    const apis = { auth: this.auth.api, admin: this.admin.protectedApi.api, api: this.api.protectedApi.api };
    if (stage.domain !== undefined) new DomainStack(this, name('Domain'), { domain: stage.domain, ...apis });
    if (stage.waf) new FirewallStack(this, name('Firewall'), { stage, apis });
    if (validate) Validations.of(this).addPlugins(new AwsSolutionsChecks(this));
  }
}
