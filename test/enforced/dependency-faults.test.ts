import { beforeAll, describe, expect, test } from 'vitest';
import type { Fault } from '../../local/aws/faults.ts';
import { type Operation, routes } from '../../src/api/routes.ts';
import { createIntegration, freshName, type Reply, tokenOf } from '../conformance/client.ts';
import { type EnforcedRun, enforcedRun, synthesized, tableNameOf, temporaryFolder } from './enforced-run.ts';
import { everyTry, type Ill, ills, mayBeDone, type StruckCall, strike } from './ills.ts';
import { createKeyClient, type KeyClient } from './key-client.ts';
import { prepare, type Scene } from './operations.ts';
import { form, type Request, send, succeed } from './request.ts';
import { expectWhole, itemsOf } from './whole-table.ts';

interface Subject {
  readonly title: string;
  readonly operation: Operation;
  /** The function, as `entryOf` names it. */
  readonly entry: string;
  /** What its function calls, warm, in order. */
  readonly calls: readonly StruckCall[];
  /** Makes what one request needs. */
  readonly prepared: () => Promise<Request | (() => Promise<Request>)>;
  /** Answers, besides success, that a retry may get where the change may have been made. */
  readonly doneAlready?: readonly number[];
}

const read = ['dynamodb', 'GetItem'] as const;
const readMany = ['dynamodb', 'BatchGetItem'] as const;
const write = ['dynamodb', 'TransactWriteItems'] as const;
const encrypt = ['kms', 'Encrypt'] as const;
const sign = ['kms', 'Sign'] as const;

let run: EnforcedRun;
let scene: Scene;
let keyClient: KeyClient;
const dataDirectory = temporaryFolder();

beforeAll(async () => {
  run = await enforcedRun(synthesized(), { dataDirectory });
  scene = await prepare(run.outputs);
  keyClient = await createKeyClient(run.outputs, scene.admin, ['issues:read']);
  await tokenOf(run.outputs, scene.integration);
  await send(run.outputs, 'revoke', { body: form(scene.integration, { token: scene.spare.token }) });
});

const newIntegration = () => createIntegration(run.outputs, scene.admin, ['issues:read']);
const as = (request: Request): Request => ({ token: scene.admin, ...request });

const subjects: readonly Subject[] = [
  {
    title: 'a token for a secret',
    operation: 'token',
    entry: 'auth/token',
    calls: [readMany, sign],
    prepared: async () => ({ body: form(scene.integration, { grant_type: 'client_credentials' }) }),
  },
  {
    title: 'a token for an assertion',
    operation: 'token',
    entry: 'auth/token',
    calls: [readMany, ['dynamodb', 'PutItem'], sign],
    // Each try has an assertion of its own: one is good once.
    prepared: async () => async () => ({ body: await keyClient.authenticated({ grant_type: 'client_credentials' }) }),
  },
  {
    title: 'a creation',
    operation: 'createIntegration',
    entry: 'admin/integrations',
    calls: [encrypt, write],
    prepared: async () => as({ body: { name: freshName(), rights: ['issues:read'] } }),
    doneAlready: [409],
  },
  {
    title: 'a change',
    operation: 'changeIntegration',
    entry: 'admin/integrations',
    calls: [read, write],
    prepared: async () => as({ path: { client_id: (await newIntegration()).client_id }, body: { name: freshName() } }),
  },
  {
    title: 'a deletion',
    operation: 'deleteIntegration',
    entry: 'admin/integrations',
    calls: [read, write],
    prepared: async () => as({ path: { client_id: (await newIntegration()).client_id } }),
    doneAlready: [404],
  },
  {
    title: 'a new secret',
    operation: 'addSecret',
    entry: 'admin/secrets',
    calls: [read, encrypt, write],
    prepared: async () => as({ path: { client_id: (await newIntegration()).client_id }, body: {} }),
    doneAlready: [409],
  },
  {
    title: 'the revocation of a secret',
    operation: 'revokeSecret',
    entry: 'admin/secrets',
    calls: [read, write],
    prepared: async () => {
      const { client_id } = await newIntegration();
      const { body } = await succeed(run.outputs, 'listSecrets', as({ path: { client_id } }));
      return as({ path: { client_id, id: body.items[0].id } });
    },
    doneAlready: [404],
  },
  {
    title: 'a new issue',
    operation: 'createIssue',
    entry: 'api/issues',
    calls: [read, write],
    prepared: async () => as({ path: { project: scene.project }, body: { title: 'Some', body: '' } }),
  },
  {
    title: 'a change of an issue',
    operation: 'changeIssue',
    entry: 'api/issues',
    calls: [readMany, write],
    prepared: async () => {
      const { project } = scene;
      const { body, headers } = await succeed(
        run.outputs,
        'createIssue',
        as({ path: { project }, body: { title: 'Some', body: '' } }),
      );
      const path = { project, number: body.number };
      return as({ path, body: { title: freshName() }, headers: { 'if-match': headers.get('etag') ?? '' } });
    },
    doneAlready: [412],
  },
  {
    title: 'the revocation of a token',
    operation: 'revoke',
    entry: 'auth/revoke',
    calls: [readMany, ['dynamodb', 'PutItem']],
    prepared: async () => ({
      body: form(scene.integration, { token: await tokenOf(run.outputs, scene.integration) }),
    }),
  },
];

