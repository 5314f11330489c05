import type { MethodOptions } from 'aws-cdk-lib/aws-apigateway';
import { Construct } from 'constructs';
import type { RestApiName, Route } from '../../src/api/route.ts';
import { routes } from '../../src/api/routes.ts';
import type { KeyUse, Touches } from '../../src/entities/partition.ts';
import type { DataStack } from '../data-stack.ts';
import type { Stage } from '../stage.ts';
import { EndpointFunction, type FunctionEnvironment } from './endpoint-function.ts';
import type { RestApi } from './rest-api.ts';
import { grantTouches, unionOf } from './table-access.ts';

/** The rows of one API. */
export function routesOf(api: RestApiName): readonly Route[] {
  return Object.values(routes).filter((route: Route) => route.api === api);
}

export interface RouteFunctionsProps {
  readonly api: RestApi;
  readonly rows: readonly Route[];
  readonly data: DataStack;
  readonly stage: Stage;
  readonly environment: FunctionEnvironment;
  /** What routes that need a right, or any valid token, are protected with. */
  readonly protection?: MethodOptions;
  /** Concurrency set aside, by entry. */
  readonly reservedConcurrency?: Readonly<Record<string, number | undefined>>;
}

/** One function for each entry of an API's rows, granted what its rows touch together, and a method for each row. */
export class RouteFunctions extends Construct {
  readonly #functions = new Map<string, EndpointFunction>();

  constructor(scope: Construct, id: string, props: RouteFunctionsProps) {
    super(scope, id);
    for (const [entry, rows] of Map.groupBy(props.rows, (row) => row.entry)) {
      const fn = new EndpointFunction(this, entry.slice(entry.indexOf('/') + 1), {
        entry,
        description: `Latchkey: ${rows.map((row) => `${row.method} /${row.api}${row.path}`).join(', ')}`.slice(0, 256),
        logs: props.stage,
        environment: props.environment,
        reservedConcurrency: props.reservedConcurrency?.[entry],
      });
      this.#functions.set(entry, fn);
      grantTouches(props.data.table, fn, unionOf(rows.flatMap((row) => touchesOf(row, props.stage))));
      grantKeys(fn, rows, props);
      for (const row of rows) props.api.addRoute(row, fn, row.right === 'none' ? undefined : props.protection);
    }
    props.api.addPreflights(props.rows);
  }

  /** The function of an entry, for instance `auth/token`. */
  of(entry: string): EndpointFunction {
    const found = this.#functions.get(entry);
    if (found === undefined) throw new Error(`no route has the entry ${entry}`);
    return found;
  }
}

/** What a row touches where the stage offers what it does, and nothing else. */
function touchesOf({ touches, dpopTouches, legacyTouches }: Route, { dpop, legacyGrants }: Stage): readonly Touches[] {
  return [touches, (dpop && dpopTouches) || {}, ...legacyGrants.map((grant) => legacyTouches?.[grant] ?? {})];
}

/** What a row does with keys where the stage offers what it does. */
function keyUsesOf({ keys = [], legacyKeys }: Route, { legacyGrants }: Stage): readonly KeyUse[] {
  return [...keys, ...legacyGrants.flatMap((grant) => legacyKeys?.[grant] ?? [])];
}

function grantKeys(fn: EndpointFunction, rows: readonly Route[], { data, stage }: RouteFunctionsProps): void {
  const uses = new Set(rows.flatMap((row) => keyUsesOf(row, stage)));
  if (uses.has('sign-token')) data.signingKeys.grantSign(fn);
  if (uses.has('encrypt-secret') && stage.secretRetrieval) data.secretProtection.grantEncrypt(fn);
  if (uses.has('protect-secret')) {
    data.secretProtection.grantEncrypt(fn);
    data.secretProtection.grantDecrypt(fn);
  }
  if (uses.has('protect-user-secret')) data.secretProtection.grantEncryptForUser(fn);
  if (uses.has('protect-user-secret') || uses.has('open-user-secret')) data.secretProtection.grantDecryptForUser(fn);
  if (rows.some(({ upstreamSecrets }) => upstreamSecrets === 'keep')) data.upstreamSecrets.grantKeep(fn);
  if (rows.some(({ upstreamSecrets }) => upstreamSecrets === 'read')) data.upstreamSecrets.grantRead(fn);
  // Granted once: what protects a secret opens it, too.
  if (uses.has('open-secret') && !uses.has('protect-secret')) data.secretProtection.grantDecrypt(fn);
  if (uses.has('sign-webhook')) data.webhookKeys.grantSign(fn);
  if (uses.has('read-webhook-keys')) data.webhookKeys.grantGetPublicKey(fn);
  if (uses.has('decrypt-secret') && stage.secretRetrieval) data.secretProtection.grantDecrypt(fn);
}
