import { Duration } from 'aws-cdk-lib';
import {
  AuthorizationType,
  IdentitySource,
  type IRestApi,
  type MethodOptions,
  RequestAuthorizer,
} from 'aws-cdk-lib/aws-apigateway';
import { Construct } from 'constructs';
import type { RightsRow } from '../../src/api/rights-row.ts';
import type { Route } from '../../src/api/route.ts';
import { backgroundTouches, boundTokenTouches } from '../../src/api/routes.ts';
import { environment, rightsRowsIdentifier } from '../../src/environment.ts';
import { stage as defaultStage, type Stage } from '../stage.ts';
import { EndpointFunction } from './endpoint-function.ts';
import { answerWithChallenges } from './gateway-responses.ts';
import type { Deployment } from './latchkey-deployment.ts';
import { grantTouches, unionOf } from './table-access.ts';

const entry = 'authorizer/rights-authorizer';

export type { RightsRow };

/** Rows of the route table as the authorizer needs them; public routes have none. */
export function rightsRows(routes: readonly Route[]): RightsRow[] {
  return routes.flatMap(({ path, method, right, projectParameter, inAnyProject, orRight, selfAllowed }) =>
    right === 'none'
      ? []
      : [
          {
            resource: path,
            method,
            right,
            ...(projectParameter !== undefined && { projectParameter }),
            ...(inAnyProject && { inAnyProject }),
            ...(orRight !== undefined && { orRight }),
            ...(selfAllowed && { selfAllowed }),
          },
        ],
  );
}

export interface RightsAuthorizerProps {
  /** Stacks' constructs of the same app, or `LatchkeyDeployment.fromParameters` in another. */
  readonly deployment: Deployment;
  /** What tokens must carry in `aud`: the API's base URL, as it is registered with the deployment. */
  readonly audience: string;
  /** Every method that the authorizer is attached to; a request that matches no row is refused. */
  readonly rows: readonly RightsRow[];
  /** The name in logs and metrics. Default: the construct's path. */
  readonly service?: string;
  /** See the stage's options of these names, whose defaults hold here too. */
  readonly revocationBoundSeconds?: number;
  readonly dpop?: boolean;
  readonly logRetentionDays?: Stage['logRetentionDays'];
  readonly removalPolicy?: Stage['removalPolicy'];
  readonly reservedConcurrency?: number | undefined;
}

/**
 * Protects a REST API: a Lambda authorizer that verifies the access token and asks the deployment's table what holds now.
 * Its function lives beside the API that it protects; one shared between stacks would be a dependency cycle.
 *
 * ```ts
 * const authorizer = new RightsAuthorizer(this, 'Rights', { deployment, audience: 'https://orders.example.com/v1', rows });
 * api.root.resourceForPath('/v1/orders').addMethod('GET', integration, authorizer.methodOptions);
 * authorizer.answerRefusals(api);
 * ```
 */
export class RightsAuthorizer extends Construct {
  readonly function: EndpointFunction;
  readonly service: string;
  readonly #dpop: boolean;
  /** What each protected method is made with. */
  readonly methodOptions: Pick<Required<MethodOptions>, 'authorizer' | 'authorizationType'>;

  constructor(scope: Construct, id: string, props: RightsAuthorizerProps) {
    super(scope, id);
    checkRows(props.rows);
    const stage = defaultStage({
      ...(props.revocationBoundSeconds !== undefined && { revocationBoundSeconds: props.revocationBoundSeconds }),
      ...(props.logRetentionDays !== undefined && { logRetentionDays: props.logRetentionDays }),
      ...(props.removalPolicy !== undefined && { removalPolicy: props.removalPolicy }),
    });
    this.service = props.service ?? this.node.path;
    this.#dpop = props.dpop ?? stage.dpop;
    this.function = new EndpointFunction(this, 'Authorizer', {
      entry,
      service: this.service,
      description: 'Latchkey: decides whether an access token may do what is asked',
      logs: stage,
      define: { [rightsRowsIdentifier]: JSON.stringify(props.rows) },
      environment: {
        [environment.issuer]: props.deployment.issuer,
        [environment.audience]: props.audience,
        ...(this.#dpop && { [environment.dpop]: 'on' }),
      },
      reservedConcurrency: props.reservedConcurrency,
    });
    const touches = [backgroundTouches[entry], ...(this.#dpop ? [boundTokenTouches] : [])];
    grantTouches(props.deployment, this.function, unionOf(touches));
    // A decision in flight may be as old as its call took: the cache keeps it for the bound less that. A proof is not in
    // the cache's key, and as an identity source it would refuse every request without one: with proofs nothing is kept.
    const cacheSeconds = this.#dpop ? 0 : Math.max(0, stage.revocationBoundSeconds - 2);
    const authorizer = new RequestAuthorizer(this, 'RequestAuthorizer', {
      handler: this.function.function,
      resultsCacheTtl: Duration.seconds(cacheSeconds),
      // Method and path are part of the key, so that a cached decision is never used for another route.
      identitySources:
        cacheSeconds === 0
          ? []
          : [
              IdentitySource.header('Authorization'),
              IdentitySource.context('httpMethod'),
              IdentitySource.context('path'),
            ],
    });
    this.methodOptions = { authorizer, authorizationType: AuthorizationType.CUSTOM };
  }

  /**
   * Gives the authorizer's refusals on an API, 401 and 403, their challenge (RFC 6750, RFC 9449) and problem details.
   *
   * @param options `resourceMetadata`: URL of the API's metadata (RFC 9728); `corsOrigin`: who may read the answers
   */
  answerRefusals(
    api: IRestApi,
    options: { readonly resourceMetadata?: string; readonly corsOrigin?: string } = {},
  ): void {
    answerWithChallenges(this, { api, dpop: this.#dpop, ...options });
  }
}

function checkRows(rows: readonly RightsRow[]): void {
  const seen = new Set<string>();
  for (const row of rows) {
    const route = `${row.method} ${row.resource}`;
    if (seen.has(route)) throw new Error(`RightsAuthorizer: ${route} has two rows`);
    seen.add(route);
    if (row.projectParameter !== undefined && !row.resource.split('/').includes(`{${row.projectParameter}}`))
      throw new Error(`RightsAuthorizer: ${route} has no path parameter {${row.projectParameter}}`);
    if (row.inAnyProject && row.projectParameter !== undefined)
      throw new Error(`RightsAuthorizer: ${route} is about one project, and cannot be open to the right in any`);
    if (row.selfAllowed && !row.resource.split('/').includes('{client_id}'))
      throw new Error(`RightsAuthorizer: ${route} has no path parameter {client_id}`);
  }
}
