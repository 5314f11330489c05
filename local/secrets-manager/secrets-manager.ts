import { AwsError, type AwsService, type ConditionContext, type Permission } from '../aws/service.ts';
import { WireInput } from '../aws/wire-input.ts';
import { rotationInterval } from './rotation.ts';
import { Rotator } from './rotator.ts';
import { findVersion, type Secret, type SecretVersion, withStageMoved, withVersion } from './secret.ts';
import { SecretStore, type SecretStoreOptions } from './secret-store.ts';
import { answer, description, versionId, writtenValue } from './secret-wire.ts';

const operationNames = [
  'GetSecretValue',
  'PutSecretValue',
  'DescribeSecret',
  'CreateSecret',
  'DeleteSecret',
  'UpdateSecretVersionStage',
  'RotateSecret',
];

/** What a secret may be called (Secrets Manager API Reference, `CreateSecret`). */
const namePattern = /^[A-Za-z0-9/_+=.@-]{1,512}$/;

/** AWS Secrets Manager as far as the functions call it, over secrets that a template declares or a function made. */
export class SecretsManager implements AwsService {
  readonly signingName = 'secretsmanager';
  readonly targetPrefix = 'secretsmanager';
  readonly rotator: Rotator;
  readonly #store: SecretStore;
  readonly #region: string;
  readonly #accountId: string;

  private constructor(store: SecretStore, { region, accountId }: SecretStoreOptions) {
    this.#store = store;
    this.rotator = new Rotator(store);
    this.#region = region;
    this.#accountId = accountId;
  }

  /** Opens the secrets kept in the folder, which is made where it does not exist. */
  static async open(options: SecretStoreOptions): Promise<SecretsManager> {
    return new SecretsManager(await SecretStore.open(options), options);
  }

  /** See {@link SecretStore.ensureSecret}. */
  ensureSecret(name: string, properties: Readonly<Record<string, unknown>>): Promise<string> {
    return this.#store.ensureSecret(name, properties);
  }

  /** The permission on the secret, and those on its key that Secrets Manager uses in the caller's name. */
  permissions(operation: string, input: unknown): readonly Permission[] {
    const wire = wireInput(operation, input);
    if (operation === 'CreateSecret') {
      return this.#creationPermissions(wire);
    }
    const secretId = wire.text('SecretId');
    const secret = this.#store.lookUp(secretId);
    const versionId = wire.optionalText('VersionId');
    const versionStage = wire.optionalText('VersionStage');
    return [
      {
        action: `secretsmanager:${operation}`,
        resource: secret?.arn ?? this.#store.arnOfUnknown(secretId),
        context: {
          'secretsmanager:SecretId': [secretId],
          'secretsmanager:VersionId': versionId === undefined ? [] : [versionId],
          'secretsmanager:VersionStage': versionStage === undefined ? [] : [versionStage],
          'secretsmanager:ForceDeleteWithoutRecovery': wire.has('ForceDeleteWithoutRecovery')
            ? [String(wire.optionalFlag('ForceDeleteWithoutRecovery'))]
            : [],
        },
      },
      ...(operation === 'RotateSecret' && secret?.rotation !== undefined
        ? [{ action: 'lambda:InvokeFunction', resource: secret.rotation.functionArn, context: {} }]
        : []),
      ...(secret === undefined ? [] : this.#keyPermissions(operation, wire, secret)),
    ];
  }

  async call(operation: string, input: unknown): Promise<unknown> {
    const wire = wireInput(operation, input);
    switch (operation) {
      case 'GetSecretValue':
        return this.#getValue(wire);
      case 'PutSecretValue':
        return this.#putValue(wire);
      case 'CreateSecret':
        return this.#create(wire);
      case 'DeleteSecret':
        return this.#delete(wire);
      case 'UpdateSecretVersionStage':
        return this.#moveStage(wire);
      case 'RotateSecret':
        return this.#rotate(wire);
      default:
        return description(this.#store.find(wire.text('SecretId')));
    }
  }

  #getValue(wire: WireInput): object {
    const secret = this.#store.find(wire.text('SecretId'));
    const version = findVersion(secret, wire.optionalText('VersionId'), wire.optionalText('VersionStage'));
    return { ...answer(secret, version), ...version.value, CreatedDate: version.createdAt / 1000 };
  }

  async #create(wire: WireInput): Promise<object> {
    wire.refuseMembers('Tags', 'AddReplicaRegions', 'ForceOverwriteReplicaSecret', 'Type');
    const name = wire.text('Name');
    if (!namePattern.test(name)) {
      throw new AwsError(
        'ValidationException',
        'Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!',
      );
    }
    const properties = { Description: wire.optionalText('Description'), KmsKeyId: wire.optionalText('KmsKeyId') };
    const version = { id: versionId(wire), stages: [], createdAt: Date.now(), value: writtenValue(wire) };
    const secret = await this.#store.create(name, properties, version);
    return { ARN: secret.arn, Name: secret.name, VersionId: version.id };
  }

