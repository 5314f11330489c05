import { Stack } from 'aws-cdk-lib';
import { CfnWebACL, CfnWebACLAssociation } from 'aws-cdk-lib/aws-wafv2';
import type { Construct } from 'constructs';
import type { RestApi } from './constructs/rest-api.ts';
import type { Stage } from './stage.ts';

/**
 * Rules that only count under `/auth`: redirect URIs look like inclusion of remote files and, on a loopback address, like
 * requests for metadata; machines send no user agent; client assertions, authorization details and hints (ID tokens in a query) are long.
 */
const countedUnderAuth = [
  'EC2MetaDataSSRF_BODY',
  'EC2MetaDataSSRF_COOKIE',
  'EC2MetaDataSSRF_URIPATH',
  'EC2MetaDataSSRF_QUERYARGUMENTS',
  'GenericRFI_QUERYARGUMENTS',
  'GenericRFI_BODY',
  'GenericRFI_URIPATH',
  'NoUserAgent_HEADER',
  'SizeRestrictions_BODY',
  'SizeRestrictions_QUERYSTRING',
];

/**
 * Rules that only count elsewhere: integrations are registered with redirect URIs, on a loopback address too, and a
 * tenant's logo is longer than the 8 kB of the rule; functions refuse what is over 64.
 */
const countedElsewhere = ['EC2MetaDataSSRF_BODY', 'GenericRFI_BODY', 'SizeRestrictions_BODY'];

export interface FirewallStackProps {
  readonly stage: Stage;
  readonly apis: Readonly<Record<'auth' | 'admin' | 'api', RestApi>>;
}

/** One regional web ACL before the three stages. */
export class FirewallStack extends Stack {
  constructor(scope: Construct, id: string, { stage, apis }: FirewallStackProps) {
    super(scope, id, { description: 'Latchkey: web ACL' });
    // The domain's base path `.well-known` leads to the authorization server's metadata.
    const underAuth = { orStatement: { statements: [pathBeginsWith('/auth/'), pathBeginsWith('/.well-known/')] } };
    const acl = new CfnWebACL(this, 'WebAcl', {
      name: `${stage.name}-apis`,
      scope: 'REGIONAL',
      defaultAction: { allow: {} },
      visibilityConfig: visibility('WebAcl'),
      rules: [
        {
          name: 'RatePerAddress',
          priority: 0,
          action: { block: {} },
          statement: {
            rateBasedStatement: { limit: stage.wafRequestsPerFiveMinutes, aggregateKeyType: 'IP' },
          },
          visibilityConfig: visibility('RatePerAddress'),
        },
        coreRules('CoreRulesAuth', 1, underAuth, countedUnderAuth),
        coreRules('CoreRules', 2, { notStatement: { statement: underAuth } }, countedElsewhere),
      ],
    });
    for (const [name, { api }] of Object.entries(apis))
      new CfnWebACLAssociation(this, `Association-${name}`, {
        webAclArn: acl.attrArn,
        resourceArn: api.deploymentStage.stageArn,
      });
  }
}

function pathBeginsWith(searchString: string): CfnWebACL.StatementProperty {
  return {
    byteMatchStatement: {
      fieldToMatch: { uriPath: {} },
      positionalConstraint: 'STARTS_WITH',
      searchString,
      textTransformations: [{ priority: 0, type: 'NONE' }],
    },
  };
}

function coreRules(
  name: string,
  priority: number,
  scopeDownStatement: CfnWebACL.StatementProperty,
  counted: readonly string[],
): CfnWebACL.RuleProperty {
  return {
    name,
    priority,
    overrideAction: { none: {} },
    statement: {
      managedRuleGroupStatement: {
        vendorName: 'AWS',
        name: 'AWSManagedRulesCommonRuleSet',
        scopeDownStatement,
        ruleActionOverrides: counted.map((rule) => ({ name: rule, actionToUse: { count: {} } })),
      },
    },
    visibilityConfig: visibility(name),
  };
}

function visibility(metricName: string): CfnWebACL.VisibilityConfigProperty {
  // Sampled requests would show query strings.
  return { cloudWatchMetricsEnabled: true, metricName, sampledRequestsEnabled: false };
}
