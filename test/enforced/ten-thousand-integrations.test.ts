import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { marshall } from '@aws-sdk/util-dynamodb';
import { beforeAll, expect, test } from 'vitest';
import { defaultPlace } from '../../local/assembly.ts';
import { openDynamoDb } from '../../local/dynamodb/service.ts';
import type { QueryInput, Table } from '../../src/adapters/dynamodb/commands.ts';
import { integrationItem } from '../../src/adapters/dynamodb/integration.ts';
import { integrationNameItem } from '../../src/adapters/dynamodb/integration-name.ts';
import { integrationStore } from '../../src/adapters/dynamodb/integration-store.ts';
import { newClientId } from '../../src/entities/identifiers.ts';
import { type Integration, machineOnly } from '../../src/entities/integration.ts';
import { type Credentials, createIntegration, tokenOf } from '../conformance/client.ts';
import { type EnforcedRun, enforcedRun, synthesized, tableNameOf, temporaryFolder } from './enforced-run.ts';
import { form, succeed } from './request.ts';

const count = 10_000;

let run: EnforcedRun;
let one: Credentials;
let admin: string;
const clientIds = new Set<string>();
/** What a token and a decision called while the tenant had three integrations. */
let before: Awaited<ReturnType<typeof tokenAndDecision>>;

beforeAll(async () => {
  const dataDirectory = temporaryFolder();
  const assembly = synthesized();
  const few = await enforcedRun(assembly, { dataDirectory });
  const { outputs } = few;
  one = await createIntegration(outputs, await tokenOf(outputs, outputs.admin), ['users:read']);
  before = await tokenAndDecision(few);
  await few.close();
  for (const { client_id } of [outputs.admin, one]) clientIds.add(client_id);

  const table = await openDynamoDb({ directory: join(dataDirectory, 'dynamodb'), clock: Date.now, ...defaultPlace });
  for (let index = 0; index < count; index++) {
    const integration = seeded(outputs.tenant, index);
    clientIds.add(integration.clientId);
    for (const item of [integrationItem(integration), integrationNameItem(integration)])
      await table.call('PutItem', {
        TableName: tableNameOf(few),
        Item: marshall(item, { removeUndefinedValues: true }),
      });
  }
  await table.close();
  run = await enforcedRun(assembly, { dataDirectory });
  admin = await tokenOf(run.outputs, run.outputs.admin);
});

function seeded(tenant: string, index: number): Integration {
  const at = new Date(Date.UTC(2026, 0, 1) + index).toISOString();
  const granted = { state: 'granted', requestedBy: tenant, decidedBy: tenant, decidedAt: at } as const;
  return {
    tenant,
    clientId: newClientId(tenant, randomBytes),
    name: `Seeded ${index}`,
    status: 'active',
    owner: tenant,
    grantTypes: ['client_credentials'],
    tokenEndpointAuthMethod: 'client_secret_basic',
    jwks: [],
    ...machineOnly,
    rights: { 'issues:read': granted },
    secrets: [],
    tokenGeneration: 0,
    createdAt: at,
    version: 1,
  };
}

/** The calls of a warm token and of a warm decision. */
async function tokenAndDecision(running: EnforcedRun) {
  const { outputs } = running;
  const body = form(one, { grant_type: 'client_credentials' });
  // The first of each fetches what is kept from then on.
  await succeed(outputs, 'listUsers', { token: await tokenOf(outputs, one) });
  const token = await running.callsDuring(() => succeed(outputs, 'token', { body }));
  const fresh = await tokenOf(outputs, one);
  const decision = await running.callsDuring(() => succeed(outputs, 'listUsers', { token: fresh }));
  return { token, decision: decision['api/authorizer'] };
}

test('each page of a list is one call, and all pages together hold each integration once', async () => {
  const listed: string[] = [];
  const list = async (cursor?: string) => {
    const query = `limit=100${cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`}`;
    return (await succeed(run.outputs, 'listIntegrations', { token: admin, query })).body;
  };
  let { next_cursor } = await list();
  for (let cursor: string | undefined; ; cursor = next_cursor) {
    let page: Awaited<ReturnType<typeof list>>;
    const calls = await run.callsDuring(async () => {
      page = await list(cursor);
      listed.push(...page.items.map(({ client_id }: Credentials) => client_id));
      next_cursor = page.next_cursor;
    });
    expect(calls['admin/integrations']).toEqual({ 'dynamodb:Query': 1 });
    if (next_cursor === undefined) break;
  }
  expect(listed.length).toBe(clientIds.size);
  expect(new Set(listed)).toEqual(clientIds);
});

test('a page reads no more than its items and one', async () => {
  const asked: QueryInput[] = [];
  const table: Partial<Table> = {
    query: async (input) => {
      asked.push(input);
      return { items: [], more: false };
    },
  };
  await integrationStore(table as Table).list('tenant', { limit: 100 });
  expect(asked).toEqual([expect.objectContaining({ limit: 101 })]);
  expect(asked[0]).not.toHaveProperty('filter');
});

test('a token and a decision call what they did with three integrations: exact keys, once', async () => {
  expect(before).toEqual({
    token: { 'auth/token': { 'dynamodb:BatchGetItem': 1, 'kms:Sign': 1 } },
    decision: { 'dynamodb:BatchGetItem': 1 },
  });
  expect(await tokenAndDecision(run)).toEqual(before);
});
