import { Dashboard, GraphWidget, type IMetric } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { Stage } from '../stage.ts';
import type { DailySigningKeys } from './daily-signing-keys.ts';
import {
  activeSigningKeys,
  authorizerFailures,
  clientErrors,
  durationP99,
  kmsQuotaUse,
  lambdaThrottles,
  refusedTokens,
  requests,
  serverErrors,
  tableThrottles,
  unnotedUses,
} from './deployment-metrics.ts';
import type { EndpointFunction } from './endpoint-function.ts';
import type { RestApi } from './rest-api.ts';
import type { RightsAuthorizer } from './rights-authorizer.ts';
import type { TableAccess } from './table-access.ts';

export interface OperationsDashboardProps {
  readonly apis: readonly RestApi[];
  readonly authorizers: readonly RightsAuthorizer[];
  readonly token: EndpointFunction;
  readonly signingKeys: DailySigningKeys;
  readonly stage: Pick<Stage, 'name' | 'signingAlgorithm'>;
  readonly table: TableAccess;
}

/** One page for whoever is on call: traffic, refusals, time, and the three services that can throttle. */
export class OperationsDashboard extends Construct {
  constructor(scope: Construct, id: string, props: OperationsDashboardProps) {
    super(scope, id);
    const { apis, authorizers } = props;
    new Dashboard(this, 'Dashboard', {
      dashboardName: props.stage.name,
      widgets: [
        [
          graph('Requests', apis.map(requests)),
          graph('Refused by the client’s fault (4XX)', apis.map(clientErrors)),
          graph('Server errors (5XX)', apis.map(serverErrors)),
        ],
        [
          graph('Refused tokens', authorizers.map(refusedTokens)),
          graph('Authorizer failures, and uses that could not be noted', [
            ...authorizers.map(authorizerFailures),
            ...[...authorizers.map((authorizer) => authorizer.function), props.token].map(unnotedUses),
          ]),
          graph('Slowest hundredth of calls (ms)', [
            durationP99(props.token),
            ...authorizers.map((authorizer) => durationP99(authorizer.function)),
          ]),
        ],
        [
          graph('Throttled', [lambdaThrottles(), tableThrottles(props.table)]),
          graph('KMS, signatures (% of quota)', [kmsQuotaUse(props.stage)]),
          graph('Active signing keys', [activeSigningKeys(props.signingKeys)]),
        ],
      ],
    });
  }
}

function graph(title: string, left: IMetric[]): GraphWidget {
  return new GraphWidget({ title, left, width: 8 });
}
