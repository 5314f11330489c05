import { Kms } from '../../local/kms/kms.ts';
import { SecretsManager } from '../../local/secrets-manager/secrets-manager.ts';
import { environment } from '../../src/environment.ts';
import { serveOnWire } from '../local/dynamodb/wire-server.ts';

const place = { directory: undefined, region: 'eu-west-1', accountId: '123456789012' };

/** KMS that handlers of this process reach through their environment, with a key that protects secrets. */
export interface KeyManagement {
  readonly kms: Kms;
  /** Operations called since it was last asked, in order. */
  calls(): string[];
  close(): Promise<void>;
}

export async function deployKeys(): Promise<KeyManagement> {
  const kms = await Kms.open(place);
  const { arn } = await kms.ensureKey('SecretKey', { KeySpec: 'SYMMETRIC_DEFAULT', KeyUsage: 'ENCRYPT_DECRYPT' });
  const { arn: webhookArn } = await kms.ensureKey('WebhookKey', { KeySpec: 'RSA_2048', KeyUsage: 'SIGN_VERIFY' });
  let called: string[] = [];
  const wire = await serveOnWire({
    signingName: kms.signingName,
    targetPrefix: kms.targetPrefix,
    permissions: () => [],
    call: (operation, input) => {
      called.push(operation);
      return kms.call(operation, input);
    },
  });
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_KMS: wire.endpoint,
    [environment.secretKeyArn]: arn,
    [environment.webhookKeys]: JSON.stringify([webhookArn]),
    [environment.secretRetrieval]: 'on',
    [environment.issuer]: 'https://one.example/auth',
    [environment.adminUrl]: 'https://one.example/admin/v1',
    [environment.apiUrl]: 'https://one.example/api/v1',
  });
  return {
    kms,
    calls: () => {
      const sinceLast = called;
      called = [];
      return sinceLast;
    },
    close: () => wire.close(),
  };
}

/** Secrets Manager that handlers of this process reach, and may fill with secrets of their own. */
export async function deploySecrets(): Promise<{ readonly secrets: SecretsManager; close(): Promise<void> }> {
  const secrets = await SecretsManager.open(place);
  const wire = await serveOnWire(secrets);
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_SECRETS_MANAGER: wire.endpoint,
    [environment.upstreamSecretPrefix]: 'Latchkey/identity-providers/',
  });
  return { secrets, close: () => wire.close() };
}

/** Secrets Manager that handlers of this process reach, with a secret that holds nothing yet. */
export interface DeployedSecret {
  value(): Promise<string | undefined>;
  put(text: string): Promise<unknown>;
  readonly arn: string;
  readonly endpoint: string;
  close(): Promise<void>;
}

export async function deploySecret(): Promise<DeployedSecret> {
  const secrets = await SecretsManager.open(place);
  const arn = await secrets.ensureSecret('BootstrapSecret', {});
  const wire = await serveOnWire(secrets);
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_SECRETS_MANAGER: wire.endpoint,
    [environment.bootstrapSecretArn]: arn,
  });
  return {
    value: async () => {
      const { SecretString } = (await secrets.call('GetSecretValue', { SecretId: arn })) as { SecretString?: string };
      return SecretString;
    },
    arn,
    endpoint: wire.endpoint,
    put: (text) => secrets.call('PutSecretValue', { SecretId: arn, SecretString: text }),
    close: () => wire.close(),
  };
}