/** One call of one subject, struck; what it needs is made before the first fault waits. */
interface Strike {
  readonly subject: Subject;
  readonly ill: Ill;
  readonly times: number;
  readonly call: Subject['calls'][number];
  request: Awaited<ReturnType<Subject['prepared']>>;
}

function strikesOf(subject: Subject, ill: Ill, times: number): Strike[] {
  // Hanging takes its time: the last call shows what the others would.
  const calls = ill === 'hangs' ? subject.calls.slice(-1) : subject.calls;
  return calls.map((call) => ({ subject, ill, times, call, request: {} }));
}

/** One subject of each function is enough where each takes seconds. */
const oneOfEachFunction = subjects.filter(
  ({ entry }, index) => subjects.findIndex((each) => each.entry === entry) === index,
);

const lasting = (Object.keys(ills) as Ill[]).flatMap((ill) =>
  (ill === 'hangs' ? oneOfEachFunction : subjects).map((subject) => ({
    subject,
    ill,
    strikes: strikesOf(subject, ill, everyTry),
  })),
);
const passing = subjects.map((subject) => ({
  subject,
  strikes: strikesOf(subject, 'is done, and its answer lost', 1),
}));

beforeAll(async () => {
  for (const strike of [...lasting, ...passing].flatMap(({ strikes }) => strikes))
    strike.request = await strike.subject.prepared();
});

/** Faults strike by function: subjects of one function take turns, those of several go on at once. */
const turns = new Map<string, Promise<void>>();

async function inTurn(entry: string, work: () => Promise<void>): Promise<void> {
  const turn = (turns.get(entry) ?? Promise.resolve()).then(work);
  turns.set(
    entry,
    turn.catch(() => undefined),
  );
  await turn;
}

/** Sends the request while a call of its function is struck, and answers what a retry gets after that besides. */
async function struck({
  subject,
  call,
  ill,
  times,
  request,
}: Strike): Promise<{ first: Reply; again: () => Promise<Reply> }> {
  strike(run, subject.entry, call, { times, ...ills[ill] });
  const again = async () =>
    send(run.outputs, subject.operation, typeof request === 'function' ? await request() : request);
  return { first: await again(), again };
}

function expectUnavailable(reply: Reply, operation: Operation, when: string): void {
  expect(reply.status, when).toBe(503);
  expect(reply.headers.get('retry-after'), when).toMatch(/^\d+$/);
  expect(reply.headers.get('cache-control'), when).toBe('no-store');
  if (routes[operation].api === 'auth') expect(reply.body, when).toMatchObject({ error: 'temporarily_unavailable' });
  else expect(reply.body, when).toMatchObject({ status: 503, title: 'Service Unavailable' });
}

describe.concurrent('nothing is lost, and the caller is told, where a call', () => {
  test.each(lasting)('of $subject.title $ill', ({ subject, ill, strikes }) =>
    inTurn(subject.entry, async () => {
      for (const strike of strikes) {
        const when = `${strike.call[1]} ${ill}`;
        const { first, again } = await struck(strike);
        expectUnavailable(first, subject.operation, when);
        const { status } = await again();
        const isWrite = strike.call === subject.calls.at(-1);
        const honest = isWrite && mayBeDone.includes(ill) ? (subject.doneAlready ?? []) : [];
        expect([routes[subject.operation].status, ...honest], when).toContain(status);
      }
    }),
  );
});

describe.concurrent('what was lost once is made good by the next try of the function', () => {
  test.each(passing)('$subject.title', ({ subject, strikes }) =>
    inTurn(subject.entry, async () => {
      for (const strike of strikes) {
        const { first } = await struck(strike);
        expect(first.status, strike.call[1]).toBe(routes[subject.operation].status);
      }
    }),
  );
});

describe('a decision that cannot be made is no decision', () => {
  const unprocessed = (input: unknown) => ({
    Responses: {},
    UnprocessedKeys: (input as { RequestItems: unknown }).RequestItems,
  });
  test.each([...Object.entries(ills), ['leaves keys unprocessed', { answer: unprocessed }]] as const)(
    'where the read of an authorizer %s',
    async (_, fault: Fault) => {
      // A token of its own: no decision about it is kept.
      const token = await tokenOf(run.outputs, scene.integration);
      const ask = () => send(run.outputs, 'listUsers', { token });
      strike(run, 'api/authorizer', readMany, { times: everyTry, ...fault });
      const refused = await ask();
      expect(refused.status).toBe(500);
      expect(refused.body).toMatchObject({ status: 500 });
      expect(refused.headers.get('content-type')).toContain('application/problem+json');
      expect((await ask()).status).toBe(200);
    },
  );
});

test('nothing is half done after all of it', async () => {
  await run.close();
  const items = await itemsOf(dataDirectory, tableNameOf(run));
  expect(items.length).toBeGreaterThan(100);
  expectWhole(items);
});
