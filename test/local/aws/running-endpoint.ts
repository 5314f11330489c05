import { type AwsEndpoint, startAwsEndpoint } from '../../../local/aws/endpoint.ts';
import type { AwsService, Permission } from '../../../local/aws/service.ts';
import type { PolicyDocument, Statement } from '../../../local/iam/types.ts';
import { Kms } from '../../../local/kms/kms.ts';
import { type Credentials, inventCredentials } from '../../../local/lambda/credentials.ts';
import { SecretsManager } from '../../../local/secrets-manager/secrets-manager.ts';

export const region = 'eu-central-1';
export const accountId = '123456789012';
export const tableArn = `arn:aws:dynamodb:${region}:${accountId}:table/data`;

/** An endpoint over KMS, Secrets Manager and a table that answers every read with nothing, for one function. */
export interface RunningEndpoint {
  readonly endpoint: AwsEndpoint;
  readonly kms: Kms;
  readonly secrets: SecretsManager;
  readonly credentials: Credentials;
  /** What an SDK client of the function is made with. */
  readonly clientOptions: { endpoint: string; region: string; credentials: Credentials; maxAttempts: number };
  readonly reports: string[];
  /** Statements of the function's role; a test may exchange them. */
  statements: Statement[];
  tableKey: string | undefined;
}

export async function startEndpoint(): Promise<RunningEndpoint> {
  const kms = await Kms.open({ directory: undefined, region, accountId });
  const secrets = await SecretsManager.open({ directory: undefined, region, accountId });
  const credentials = inventCredentials();
  const reports: string[] = [];
  const running: { statements: Statement[]; tableKey: string | undefined } = { statements: [], tableKey: undefined };
  const endpoint = await startAwsEndpoint({
    services: [kms, secrets, emptyTable],
    region,
    accountId,
    principalOf: (accessKeyId, sessionToken) =>
      accessKeyId === credentials.accessKeyId && sessionToken === credentials.sessionToken
        ? {
            secretAccessKey: credentials.secretAccessKey,
            principal: {
              roleArn: `arn:aws:iam::${accountId}:role/token-role`,
              functionName: 'token',
              policies: [policy(running.statements)],
            },
          }
        : undefined,
    keyPolicyOf: (arn) => kms.keyPolicyOf(arn),
    tableKeyOf: (arn) => (arn === tableArn ? running.tableKey : undefined),
    report: (line) => reports.push(line),
  });
  const clientOptions = { endpoint: endpoint.url, region, credentials, maxAttempts: 1 };
  return Object.assign(running, { endpoint, kms, secrets, credentials, clientOptions, reports });
}

export function allow(action: string, resource: string, condition?: Statement['Condition']): Statement {
  return { Effect: 'Allow', Action: action, Resource: resource, ...(condition && { Condition: condition }) };
}

function policy(statements: readonly Statement[]): PolicyDocument {
  return { Version: '2012-10-17', Statement: statements };
}

const emptyTable: AwsService = {
  signingName: 'dynamodb',
  targetPrefix: 'DynamoDB_20120810',
  permissions: (operation): Permission[] => [{ action: `dynamodb:${operation}`, resource: tableArn, context: {} }],
  call: async () => ({}),
};
