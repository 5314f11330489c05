import { beforeEach, describe, expect, it } from 'vitest';
import { clientReader } from '../../../../src/adapters/dynamodb/client-reader.ts';
import type { Item, Key, Table } from '../../../../src/adapters/dynamodb/commands.ts';
import {
  apiItem,
  keptDeployment,
  parseDeployment,
  readDeployment,
  signingKeyItem,
} from '../../../../src/adapters/dynamodb/deployment.ts';
import { integrationItem } from '../../../../src/adapters/dynamodb/integration.ts';
import type { SigningKey } from '../../../../src/entities/signing-key.ts';
import { activeTenant } from '../../../active-tenant.ts';
import { registered } from '../../oauth/authorization-server.ts';

const signingKey: SigningKey = {
  kid: 'kid-1',
  name: 'main',
  algorithm: 'RS256',
  keyArn: 'arn:aws:kms:eu-central-1:123456789012:key/1',
  publicJwk: { kty: 'RSA', n: 'AQ', e: 'AQAB' },
  state: 'active',
  since: '2026-11-21T10:00:00.000Z',
};
const api = { name: 'api', url: 'https://api.example/api/v1' };

/** A table of few items that counts what it is asked; a page of a query holds four. */
function tableOf(items: Map<string, Item>) {
  const asked = { queries: 0, batches: [] as number[] };
  const unused = () => Promise.reject(new Error('not used'));
  const table: Table = {
    get: unused,
    put: unused,
    transact: unused,
    async batchGet(keys: readonly Key[]) {
      asked.batches.push(keys.length);
      return keys.flatMap<Item>(({ pk, sk }) => items.get(`${pk} ${sk}`) ?? []);
    },
    async query({ partition, after }) {
      asked.queries++;
      const found = [...items.values()]
        .filter(({ pk, sk }) => pk === partition && (after === undefined || String(sk) > after.sk))
        .sort((one, other) => (String(one.sk) < String(other.sk) ? -1 : 1));
      return { items: found.slice(0, 4), more: found.length > 4 };
    },
  };
  const put = (item: Item) => items.set(`${item.pk} ${item.sk}`, item);
  return { table, asked, put };
}

describe('the rows of the deployment', () => {
  it('come back as they were written', () => {
    expect(parseDeployment([signingKeyItem(signingKey), apiItem(api)])).toEqual({ keys: [signingKey], apis: [api] });
  });

  it('are read to the last page', async () => {
    const { table, put } = tableOf(new Map());
    const kids = ['a', 'b', 'c', 'd', 'e'];
    for (const kid of kids) put(signingKeyItem({ ...signingKey, kid }));
    put(apiItem(api));
    const { keys, apis } = await readDeployment(table);
    expect([keys.map(({ kid }) => kid), apis]).toEqual([kids, [api]]);
  });
});

describe('reading a client', () => {
  const { integration } = registered(['issues:read']);
  const time = { now: 1_000_000 };
  let world: ReturnType<typeof tableOf>;
  let deployment: ReturnType<typeof keptDeployment>;
  const read = () => clientReader(world.table, deployment).get(integration.tenant, integration.clientId);
  const stateNow = async () => (await deployment.current()).keys.map(({ kid, state }) => `${kid} ${state}`);

  beforeEach(() => {
    world = tableOf(new Map());
    world.put(signingKeyItem(signingKey));
    world.put(apiItem(api));
    world.put(activeTenant(integration.tenant));
    world.put(integrationItem(integration));
    deployment = keptDeployment(world.table, { now: () => time.now });
  });

  it('costs one read, and the deployment one query for all of them', async () => {
    for (let round = 0; round < 3; round++) expect(await read()).toEqual(integration);
    expect(world.asked).toEqual({ queries: 1, batches: [2, 2, 2] });
  });

  it('brings the active key along once its state is older than a second', async () => {
    await read();
    time.now += 1_000;
    await read();
    time.now += 1;
    await read();
    await read();
    expect(world.asked).toEqual({ queries: 1, batches: [2, 2, 3, 2] });
  });

  it.each(['retiring', 'revoked'] as const)('finds out within a second that the key is %s', async (state) => {
    await read();
    world.put(signingKeyItem({ ...signingKey, state }));
    world.put(signingKeyItem({ ...signingKey, kid: 'kid-2' }));
    time.now += 1_001;
    expect(await read()).toEqual(integration);
    expect(await stateNow()).toEqual([`kid-1 ${state}`, 'kid-2 active']);
    expect(world.asked.queries).toBe(2);
  });

  it('that is not there is one read as well', async () => {
    await deployment.current();
    expect(await clientReader(world.table, deployment).get('ten_0', 'int_0')).toBeUndefined();
    expect(world.asked).toEqual({ queries: 1, batches: [2] });
  });
});

describe('the rows that are kept', () => {
  it('are read again after five minutes, so that an API that was added is known', async () => {
    const { table, put, asked } = tableOf(new Map());
    const time = { now: 0 };
    const deployment = keptDeployment(table, { now: () => time.now });
    expect((await deployment.current()).apis).toEqual([]);
    put(apiItem(api));
    time.now = 300_000;
    expect((await deployment.current()).apis).toEqual([]);
    time.now = 300_001;
    expect((await deployment.current()).apis).toEqual([api]);
    expect(asked.queries).toBe(2);
  });

  it('are read once by all who ask at the same time', async () => {
    const { table, asked } = tableOf(new Map());
    const deployment = keptDeployment(table, { now: () => 0 });
    await Promise.all([deployment.current(), deployment.current(), deployment.current()]);
    expect(asked.queries).toBe(1);
  });

  it('are asked for again after a fault', async () => {
    const { table, put } = tableOf(new Map());
    put(apiItem(api));
    const faults = [new Error('down')];
    const query: Table['query'] = async (input) => {
      const fault = faults.pop();
      if (fault !== undefined) throw fault;
      return table.query(input);
    };
    const deployment = keptDeployment({ ...table, query }, { now: () => 0 });
    await expect(deployment.current()).rejects.toThrow('down');
    expect((await deployment.current()).apis).toEqual([api]);
  });
});
