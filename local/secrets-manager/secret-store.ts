import { createHash, randomInt, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { readJsonFiles, removeDurably, writeDurably } from '../aws/durable-file.ts';
import { AwsError } from '../aws/service.ts';
import { generateSecretString } from './generated-string.ts';
import { parseSecret, type Secret, type SecretVersion, withVersion } from './secret.ts';

export interface SecretStoreOptions {
  /** Keeps the secrets in this folder, one file each, readable by its owner only; in memory where undefined. */
  readonly directory: string | undefined;
  readonly region: string;
  readonly accountId: string;
}

const knownProperties = ['Name', 'Description', 'KmsKeyId', 'SecretString', 'GenerateSecretString', 'Tags'];
const alphanumerics = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** The secrets of the local run, by name and stable over restarts. */
export class SecretStore {
  readonly #options: SecretStoreOptions;
  readonly #secrets = new Map<string, Secret>();
  #lastWrite: Promise<unknown> = Promise.resolve();

  private constructor(options: SecretStoreOptions) {
    this.#options = options;
  }

  static async open(options: SecretStoreOptions): Promise<SecretStore> {
    const store = new SecretStore(options);
    for (const secret of options.directory === undefined ? [] : await readJsonFiles(options.directory, parseSecret)) {
      store.#secrets.set(secret.name, secret);
    }
    return store;
  }

  /**
   * The secret that a template declares, and its ARN: made at first, with the value the template gives or has generated
   * if any; found again later, its value untouched.
   *
   * @throws {Error} naming a property of `AWS::SecretsManager::Secret` that is not known here.
   */
  async ensureSecret(name: string, properties: Readonly<Record<string, unknown>>): Promise<string> {
    const unknown = Object.keys(properties).find((property) => !knownProperties.includes(property));
    if (unknown !== undefined) {
      throw new Error(`the local run does not know the property ${unknown} of the secret ${name}`);
    }
    const declared = declaredOf(name, properties);
    const secret = await this.#exclusively(async () => {
      const existing = this.#secrets.get(name);
      const { kmsKeyArn: _former, ...kept } = existing ?? this.#newSecret(name, properties);
      return this.#keep({ ...kept, ...declared });
    });
    return secret.arn;
  }

  /**
   * A new secret with its first version; the same request again changes nothing.
   *
   * @throws {AwsError} `ResourceExistsException` where another has the name
   */
  create(name: string, properties: Readonly<Record<string, unknown>>, first: SecretVersion): Promise<Secret> {
    return this.#exclusively(async () => {
      const existing = this.#secrets.get(name);
      if (existing === undefined) {
        return this.#keep(withVersion({ ...this.#newSecret(name, {}), ...declaredOf(name, properties) }, first));
      }
      const repeated = existing.versions.some(
        ({ id, value }) => id === first.id && isDeepStrictEqual(value, first.value),
      );
      if (!repeated) {
        throw new AwsError(
          'ResourceExistsException',
          `The operation failed because the secret ${name} already exists.`,
        );
      }
      return existing;
    });
  }

  /** Removes a secret for good; undefined where there is none. */
  delete(secretId: string): Promise<Secret | undefined> {
    return this.#exclusively(async () => {
      const secret = this.lookUp(secretId);
      if (secret !== undefined) {
        if (this.#options.directory !== undefined) {
          await removeDurably(join(this.#options.directory, fileOf(secret)));
        }
        this.#secrets.delete(secret.name);
      }
      return secret;
    });
  }

  /**
   * The secret that a request names by name, ARN, or ARN without its random end.
   *
   * @throws {AwsError} `ResourceNotFoundException`
   */
  find(secretId: string): Secret {
    const secret = this.lookUp(secretId);
    if (secret === undefined) {
      throw new AwsError('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
    }
    return secret;
  }

  all(): readonly Secret[] {
    return [...this.#secrets.values()];
  }

  lookUp(secretId: string): Secret | undefined {
    return (
      this.#secrets.get(secretId) ??
      [...this.#secrets.values()].find(({ arn }) => arn === secretId || arn.slice(0, -7) === secretId)
    );
  }

  /** The ARN that IAM checks for a name of no secret. */
  arnOfUnknown(secretId: string): string {
    return secretId.startsWith('arn:') ? secretId : this.#arn(secretId);
  }

  /** Replaces a secret by what `change` makes of it, one change at a time; it is on disk when this returns. */
  update(secretId: string, change: (secret: Secret) => Secret): Promise<Secret> {
    return this.#exclusively(async () => {
      const secret = this.find(secretId);
      const changed = change(secret);
      return changed === secret ? secret : this.#keep(changed);
    });
  }

  #newSecret(name: string, properties: Readonly<Record<string, unknown>>): Secret {
    const suffix = Array.from({ length: 6 }, () => alphanumerics[randomInt(alphanumerics.length)]).join('');
    const createdAt = Date.now();
    const empty = { arn: `${this.#arn(name)}-${suffix}`, name, description: '', createdAt, versions: [] };
    const generated = properties.GenerateSecretString;
    const initial = generated === undefined ? properties.SecretString : generateSecretString(generated);
    return initial === undefined
      ? empty
      : withVersion(empty, { id: randomUUID(), stages: [], createdAt, value: { SecretString: String(initial) } });
  }

  async #keep(secret: Secret): Promise<Secret> {
    if (this.#options.directory !== undefined) {
      await writeDurably(join(this.#options.directory, fileOf(secret)), JSON.stringify(secret));
    }
    this.#secrets.set(secret.name, secret);
    return secret;
  }

  #exclusively<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#lastWrite.then(work);
    this.#lastWrite = result.catch(() => undefined);
    return result;
  }

  #arn(name: string): string {
    return `arn:aws:secretsmanager:${this.#options.region}:${this.#options.accountId}:secret:${name}`;
  }
}

/** A name may hold slashes: the file is named by its hash. */
const fileOf = ({ name }: Secret): string => `${createHash('sha256').update(name).digest('hex').slice(0, 32)}.json`;

/** What is said of a secret besides its value. */
function declaredOf(
  name: string,
  properties: Readonly<Record<string, unknown>>,
): Pick<Secret, 'description' | 'kmsKeyArn'> {
  const kmsKeyArn = properties.KmsKeyId === undefined ? undefined : String(properties.KmsKeyId);
  if (kmsKeyArn !== undefined && !/^arn:[^:]*:kms:[^:]*:[^:]*:key\//.test(kmsKeyArn)) {
    throw new Error(`the local run takes the KmsKeyId of the secret ${name} as a key's ARN, not ${kmsKeyArn}`);
  }
  return { description: String(properties.Description ?? ''), ...(kmsKeyArn && { kmsKeyArn }) };
}
