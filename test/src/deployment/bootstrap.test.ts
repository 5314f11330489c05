import { randomBytes } from 'node:crypto';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { auditEventStore } from '../../../src/adapters/dynamodb/audit-event.ts';
import { bootstrapStore } from '../../../src/adapters/dynamodb/bootstrap.ts';
import type { Action, Table } from '../../../src/adapters/dynamodb/commands.ts';
import { cursorKeyReader } from '../../../src/adapters/dynamodb/cursor-key.ts';
import { readDeployment } from '../../../src/adapters/dynamodb/deployment.ts';
import { integrationStore } from '../../../src/adapters/dynamodb/integration-store.ts';
import { tenantReader } from '../../../src/adapters/dynamodb/tenant.ts';
import { rightNames } from '../../../src/api/rights.ts';
import {
  type BootstrapPorts,
  bootstrap,
  type Credentials,
  type CredentialsStore,
  type Declaration,
} from '../../../src/deployment/bootstrap.ts';
import { matches } from '../../../src/entities/recognizable-secret.ts';
import { type EmbeddedTable, openEmbeddedTable } from '../adapters/dynamodb/embedded-table.ts';
import { originOf } from '../entities/origin.ts';

const declared: Declaration = {
  keys: [
    { name: 'rs256-1', algorithm: 'RS256', keyArn: 'arn:rs256-1' },
    { name: 'rs256-2', algorithm: 'RS256', keyArn: 'arn:rs256-2' },
    { name: 'es256-1', algorithm: 'ES256', keyArn: 'arn:es256-1' },
  ],
  signingAlgorithm: 'RS256',
  apis: [
    { name: 'admin', url: 'https://one.example/admin/v1' },
    { name: 'api', url: 'https://one.example/api/v1' },
  ],
};

class Crash extends Error {}

