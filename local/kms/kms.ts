import { AwsError, type AwsService, type ConditionContext, type Permission } from '../aws/service.ts';
import { WireInput } from '../aws/wire-input.ts';
import type { PolicyDocument } from '../iam/types.ts';
import { keyIdOf } from './ciphertext.ts';
import type { Key } from './key.ts';
import { KeyStore, type KeyStoreOptions } from './key-store.ts';
import { ciphertextOf, type Operation, operations } from './operations.ts';

/** AWS KMS as far as the functions call it, over keys that a template declares. */
export class Kms implements AwsService {
  readonly signingName = 'kms';
  readonly targetPrefix = 'TrentService';
  readonly #store: KeyStore;
  readonly #accountId: string;

  private constructor(store: KeyStore, accountId: string) {
    this.#store = store;
    this.#accountId = accountId;
  }

  /** Opens the keys kept in the folder, which is made where it does not exist. */
  static async open(options: KeyStoreOptions): Promise<Kms> {
    return new Kms(await KeyStore.open(options), options.accountId);
  }

  /** See {@link KeyStore.ensureKey}. */
  ensureKey(logicalId: string, properties: Readonly<Record<string, unknown>>): Promise<{ keyId: string; arn: string }> {
    return this.#store.ensureKey(logicalId, properties);
  }

  /** See {@link KeyStore.ensureAlias}. */
  ensureAlias(aliasName: string, keyIdOrArn: string): void {
    this.#store.ensureAlias(aliasName, keyIdOrArn);
  }

  /** See {@link KeyStore.keyPolicyOf}. */
  keyPolicyOf(arn: string): PolicyDocument | undefined {
    return this.#store.keyPolicyOf(arn);
  }

  /** One permission on the key itself, with the condition keys that KMS documents for the operation. */
  permissions(operationName: string, input: unknown): readonly Permission[] {
    operationNamed(operationName);
    const wire = new WireInput(input, 'ValidationException');
    const key = this.#keyOf(operationName, wire);
    return [
      {
        action: `kms:${operationName}`,
        resource: this.#store.arn(key),
        context: { ...keyContext(key), ...requestKeys(operationName, wire), 'kms:CallerAccount': [this.#accountId] },
      },
    ];
  }

  async call(operationName: string, input: unknown): Promise<unknown> {
    const operation = operationNamed(operationName);
    const wire = new WireInput(input, 'ValidationException');
    wire.refuseMembers('DryRun', 'GrantTokens', 'Recipient');
    const key = this.#keyOf(operationName, wire);
    const arn = this.#store.arn(key);
    if (!key.enabled && operation.disabledToo !== true) {
      throw new AwsError('DisabledException', `${arn} is disabled.`);
    }
    if (operation.usage !== undefined && operation.usage !== key.keyUsage) {
      const message = `${arn} key usage is ${key.keyUsage} which is not valid for ${operationName}.`;
      throw new AwsError('InvalidKeyUsageException', message);
    }
    return operation.run(wire, { key, arn, accountId: this.#accountId });
  }

  /** A `Decrypt` without `KeyId` takes the key that the ciphertext names. */
  #keyOf(operationName: string, wire: WireInput): Key {
    if (operationName === 'Decrypt' && !wire.has('KeyId')) {
      return this.#store.find(keyIdOf(ciphertextOf(wire)));
    }
    return this.#store.find(wire.text('KeyId'));
  }
}

function operationNamed(name: string): Operation {
  const operation = Object.hasOwn(operations, name) ? operations[name] : undefined;
  if (operation === undefined) {
    throw new AwsError('UnknownOperationException', `the local run has no ${name} of KMS`);
  }
  return operation;
}

function keyContext({ keySpec, keyUsage }: Key): ConditionContext {
  return {
    'kms:KeySpec': [keySpec],
    'kms:KeyUsage': [keyUsage],
    'kms:KeyOrigin': ['AWS_KMS'],
    'kms:MultiRegion': ['false'],
  };
}

/** KMS Developer Guide, "AWS KMS condition keys": those set from the request, with the default of what it leaves out. */
function requestKeys(operationName: string, wire: WireInput): ConditionContext {
  const keyName = wire.optionalText('KeyId') ?? '';
  const alias = /(?:^|:)(alias\/.+)$/.exec(keyName)?.[1];
  const requestAlias: ConditionContext = alias === undefined ? {} : { 'kms:RequestAlias': [alias] };
  switch (operationName) {
    case 'Sign':
    case 'Verify':
      return {
        ...requestAlias,
        'kms:SigningAlgorithm': [wire.text('SigningAlgorithm')],
        'kms:MessageType': [wire.optionalText('MessageType') ?? 'RAW'],
      };
    case 'GenerateMac':
    case 'VerifyMac':
      return { ...requestAlias, 'kms:MacAlgorithm': [wire.text('MacAlgorithm')] };
    case 'Encrypt':
    case 'Decrypt':
    case 'GenerateDataKey':
      return {
        ...requestAlias,
        ...encryptionContextKeys(wire.textMap('EncryptionContext')),
        ...encryptionAlgorithm(wire),
      };
    default:
      return requestAlias;
  }
}

function encryptionAlgorithm(wire: WireInput): ConditionContext {
  return { 'kms:EncryptionAlgorithm': [wire.optionalText('EncryptionAlgorithm') ?? 'SYMMETRIC_DEFAULT'] };
}

function encryptionContextKeys(context: Readonly<Record<string, string>>): ConditionContext {
  const pairs = Object.entries(context).map(([key, value]) => [`kms:EncryptionContext:${key}`, [value]] as const);
  return { ...Object.fromEntries(pairs), 'kms:EncryptionContextKeys': Object.keys(context) };
}
