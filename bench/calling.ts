import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type LocalLatchkey, startLocal } from '../local/deployment.ts';
import {
  assertionOf,
  basicCredentials,
  memberOf,
  newAssertionKey,
  requestToken,
  sendJson,
} from './calling/requests.ts';
import { type Goal, rendered, type Section } from './report.ts';

/** By operation, `dynamodb:BatchGetItem`. */
type Calls = Readonly<Record<string, number>>;
type Operation = () => Promise<Response>;

interface Operations {
  readonly [operation: string]: { readonly send: Operation; readonly goal: string; readonly most: Calls };
}

/** Longer than API Gateway keeps an answer of the authorizer, and than functions keep any state. */
const pauseMilliseconds = 5_000;

/** How often each operation calls AWS, counted by the local run, which serves what is deployed. */
export async function calling(): Promise<Section> {
  const printed: string[] = [];
  const log = (line: string) => printed.push(line);
  const deployment = await startLocal({ port: 0, dataDirectory: undefined, origins: 'one', log });
  try {
    return section(await measured(deployment, await operationsOf(deployment)));
  } catch (error) {
    throw new Error(printed.slice(-20).join('\n'), { cause: error });
  } finally {
    await deployment.close();
  }
}

const token = { 'dynamodb:BatchGetItem': 1, 'kms:Sign': 1 };
const decision = { 'dynamodb:BatchGetItem': 1 };
const write = { ...decision, 'dynamodb:GetItem': 1, 'dynamodb:TransactWriteItems': 1 };

async function operationsOf({ outputs }: LocalLatchkey): Promise<Operations> {
  const secret = basicCredentials(outputs.admin);
  const bearer = { authorization: `Bearer ${await memberOf(requestToken(outputs, secret), 'access_token')}` };
  const admin = (method: string, path: string, body?: unknown) =>
    sendJson(method, outputs.admin_url + path, bearer, body);
  const create = (members: object) =>
    admin('POST', '/integrations', { name: `Bench ${randomUUID().replaceAll('-', '')}`, ...members });

  const { jwk, privateKey } = newAssertionKey();
  const keyed = { token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [jwk] }, access: { issues: 'read' } };
  const keyedId = await memberOf(create(keyed), 'client_id');
  await memberOf(admin('POST', '/projects', { key: 'BENCH', name: 'Bench' }), 'key');
  const issues = `${outputs.api_url}/projects/BENCH/issues`;
  const issue = () => sendJson('POST', issues, bearer, { title: 'Door', body: 'sticks' });
  await memberOf(issue(), 'number');

  return {
    'token, by secret': {
      send: () => requestToken(outputs, secret),
      goal: '1 read and 1 signature',
      most: token,
    },
    'token, by assertion': {
      send: async () => requestToken(outputs, {}, await assertionOf(keyedId, privateKey, outputs.token_endpoint)),
      goal: '1 read, 1 signature and 1 write',
      most: { ...token, 'dynamodb:PutItem': 1 },
    },
    'authorized list, with its own reads': {
      send: () => sendJson('GET', issues, bearer),
      goal: 'at most 1 round trip for the decision',
      most: { ...decision, 'dynamodb:Query': 1, 'dynamodb:GetItem': 1 },
    },
    'create an integration': {
      send: () => create({ access: { issues: 'read' } }),
      goal: '1 transaction after at most 1 read, besides the decision',
      most: { ...write, 'kms:Encrypt': 1 },
    },
    'disable and enable an integration': {
      send: async () => {
        await memberOf(admin('POST', `/integrations/${keyedId}/disable`), 'status');
        return admin('POST', `/integrations/${keyedId}/enable`);
      },
      goal: '1 transaction after at most 1 read each, besides the decisions',
      most: Object.fromEntries(Object.entries(write).map(([name, count]) => [name, 2 * count])),
    },
    'create an issue': {
      send: issue,
      goal: '1 transaction after at most 1 read, besides the decision',
      most: write,
    },
  };
}

/** The calls of each operation, its functions warm and no decision cached. */
async function measured({ endpoint }: LocalLatchkey, operations: Operations) {
  const found: { name: string; goal: Goal; calls: Calls }[] = [];
  for (const { send } of Object.values(operations)) await send();
  for (const [name, { send, goal, most }] of Object.entries(operations)) {
    await sleep(pauseMilliseconds);
    endpoint.calls.reset();
    const response = await send();
    if (!response.ok) throw new Error(`${name}: ${response.status} ${await response.text()}`);
    const calls = endpoint.calls.of();
    const met = Object.entries(calls).every(([call, count]) => count <= (most[call] ?? 0));
    found.push({ name, goal: { claim: `${name}: ${goal}`, measured: written(calls), met }, calls });
  }
  return found;
}

function section(measured: readonly { name: string; goal: Goal; calls: Calls }[]): Section {
  return {
    title: 'Calls of AWS',
    how: [
      'Counted by the local run, which serves the synthesized stacks: functions warm, nothing cached by API Gateway. A',
      'state that is older than a second is read along, in the same round trip.',
    ].join('\n'),
    columns: ['operation', 'calls'],
    rows: measured.map(({ name, calls }) => [name, written(calls)]),
    goals: measured.map(({ goal }) => goal),
  };
}

function written(calls: Calls): string {
  return Object.entries(calls)
    .map(([call, count]) => `${count} ${call}`)
    .join(', ');
}

if (import.meta.main) console.log(rendered(await calling()));