/** Lets so many calls of the ports through, and none after: a crash before the next one. */
class Fuse {
  #left: number;
  constructor(calls: number) {
    this.#left = calls;
  }
  async burn(): Promise<void> {
    if (this.#left-- <= 0) throw new Crash();
  }
}

/** A secret of which the first version written under the bootstrap's id stays. */
function secret() {
  const state: { held?: Credentials; writes: number } = { writes: 0 };
  const store: CredentialsStore = {
    read: async () => state.held,
    writeFirst: async (credentials) => {
      state.writes++;
      state.held ??= credentials;
    },
  };
  return { state, store };
}

let embedded: EmbeddedTable;
let held: ReturnType<typeof secret>;
const opened: EmbeddedTable[] = [];
beforeEach(async () => {
  embedded = await openEmbeddedTable();
  opened.push(embedded);
  held = secret();
});
afterAll(() => Promise.all(opened.map((table) => table.close())));

const none = new Fuse(Number.POSITIVE_INFINITY);

/** The ports, each call of which burns a little of the fuse before and after it is done. */
function ports(fuse = none, tableOf = (table: Table) => table): BootstrapPorts {
  const burning = async <T>(call: () => Promise<T>): Promise<T> => {
    await fuse.burn();
    const result = await call();
    await fuse.burn();
    return result;
  };
  const store = bootstrapStore(tableOf(embedded.table));
  return {
    credentials: {
      read: () => burning(() => held.store.read()),
      writeFirst: (credentials) => burning(() => held.store.writeFirst(credentials)),
    },
    store: {
      read: () => burning(() => store.read()),
      found: (...found) => burning(() => store.found(...found)),
      register: (...registered) => burning(() => store.register(...registered)),
    },
    publicKeys: { read: (keyArn) => burning(async () => ({ kid: `kid-of-${keyArn}`, publicJwk: { kty: 'RSA' } })) },
    protector: {
      encrypt: (plaintext) => burning(async () => Buffer.from(plaintext).reverse()),
      decrypt: async () => '',
    },
    clock: { now: () => Date.parse('2026-11-21T10:00:00Z') },
    randomBytes,
  };
}

async function foundation() {
  const credentials = held.state.held;
  if (credentials === undefined) throw new Error('the secret is empty');
  const integration = await integrationStore(embedded.table).get(credentials.tenant, credentials.clientId);
  return { credentials, integration, tenant: await tenantReader(embedded.table).get(credentials.tenant) };
}

async function expectFounded() {
  const { credentials, integration, tenant } = await foundation();
  expect(tenant).toEqual({
    tenant: credentials.tenant,
    name: 'Operator',
    operator: true,
    managers: 1,
    createdAt: expect.any(String),
  });
  expect(Object.keys(integration?.rights ?? {})).toEqual(rightNames);
  expect(matches(credentials.clientSecret, integration?.secrets[0]?.hash ?? '')).toBe(true);
  const list = await integrationStore(embedded.table).list(credentials.tenant, { limit: 10 });
  expect(list.items).toMatchObject([{ clientId: credentials.clientId, name: 'Bootstrap administrator' }]);
  expect(await cursorKeyReader(embedded.table).get()).toHaveLength(32);
  const { items } = await auditEventStore(embedded.table).list(credentials.tenant, {}, { limit: 10 });
  expect(items).toMatchObject([{ action: 'tenant.created', actor: 'deployment', object: credentials.tenant }]);
  const { keys, apis } = await readDeployment(embedded.table);
  expect(Object.fromEntries(keys.map(({ name, state }) => [name, state]))).toEqual({
    'rs256-1': 'active',
    'rs256-2': 'next',
    'es256-1': 'next',
  });
  expect(apis).toEqual(declared.apis);
}

describe('the first deployment', () => {
  it('founds the operator tenant and its administrator, from credentials that the secret held first', async () => {
    await bootstrap(ports(), declared, originOf('deployment', 'request-1'));
    await expectFounded();
    expect(held.state.writes).toBe(1);
  });

  it('takes credentials that the secret holds already', async () => {
    await bootstrap(ports(), declared, originOf('deployment', 'request-1'));
    const before = held.state.held;
    embedded = await openEmbeddedTable();
    opened.push(embedded);
    await bootstrap(ports(), declared, originOf('deployment', 'request-2'));
    expect(held.state).toEqual({ held: before, writes: 1 });
    await expectFounded();
  });

  it('that crashes before or after any call ends the same when it is repeated', async () => {
    let crashed = true;
    for (let calls = 0; crashed; calls++) {
      embedded = await openEmbeddedTable();
      opened.push(embedded);
      held = secret();
      crashed = await bootstrap(ports(new Fuse(calls)), declared, originOf('deployment', 'request-1')).then(
        () => false,
        (error) => error instanceof Crash,
      );
      const written = held.state.held;
      await bootstrap(ports(), declared, originOf('deployment', 'request-1'));
      await expectFounded();
      if (written !== undefined) expect(held.state.held).toEqual(written);
    }
  });

  it('that crashes is founded whole or not at all', async () => {
    const torn = (table: Table): Table => ({
      ...table,
      transact: async (actions: readonly Action[]) => {
        // The last action's condition cannot hold: nothing of the others may stay.
        const [first] = actions;
        if (first === undefined || !('put' in first)) throw new Error('nothing to tear');
        const check = { pk: String(first.put.pk), sk: 'elsewhere' };
        await table.transact([...actions, { check, condition: { expression: 'attribute_exists(pk)' } }]);
      },
    });
    await expect(bootstrap(ports(none, torn), declared, originOf('deployment', 'request-1'))).rejects.toThrow();
    const { integration, tenant } = await foundation();
    expect([integration, tenant, (await readDeployment(embedded.table)).keys]).toEqual([undefined, undefined, []]);
  });

  it('ten times at once is as once', async () => {
    const outcomes = await Promise.allSettled(
      Array.from({ length: 10 }, (_, index) =>
        bootstrap(ports(), declared, originOf('deployment', `request-${index}`)),
      ),
    );
    expect(outcomes.some(({ status }) => status === 'fulfilled')).toBe(true);
    await bootstrap(ports(), declared, originOf('deployment', 'request-after'));
    await expectFounded();
  });

  it('keeps no ciphertext where no secret may be read again', async () => {
    await bootstrap({ ...ports(), protector: undefined }, declared, originOf('deployment', 'request-1'));
    expect((await foundation()).integration?.secrets[0]).not.toHaveProperty('ciphertext');
  });
});

describe('a later deployment', () => {
  beforeEach(() => bootstrap(ports(), declared, originOf('deployment', 'request-1')));
  const states = async () =>
    Object.fromEntries((await readDeployment(embedded.table)).keys.map(({ name, state }) => [name, state]));

  it('makes nothing twice, also where the credentials were lost or the administrator deleted', async () => {
    const { credentials, integration } = await foundation();
    await bootstrap(ports(), declared, originOf('deployment', 'request-2'));
    await expectFounded();
    held.state.held = undefined;
    await bootstrap(ports(), declared, originOf('deployment', 'request-3'));
    expect(held.state).toEqual({ held: undefined, writes: 1 });
    expect(await integrationStore(embedded.table).get(credentials.tenant, credentials.clientId)).toEqual(integration);
  });

  it('adds a new key as next, and asks KMS for no key that it knows', async () => {
    const asked: string[] = [];
    const { publicKeys, ...others } = ports();
    const keys = [...declared.keys, { name: 'rs256-3', algorithm: 'RS256', keyArn: 'arn:rs256-3' } as const];
    const read = (arn: string) => {
      asked.push(arn);
      return publicKeys.read(arn);
    };
    await bootstrap({ ...others, publicKeys: { read } }, { ...declared, keys }, originOf('deployment', 'request-2'));
    expect(asked).toEqual(['arn:rs256-3']);
    expect(await states()).toMatchObject({ 'rs256-1': 'active', 'rs256-3': 'next' });
  });

  it('takes a key declared revoked out at once, and has the next one sign', async () => {
    const keys = declared.keys.map((key) => (key.name === 'rs256-1' ? { ...key, state: 'revoked' as const } : key));
    await bootstrap(ports(), { ...declared, keys }, originOf('deployment', 'request-2'));
    expect(await states()).toMatchObject({ 'rs256-1': 'revoked', 'rs256-2': 'active' });
    await bootstrap(ports(), declared, originOf('deployment', 'request-3'));
    expect(await states()).toMatchObject({ 'rs256-1': 'revoked', 'rs256-2': 'active' });
  });

  it('in another signing algorithm has a key of it sign at once', async () => {
    await bootstrap(ports(), { ...declared, signingAlgorithm: 'ES256' }, originOf('deployment', 'request-2'));
    expect(await states()).toMatchObject({ 'rs256-1': 'active', 'es256-1': 'active' });
  });

  it('refreshes the rows of the APIs', async () => {
    const apis = [{ name: 'admin', url: 'https://two.example/admin/v1' }, ...declared.apis.slice(1)];
    await bootstrap(ports(), { ...declared, apis }, originOf('deployment', 'request-2'));
    expect((await readDeployment(embedded.table)).apis).toEqual(apis);
  });
});