  /** A forced deletion of what is not there is none, and no error (Secrets Manager API Reference, `DeleteSecret`). */
  async #delete(wire: WireInput): Promise<object> {
    wire.refuseMembers('RecoveryWindowInDays');
    if (wire.optionalFlag('ForceDeleteWithoutRecovery') !== true) {
      throw new AwsError('UnsupportedOperationException', 'the local run deletes secrets without recovery alone');
    }
    const secretId = wire.text('SecretId');
    const deleted = await this.#store.delete(secretId);
    return {
      ARN: deleted?.arn ?? this.#store.arnOfUnknown(secretId),
      Name: deleted?.name ?? secretId,
      DeletionDate: Date.now() / 1000,
    };
  }

  async #moveStage(wire: WireInput): Promise<object> {
    const [stage, to, from] = [
      wire.text('VersionStage'),
      wire.optionalText('MoveToVersionId'),
      wire.optionalText('RemoveFromVersionId'),
    ];
    const { arn, name } = await this.#store.update(wire.text('SecretId'), (secret) =>
      withStageMoved(secret, stage, to, from),
    );
    return { ARN: arn, Name: name };
  }

  /** The rotation runs on after the answer. */
  async #rotate(wire: WireInput): Promise<object> {
    wire.refuseMembers('RotationLambdaARN', 'RotationRules', 'ExternalSecretRotationMetadata');
    if (wire.optionalFlag('RotateImmediately') === false) {
      throw new AwsError('UnsupportedOperationException', 'the local run rotates at once');
    }
    const { arn, name, rotation } = this.#store.find(wire.text('SecretId'));
    if (rotation === undefined) {
      throw new AwsError('InvalidRequestException', 'No Lambda rotation function ARN is associated with this secret.');
    }
    const id = versionId(wire);
    this.rotator.begin(arn, id);
    return { ARN: arn, Name: name, VersionId: id };
  }

  /** What `AWS::SecretsManager::RotationSchedule` says; see {@link Rotator.schedule}. */
  async ensureRotation(properties: Readonly<Record<string, unknown>>): Promise<string | undefined> {
    const { SecretId, RotationLambdaARN, RotationRules, RotateImmediatelyOnUpdate = true } = properties;
    return this.rotator.schedule(String(SecretId), {
      functionArn: String(RotationLambdaARN),
      intervalMilliseconds: rotationInterval(RotationRules),
      immediately: String(RotateImmediatelyOnUpdate) === 'true',
    });
  }

  async #putValue(wire: WireInput): Promise<object> {
    wire.refuseMembers('RotationToken');
    const id = versionId(wire);
    const stages = [...(wire.optionalTexts('VersionStages') ?? ['AWSCURRENT'])];
    if (stages.length < 1 || stages.length > 20) {
      throw new AwsError('InvalidParameterException', 'VersionStages must have between 1 and 20 members');
    }
    const added = { id, stages, createdAt: Date.now(), value: writtenValue(wire) };
    const secret = await this.#store.update(wire.text('SecretId'), (current) => withVersion(current, added));
    return answer(secret, secret.versions.find((version) => version.id === id) ?? added);
  }

  /**
   * A value is sealed with a data key of its own: reading decrypts that, writing makes one, and writing under a request
   * token already in use decrypts what is there to compare (Secrets Manager User Guide, "Secret encryption and decryption").
   */
  #keyPermissions(operation: string, wire: WireInput, secret: Secret): Permission[] {
    const { kmsKeyArn } = secret;
    if (kmsKeyArn === undefined) {
      return [];
    }
    const permission = (action: string, versionId: string | undefined): Permission => ({
      action,
      resource: kmsKeyArn,
      context: this.#keyContext(secret, versionId),
    });
    if (operation === 'GetSecretValue') {
      return [permission('kms:Decrypt', requestedVersion(secret, wire)?.id)];
    }
    if (operation === 'PutSecretValue') {
      const token = wire.optionalText('ClientRequestToken');
      const repeated = secret.versions.some(({ id, value }) => id === token && value !== undefined);
      return [permission(repeated ? 'kms:Decrypt' : 'kms:GenerateDataKey', token)];
    }
    return [];
  }

  /**
   * The secret does not exist yet: what is checked is its name. Giving it a key of its own asks for that key's use
   * twice, to see that the caller may use it, and then makes a data key (Secrets Manager User Guide, "Secret encryption
   * and decryption").
   */
  #creationPermissions(wire: WireInput): Permission[] {
    const name = wire.text('Name');
    const kmsKeyArn = wire.optionalText('KmsKeyId');
    const arn = this.#store.arnOfUnknown(name);
    const creation = {
      action: 'secretsmanager:CreateSecret',
      resource: arn,
      context: {
        'secretsmanager:Name': [name],
        'secretsmanager:KmsKeyId': kmsKeyArn === undefined ? [] : [kmsKeyArn],
      },
    };
    if (kmsKeyArn === undefined) {
      return [creation];
    }
    const onKey = (action: string, version: string | undefined): Permission => ({
      action,
      resource: kmsKeyArn,
      context: this.#keyContext({ arn }, version),
    });
    return [
      creation,
      onKey('kms:GenerateDataKey', 'RequestToken'),
      onKey('kms:Decrypt', 'RequestToken'),
      onKey('kms:GenerateDataKey', wire.optionalText('ClientRequestToken')),
    ];
  }

  #keyContext(secret: Pick<Secret, 'arn'>, versionId: string | undefined): ConditionContext {
    return {
      'kms:ViaService': [`secretsmanager.${this.#region}.amazonaws.com`],
      'kms:CallerAccount': [this.#accountId],
      'kms:EncryptionAlgorithm': ['SYMMETRIC_DEFAULT'],
      'kms:EncryptionContext:SecretARN': [secret.arn],
      'kms:EncryptionContext:SecretVersionId': versionId === undefined ? [] : [versionId],
      'kms:EncryptionContextKeys': ['SecretARN', 'SecretVersionId'],
    };
  }
}

function wireInput(operation: string, input: unknown): WireInput {
  if (!operationNames.includes(operation)) {
    throw new AwsError('UnknownOperationException', `the local run has no ${operation} of Secrets Manager`);
  }
  return new WireInput(input, 'InvalidParameterException');
}

/** The version a read is about; undefined where the call itself will say that there is none. */
function requestedVersion(secret: Secret, wire: WireInput): SecretVersion | undefined {
  const id = wire.optionalText('VersionId');
  const stage = wire.optionalText('VersionStage') ?? 'AWSCURRENT';
  return secret.versions.find((version) => (id === undefined ? version.stages.includes(stage) : version.id === id));
}
