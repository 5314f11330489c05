import { join } from 'node:path';
import type { Credentials } from './credentials.ts';

/** What of a function's configuration its environment shows. */
export interface EnvironmentSource {
  readonly name: string;
  readonly handler: string;
  readonly memorySize: number;
  readonly region: string;
  readonly credentials: Credentials;
  readonly endpointUrl: string;
  /** `LoggingConfig.LogGroup` of the template; the group that Lambda names after the function where undefined. */
  readonly logGroup?: string;
  /** The variables of the template. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Where a function's lines would go. */
export const logGroupName = ({ name, logGroup }: Pick<EnvironmentSource, 'name' | 'logGroup'>): string =>
  logGroup ?? `/aws/lambda/${name}`;

/** Variables that Lambda sets itself: a template that sets one is refused at deployment (Lambda Developer Guide). */
const reserved = [
  '_HANDLER',
  '_X_AMZN_TRACE_ID',
  'AWS_ACCESS_KEY_ID',
  'AWS_DEFAULT_REGION',
  'AWS_EXECUTION_ENV',
  'AWS_LAMBDA_FUNCTION_MEMORY_SIZE',
  'AWS_LAMBDA_FUNCTION_NAME',
  'AWS_LAMBDA_FUNCTION_VERSION',
  'AWS_LAMBDA_INITIALIZATION_TYPE',
  'AWS_LAMBDA_LOG_GROUP_NAME',
  'AWS_LAMBDA_LOG_STREAM_NAME',
  'AWS_LAMBDA_RUNTIME_API',
  'AWS_REGION',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'LAMBDA_RUNTIME_DIR',
  'LAMBDA_TASK_ROOT',
];

/** Lambda's quota for all variables together: 4 KB. */
const variablesLimitBytes = 4096;

/**
 * Lets functions fetch what tenants name on this machine, such as an identity provider that is tried out. The one thing
 * in which a local run is kinder than the cloud; no template may say it.
 */
const loopbackFetch = { LATCHKEY_LOOPBACK_FETCH: 'on' };

/** @throws {Error} for variables that Lambda would refuse at deployment, and for what no template may say. */
export function checkEnvironment(functionName: string, environment: Readonly<Record<string, string>>): void {
  const taken = Object.keys(environment).find((name) => reserved.includes(name));
  if (taken !== undefined) {
    throw new Error(`the function ${functionName} sets ${taken}, which Lambda reserves`);
  }
  const loosened = Object.keys(loopbackFetch).find((name) => name in environment);
  if (loosened !== undefined) {
    throw new Error(`the function ${functionName} sets ${loosened}, which is for a local run alone`);
  }
  if (Buffer.byteLength(JSON.stringify(environment)) > variablesLimitBytes) {
    throw new Error(`the environment of the function ${functionName} is over 4 KB`);
  }
}

/**
 * The whole `process.env` of an instance: the template's variables and those that Lambda sets, nothing inherited. The SDK
 * is led to the local endpoint and kept from this machine's own AWS configuration.
 */
export function instanceEnvironment(
  source: EnvironmentSource,
  taskRoot: string,
  logStreamName: string,
): NodeJS.Dict<string> {
  const nowhere = join(taskRoot, 'no-shared-configuration');
  return {
    TZ: ':UTC',
    ...source.environment,
    ...loopbackFetch,
    _HANDLER: source.handler,
    AWS_ACCESS_KEY_ID: source.credentials.accessKeyId,
    AWS_CONFIG_FILE: nowhere,
    AWS_DEFAULT_REGION: source.region,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_ENDPOINT_URL: source.endpointUrl,
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(source.memorySize),
    AWS_LAMBDA_FUNCTION_NAME: source.name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: logGroupName(source),
    AWS_LAMBDA_LOG_STREAM_NAME: logStreamName,
    AWS_REGION: source.region,
    AWS_SECRET_ACCESS_KEY: source.credentials.secretAccessKey,
    AWS_SESSION_TOKEN: source.credentials.sessionToken,
    AWS_SHARED_CREDENTIALS_FILE: nowhere,
    LAMBDA_TASK_ROOT: taskRoot,
  };
}
