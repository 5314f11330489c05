import * as z from 'zod/mini';
import type { AwsService } from './aws/service.ts';
import { physicalName } from './cloudformation/physical-id.ts';
import type { Resolver } from './cloudformation/resolver.ts';
import type { Stack } from './cloudformation/template.ts';
import type { DataFolder } from './data-folder.ts';
import { openDynamoDb } from './dynamodb/service.ts';
import type { Streams } from './dynamodb/streams.ts';
import type { PolicyDocument } from './iam/types.ts';
import { Kms } from './kms/kms.ts';
import type { Rotator } from './secrets-manager/rotator.ts';
import { SecretsManager } from './secrets-manager/secrets-manager.ts';
import { StartupError } from './startup-error.ts';

/** DynamoDB, KMS and Secrets Manager with the resources that the templates declare. */
export interface LocalServices {
  readonly all: readonly AwsService[];
  /** The streams of tables. */
  readonly streams: Streams;
  /** By `stack/logicalId`: ids that services gave. */
  readonly assignedIds: ReadonlyMap<string, string>;
  /** Makes what is declared and not there yet; changes what may change. */
  provision(resolver: Resolver): Promise<void>;
  /** What rotates secrets. */
  readonly rotator: Rotator;
  /** Takes up the rotation schedules that the templates declare; the functions must be there. */
  scheduleRotations(resolver: Resolver, log: (line: string) => void): Promise<void>;
  keyPolicyOf(keyArn: string): PolicyDocument | undefined;
  tableKeyOf(tableArn: string): string | undefined;
  /** The text of a secret; rejects with AWS's error where it has none. */
  secretText(arn: string): Promise<string>;
  close(): Promise<void>;
}

/** @throws {StartupError} where data cannot be opened: damaged, or in use by another process. */
export async function openServices(
  folder: DataFolder,
  place: { readonly accountId: string; readonly region: string },
): Promise<LocalServices> {
  const opened = async <T>(name: string, service: Promise<T>): Promise<T> => {
    try {
      return await service;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new StartupError(`the data of ${name} cannot be used: ${reason}`);
    }
  };
  const dynamoDb = await opened(
    'DynamoDB',
    openDynamoDb({ directory: folder.subfolder('dynamodb'), clock: Date.now, ...place }),
  );
  // Opening the database is what shuts other processes out.
  await folder.removeUnfinished();
  let kms: Kms;
  let secrets: SecretsManager;
  try {
    kms = await opened('KMS', Kms.open({ directory: folder.subfolder('kms'), ...place }));
    secrets = await opened(
      'Secrets Manager',
      SecretsManager.open({ directory: folder.subfolder('secrets-manager'), ...place }),
    );
  } catch (error) {
    await dynamoDb.close();
    throw error;
  }
  const assignedIds = new Map<string, string>();
  const tableKeys = new Map<string, string>();

  /**
   * Makes what is declared, unless it was made before. What was made and is not there is lost, and much else is of no
   * use without it (a table without the key that its secrets are encrypted with): that is no reason to make it anew.
   */
  async function ensure(
    { stack, logicalId }: Declared,
    describe: (physicalId: string) => Promise<unknown>,
    make: () => Promise<string>,
  ): Promise<string> {
    const key = address(stack, logicalId);
    const former = folder.resources.get(key);
    if (former !== undefined) {
      await describe(former).catch(() => {
        throw new StartupError(`${former} is gone from ${folder.path}; remove the whole data folder to start anew`);
      });
    }
    const physicalId = await made(stack, logicalId, make);
    if (physicalId !== former) {
      await folder.saveResource(key, physicalId);
    }
    return physicalId;
  }

  return {
    all: [dynamoDb, kms, secrets],
    streams: dynamoDb.streams,
    assignedIds,
    rotator: secrets.rotator,
    async scheduleRotations(resolver, log) {
      for (const { stack, logicalId, properties } of resolver.resources('AWS::SecretsManager::RotationSchedule')) {
        await made(stack, logicalId, async () => {
          const failure = await secrets.ensureRotation(properties);
          if (failure !== undefined) {
            log(`${address(stack, logicalId)}: ${failure}`);
          }
        });
      }
    },
    keyPolicyOf: (keyArn) => kms.keyPolicyOf(keyArn),
    tableKeyOf: (tableArn) => tableKeys.get(tableArn),
    async secretText(arn) {
      const { SecretString } = secretValue.parse(await secrets.call('GetSecretValue', { SecretId: arn }));
      return SecretString;
    },
    async provision(resolver) {
      for (const { stack, logicalId } of resolver.addresses((type) => type === 'AWS::KMS::Key')) {
        const { properties } = resolver.resource(stack, logicalId);
        const arn = await ensure(
          { stack, logicalId },
          (KeyId) => kms.call('DescribeKey', { KeyId }),
          async () => (await kms.ensureKey(address(stack, logicalId), properties)).arn,
        );
        assignedIds.set(address(stack, logicalId), arn.slice(arn.lastIndexOf('/') + 1));
      }
      for (const { properties, ref, stack, logicalId } of resolver.resources('AWS::KMS::Alias')) {
        await made(stack, logicalId, async () => kms.ensureAlias(ref, String(properties.TargetKeyId)));
      }
      for (const { stack, logicalId } of resolver.addresses((type) => type === 'AWS::SecretsManager::Secret')) {
        const { properties } = resolver.resource(stack, logicalId);
        const name = String(properties.Name ?? physicalName({ stackName: stack.name, logicalId }));
        const arn = await ensure(
          { stack, logicalId },
          (SecretId) => secrets.call('DescribeSecret', { SecretId }),
          () => secrets.ensureSecret(name, properties),
        );
        assignedIds.set(address(stack, logicalId), arn);
      }
      for (const { properties, ref, stack, logicalId } of resolver.resources('AWS::DynamoDB::Table')) {
        await ensure(
          { stack, logicalId },
          (TableName) => dynamoDb.call('DescribeTable', { TableName }),
          async () => {
            await dynamoDb.ensureTable({ ...properties, TableName: ref });
            return ref;
          },
        );
        const encryption = properties.SSESpecification;
        if (typeof encryption === 'object' && encryption !== null && 'KMSMasterKeyId' in encryption) {
          tableKeys.set(
            `arn:aws:dynamodb:${stack.region}:${stack.accountId}:table/${ref}`,
            String(encryption.KMSMasterKeyId),
          );
        }
      }
    },
    close: () => dynamoDb.close(),
  };
}

/** Where a template declares a resource. */
interface Declared {
  readonly stack: Stack;
  readonly logicalId: string;
}

const secretValue = z.object({ SecretString: z.string() });

const address = (stack: Stack, logicalId: string): string => `${stack.name}/${logicalId}`;

/** What a service refuses of a declared resource is a reason not to start. */
async function made<T>(stack: Stack, logicalId: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new StartupError(
      `stack ${stack.name}, ${logicalId}: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
