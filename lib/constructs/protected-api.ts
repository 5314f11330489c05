import { Construct } from 'constructs';
import { environment } from '../../src/environment.ts';
import type { DataStack } from '../data-stack.ts';
import type { Stage } from '../stage.ts';
import { addAlarm } from './alarms.ts';
import { authorizerFailures, durationP99, serverErrors } from './deployment-metrics.ts';
import type { FunctionEnvironment } from './endpoint-function.ts';
import { RestApi } from './rest-api.ts';
import { RightsAuthorizer, rightsRows } from './rights-authorizer.ts';
import { RouteFunctions, routesOf } from './route-functions.ts';

export interface ProtectedApiProps {
  readonly name: 'admin' | 'api';
  readonly stage: Stage;
  readonly data: DataStack;
  readonly issuer: string;
  /** What its functions are told besides issuer and origin, given the API's base URL. */
  readonly environment: (baseUrl: string) => FunctionEnvironment;
}

/** A REST API of the route table behind its own authorizer, with the alarms of both. */
export class ProtectedApi extends Construct {
  readonly api: RestApi;
  readonly authorizer: RightsAuthorizer;
  /** The API's base URL, ending in `/v1`: the audience of its rights. */
  readonly baseUrl: string;

  constructor(scope: Construct, id: string, { name, stage, data, issuer, ...props }: ProtectedApiProps) {
    super(scope, id);
    const rows = routesOf(name);
    this.api = new RestApi(this, 'Api', { name, stage });
    this.baseUrl = `${this.api.url}/v1`;
    this.authorizer = new RightsAuthorizer(this, 'Rights', {
      deployment: {
        issuer,
        tableName: data.table.tableName,
        tableArn: data.table.tableArn,
        tableKeyArn: data.table.tableKeyArn,
      },
      audience: this.baseUrl,
      rows: rightsRows(rows),
      service: `${name}/rights-authorizer`,
      revocationBoundSeconds: stage.revocationBoundSeconds,
      dpop: stage.dpop,
      logRetentionDays: stage.logRetentionDays,
      removalPolicy: stage.removalPolicy,
      reservedConcurrency: stage.reservedConcurrency.authorizer,
    });
    new RouteFunctions(this, 'Functions', {
      api: this.api,
      rows,
      data,
      stage,
      environment: {
        [environment.issuer]: issuer,
        ...(stage.corsOrigin !== undefined && { [environment.corsOrigin]: stage.corsOrigin }),
        ...props.environment(this.baseUrl),
      },
      protection: this.authorizer.methodOptions,
    });
    this.#addAlarms(name, data);
  }

  #addAlarms(name: string, { alarmTopic }: DataStack): void {
    addAlarm(this, 'ServerErrors', alarmTopic, {
      metric: serverErrors(this.api),
      runbook: 'serverErrors',
      description: `/${name} answers with 5XX.`,
      threshold: 5,
    });
    addAlarm(this, 'AuthorizerFailures', alarmTopic, {
      metric: authorizerFailures(this.authorizer),
      runbook: 'authorizerFailures',
      description: `The authorizer of /${name} could not decide, and refused.`,
      threshold: 1,
    });
    addAlarm(this, 'SlowAuthorizer', alarmTopic, {
      metric: durationP99(this.authorizer.function),
      runbook: 'slowAuthorizer',
      description: `One decision in a hundred of /${name} takes a second or more.`,
      threshold: 1000,
      periods: 3,
    });
  }
}
