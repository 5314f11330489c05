import type { Deployment, DeploymentReader, RegisteredApi } from '../../entities/deployment.ts';
import type { SigningAlgorithm, SigningKey, SigningKeyReader, SigningKeyState } from '../../entities/signing-key.ts';
import type { Clock } from '../../ports.ts';
import type { Item, Key, Table } from './commands.ts';
import { partitionKey } from './table.ts';

/** The one partition of the deployment's own rows: a query of it brings all of them. */
const partition = partitionKey('deployment');
const keyPrefix = 'KEY#';
const apiPrefix = 'API#';

/** Where a signing key's row stands. */
export const signingKeyKey = (kid: string): Key => ({ pk: partition, sk: `${keyPrefix}${kid}` });

/** The row of a signing key. */
export function signingKeyItem(key: SigningKey): Item & Key {
  return {
    ...signingKeyKey(key.kid),
    name: key.name,
    algorithm: key.algorithm,
    key_arn: key.keyArn,
    public_jwk: key.publicJwk,
    state: key.state,
    since: key.since,
  };
}

/** The row of an API: its name and the base URL that is its audience. */
export function apiItem(api: RegisteredApi): Item & Key {
  return { pk: partition, sk: `${apiPrefix}${api.name}`, url: api.url };
}

/** The rows, told apart by their sort keys. */
export function parseDeployment(items: readonly Item[]): Deployment {
  const keys: SigningKey[] = [];
  const apis: RegisteredApi[] = [];
  for (const item of items) {
    const sk = String(item.sk);
    if (sk.startsWith(keyPrefix)) keys.push(parseSigningKey(item));
    else if (sk.startsWith(apiPrefix)) apis.push({ name: sk.slice(apiPrefix.length), url: String(item.url) });
  }
  return { keys, apis };
}

/** A signing key's row. */
export function parseSigningKey(item: Item): SigningKey {
  return {
    kid: String(item.sk).slice(keyPrefix.length),
    name: String(item.name),
    algorithm: item.algorithm as SigningAlgorithm,
    keyArn: String(item.key_arn),
    publicJwk: item.public_jwk as Readonly<Record<string, string>>,
    state: item.state as SigningKeyState,
    since: String(item.since),
  };
}

/** Every row of the deployment, in one strongly consistent query. */
export async function readDeployment(table: Table): Promise<Deployment> {
  const items: Item[] = [];
  for (let after: (Key & Item) | undefined; ; ) {
    const page = await table.query({ partition, ...(after && { after }) });
    items.push(...page.items);
    const last = page.items.at(-1);
    if (!page.more || last === undefined) return parseDeployment(items);
    after = { pk: partition, sk: String(last.sk) };
  }
}

/** The signing keys as they are now; one query for each call. */
export function signingKeys(table: Table): SigningKeyReader {
  return { list: async () => (await readDeployment(table)).keys };
}

/** How long rows that were read are good for, in milliseconds: an API that is added is known this much later. */
const rowsKeptFor = 300_000;
/** How long the state of a key that signs is good for, in milliseconds. */
const stateKeptFor = 1_000;

/**
 * The deployment's rows, kept in memory. The states of active keys are read again with every read that is made anyway
 * once they are older than a second, so that a key that was replaced or revoked signs no more.
 */
export interface KeptDeployment extends DeploymentReader {
  /** Rows that the next read should bring along; none where they are fresh. */
  dueKeys(): readonly Key[];
  /** Hands over what such a read brought. */
  accept(due: readonly Key[], items: readonly Item[]): void;
}

export function keptDeployment(table: Table, clock: Clock): KeptDeployment {
  let rows: Promise<Deployment> | undefined;
  /** Infinite while a read is under way. */
  let readAt = Number.POSITIVE_INFINITY;
  let checkedAt = Number.POSITIVE_INFINITY;
  let active: readonly Key[] = [];

  const forget = () => {
    rows = undefined;
    readAt = Number.POSITIVE_INFINITY;
    active = [];
  };

  const read = async () => {
    const startedAt = clock.now();
    try {
      const deployment = await readDeployment(table);
      active = deployment.keys.filter(({ state }) => state === 'active').map(({ kid }) => signingKeyKey(kid));
      readAt = startedAt;
      checkedAt = startedAt;
      return deployment;
    } catch (error) {
      forget();
      throw error;
    }
  };

  return {
    current() {
      if (clock.now() - readAt > rowsKeptFor) forget();
      rows ??= read();
      return rows;
    },
    dueKeys: () => (clock.now() - checkedAt > stateKeptFor ? active : []),
    accept(due, items) {
      if (due.length === 0) return;
      const still = new Set(items.filter(({ state }) => state === 'active').map(({ sk }) => sk));
      if (due.every(({ sk }) => still.has(sk))) checkedAt = clock.now();
      else forget();
    },
  };
}
