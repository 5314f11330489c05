import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { readJsonFiles, writeDurably } from '../aws/durable-file.ts';
import { AwsError } from '../aws/service.ts';
import { checkPolicy } from '../iam/policy.ts';
import type { PolicyDocument } from '../iam/types.ts';
import { checkKeyKind, type Key, loadKey, makeKey, parseStoredKey, type StoredKey } from './key.ts';

export interface KeyStoreOptions {
  /** Keeps the keys in this folder, one file each, readable by its owner only; in memory where undefined. */
  readonly directory: string | undefined;
  readonly region: string;
  readonly accountId: string;
}

/** `AWS::KMS::Key` properties that change nothing of what the local run does. */
const inertProperties = ['EnableKeyRotation', 'RotationPeriodInDays', 'PendingWindowInDays', 'Tags'];
const knownProperties = [
  ...inertProperties,
  'Description',
  'Enabled',
  'KeyPolicy',
  'KeySpec',
  'KeyUsage',
  'MultiRegion',
];

/** The KMS keys of the local run, stable over restarts by the logical id that declares them. */
export class KeyStore {
  readonly #options: KeyStoreOptions;
  readonly #keys = new Map<string, Key>();
  readonly #aliases = new Map<string, string>();

  private constructor(options: KeyStoreOptions) {
    this.#options = options;
  }

  static async open(options: KeyStoreOptions): Promise<KeyStore> {
    const store = new KeyStore(options);
    const load = (text: string): Key => loadKey(parseStoredKey(text));
    for (const key of options.directory === undefined ? [] : await readJsonFiles(options.directory, load)) {
      store.#keys.set(key.keyId, key);
    }
    return store;
  }

  /**
   * The key that a template declares: made at first, found again later, with policy and state as declared now. Another
   * key spec or usage is another key, as CloudFormation would replace it; the former one stays.
   *
   * @throws {Error} naming a property or value of `AWS::KMS::Key` that is not known here.
   */
  async ensureKey(
    logicalId: string,
    properties: Readonly<Record<string, unknown>>,
  ): Promise<{ keyId: string; arn: string }> {
    const declared = this.#declaredKey(logicalId, properties);
    const existing = [...this.#keys.values()]
      .filter((key) => key.logicalId === logicalId)
      .find((key) => key.keySpec === declared.keySpec && key.keyUsage === declared.keyUsage);
    const stored = existing === undefined ? await makeKey(declared) : storedPart(existing);
    const wanted = { ...stored, ...declared };
    if (existing === undefined || !isDeepStrictEqual(wanted, stored)) {
      if (this.#options.directory !== undefined) {
        await writeDurably(join(this.#options.directory, `${wanted.keyId}.json`), JSON.stringify(wanted));
      }
      this.#keys.set(wanted.keyId, loadKey(wanted));
    }
    return { keyId: wanted.keyId, arn: this.arn(wanted) };
  }

  /** Declares an alias (`alias/…`), which lives as long as the process: templates declare theirs at each start. */
  ensureAlias(aliasName: string, keyIdOrArn: string): void {
    if (!/^alias\/[\w/-]+$/.test(aliasName) || aliasName.startsWith('alias/aws/')) {
      throw new Error(`${aliasName} is not a KMS alias that one may make`);
    }
    this.#aliases.set(aliasName, this.find(keyIdOrArn).keyId);
  }

  /**
   * The key that a request names by id, ARN, alias or alias ARN.
   *
   * @throws {AwsError} `NotFoundException`
   */
  find(name: string): Key {
    const prefix = `arn:aws:kms:${this.#options.region}:${this.#options.accountId}:`;
    const local = name.startsWith(prefix) ? name.slice(prefix.length) : name;
    const alias = local.startsWith('alias/');
    const keyId = alias ? this.#aliases.get(local) : name.startsWith(prefix) ? local.replace(/^key\//, '') : local;
    const key = this.#keys.get(keyId ?? '');
    if (key === undefined) {
      const arn = local.startsWith('arn:')
        ? local
        : `${prefix}${alias || local.startsWith('key/') ? local : `key/${local}`}`;
      throw new AwsError('NotFoundException', alias ? `Alias ${arn} is not found.` : `Key '${arn}' does not exist`);
    }
    return key;
  }

  arn({ keyId }: Pick<Key, 'keyId'>): string {
    return `arn:aws:kms:${this.#options.region}:${this.#options.accountId}:key/${keyId}`;
  }

  /** The policy of a key by its ARN; undefined for a key that does not exist. */
  keyPolicyOf(arn: string): PolicyDocument | undefined {
    const keyId = arn.split('key/')[1] ?? '';
    const key = this.#keys.get(keyId);
    return key !== undefined && this.arn(key) === arn ? key.policy : undefined;
  }

  #declaredKey(logicalId: string, properties: Readonly<Record<string, unknown>>) {
    const unknown = Object.keys(properties).find((name) => !knownProperties.includes(name));
    if (unknown !== undefined || properties.MultiRegion === true) {
      throw new Error(
        `the local run does not know the property ${unknown ?? 'MultiRegion'} of the KMS key ${logicalId}`,
      );
    }
    const policy = (properties.KeyPolicy ?? this.#defaultPolicy()) as PolicyDocument;
    checkPolicy(policy, 'key');
    const keySpec = String(properties.KeySpec ?? 'SYMMETRIC_DEFAULT');
    const keyUsage = String(properties.KeyUsage ?? 'ENCRYPT_DECRYPT');
    checkKeyKind(keySpec, keyUsage);
    const description = String(properties.Description ?? '');
    return { logicalId, keySpec, keyUsage, description, enabled: properties.Enabled !== false, policy };
  }

  /** KMS Developer Guide, "Default key policy". */
  #defaultPolicy(): PolicyDocument {
    const Principal = { AWS: `arn:aws:iam::${this.#options.accountId}:root` };
    return { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal, Action: 'kms:*', Resource: '*' }] };
  }
}

function storedPart({ secret: _secret, publicKey: _publicKey, ...stored }: Key): StoredKey {
  return stored;
}
