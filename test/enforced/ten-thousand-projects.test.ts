import { join } from 'node:path';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { beforeAll, expect, test } from 'vitest';
import { defaultPlace } from '../../local/assembly.ts';
import { openDynamoDb } from '../../local/dynamodb/service.ts';
import type { Item } from '../../src/adapters/dynamodb/commands.ts';
import { integrationItem, integrationKey, parseIntegration } from '../../src/adapters/dynamodb/integration.ts';
import { type Credentials, createIntegration, tokenOf } from '../conformance/client.ts';
import { grantedIn, inProjects, itemsOf, projectKeys } from '../project-grants.ts';
import { type EnforcedRun, enforcedRun, synthesized, tableNameOf, temporaryFolder } from './enforced-run.ts';
import { form, send, succeed } from './request.ts';

const count = 10_000;
const [first = '', second = ''] = projectKeys(2);

let run: EnforcedRun;
let one: Credentials;
/** What a token and a decision called while the integration held its right in one project. */
let before: Awaited<ReturnType<typeof tokenAndDecision>>;

const naming = (project: string) =>
  JSON.stringify([{ type: 'project', identifier: project, actions: ['issues:read'] }]);

beforeAll(async () => {
  const dataDirectory = temporaryFolder();
  const assembly = synthesized();
  const started = () => enforcedRun(assembly, { dataDirectory });
  const prepared = await started();
  const { outputs } = prepared;
  one = await createIntegration(outputs, await tokenOf(outputs, outputs.admin), ['users:read']);
  await prepared.close();

  await put(dataDirectory, prepared, inProjects(1, 'issues:read'));
  const few = await started();
  before = await tokenAndDecision(few);
  await few.close();

  await put(dataDirectory, prepared, inProjects(count, 'issues:read'));
  run = await started();
});

/** Grants the integration this, as it would lie in the table. */
async function put(dataDirectory: string, stopped: EnforcedRun, byProject: Parameters<typeof grantedIn>[1]) {
  const table = await openDynamoDb({ directory: join(dataDirectory, 'dynamodb'), clock: Date.now, ...defaultPlace });
  const TableName = tableNameOf(stopped);
  const key = integrationKey(stopped.outputs.tenant, one.client_id);
  const { Item: found } = (await table.call('GetItem', { TableName, Key: marshall(key) })) as {
    Item: Parameters<typeof unmarshall>[0];
  };
  const integration = parseIntegration(unmarshall(found));
  const putItem = (item: Item) =>
    table.call('PutItem', { TableName, Item: marshall(item, { removeUndefinedValues: true }) });
  for (const item of itemsOf(integration, byProject)) await putItem(item);
  await putItem(integrationItem({ ...grantedIn(integration, byProject), version: integration.version }));
  await table.close();
}

/** The calls of a warm token and of a warm decision. */
async function tokenAndDecision({ outputs, callsDuring }: EnforcedRun) {
  const body = form(one, { grant_type: 'client_credentials', authorization_details: naming(first) });
  const decided = (token: string) => succeed(outputs, 'listIssuesOfProject', { token, path: { project: first } });
  // The first of each fetches what is kept from then on.
  await decided((await succeed(outputs, 'token', { body })).body.access_token);
  const token = await callsDuring(() => succeed(outputs, 'token', { body }));
  const fresh = (await succeed(outputs, 'token', { body })).body.access_token;
  const decision = await callsDuring(() => decided(fresh));
  return { token, decision: decision['api/authorizer'], length: fresh.length };
}

test('a token and a decision call what they did with one project, and the token is as long', async () => {
  expect(before).toMatchObject({
    token: { 'auth/token': { 'dynamodb:BatchGetItem': 1, 'kms:Sign': 1 } },
    decision: { 'dynamodb:BatchGetItem': 1 },
  });
  expect(before.length).toBeLessThan(1_300);
  expect(await tokenAndDecision(run)).toEqual(before);
});

test('it opens the project that it names and no other, and shows no other', async () => {
  const body = form(one, { grant_type: 'client_credentials', authorization_details: naming(second) });
  const { access_token: token } = (await succeed(run.outputs, 'token', { body })).body;
  await succeed(run.outputs, 'listIssuesOfProject', { token, path: { project: second } });
  expect(await send(run.outputs, 'listIssuesOfProject', { token, path: { project: first } })).toMatchObject({
    status: 403,
  });
  const { items } = (await succeed(run.outputs, 'listProjects', { token })).body;
  expect(items.map(({ key }: { readonly key: string }) => key)).toEqual([second]);
});

test('asked for without projects, it says that some are to be named', async () => {
  for (const scope of ['', 'issues:read']) {
    const reply = await send(run.outputs, 'token', { body: form(one, { grant_type: 'client_credentials', scope }) });
    expect(reply).toMatchObject({ status: 400, body: { error: 'invalid_scope' } });
    expect(reply.body.error_description).toContain('authorization_details');
  }
});
