import { beforeAll, describe, expect, test } from 'vitest';
import type { Operation } from '../../src/api/routes.ts';
import { routes } from '../../src/api/routes.ts';
import { tokenOf } from '../conformance/client.ts';
import { authorize, Browser, createApp } from '../conformance/sign-in.ts';
import { newCode, newDeviceCode, newRefreshToken } from './codes.ts';
import { type EnforcedRun, enforcedRun, synthesized, tableNameOf, temporaryFolder } from './enforced-run.ts';
import { everyTry, type Ill, ills, mayBeDone, type StruckCall, strike } from './ills.ts';
import { newApp, newDeviceClient } from './pages.ts';
import { invited, newPerson, signedIn, submits } from './people.ts';
import { type Request, send, succeed } from './request.ts';
import { expectWhole, itemsOf } from './whole-table.ts';

interface Subject {
  readonly title: string;
  readonly operation: Operation;
  /** The function, as `entryOf` names it. */
  readonly entry: string;
  /** What its function calls, warm. The last one writes. */
  readonly calls: readonly StruckCall[];
  /** Makes what one request needs, without the function that is struck, or before anything strikes. */
  readonly prepared: () => Promise<Request>;
  /** What a retry gets where all was done and only the answer was lost. */
  readonly doneAlready: number;
}

let run: EnforcedRun;
let admin: string;
let browser: Browser;
let app: Awaited<ReturnType<typeof newApp>>;
let device: Awaited<ReturnType<typeof newDeviceClient>>;
const dataDirectory = temporaryFolder();

beforeAll(async () => {
  run = await enforcedRun(synthesized(), { dataDirectory });
  admin = await tokenOf(run.outputs, run.outputs.admin);
  browser = await signedIn(run.outputs, await newPerson(run.outputs, admin));
  app = await newApp(run.outputs, admin);
  device = await newDeviceClient(run.outputs, admin);
  for (const { operation, prepared } of subjects) await succeed(run.outputs, operation, await prepared());
});

const client: StruckCall = ['dynamodb', 'BatchGetItem'];
const livenessAfterIt: StruckCall = ['dynamodb', 'BatchGetItem', 1];
const read: StruckCall = ['dynamodb', 'GetItem'];
const sign: StruckCall = ['kms', 'Sign'];
const signIdToken: StruckCall = ['kms', 'Sign', 1];
const encrypt: StruckCall = ['kms', 'Encrypt'];
const writeAll: StruckCall = ['dynamodb', 'TransactWriteItems'];
const token = { operation: 'token', entry: 'auth/token' } as const;

const subjects: readonly Subject[] = [
  {
    ...token,
    title: 'a code being redeemed',
    calls: [client, read, livenessAfterIt, sign, signIdToken, encrypt, writeAll],
    prepared: async () => (await newCode(run.outputs, admin, browser, app)).redemption,
    doneAlready: 400,
  },
  {
    ...token,
    title: 'a device code being redeemed',
    calls: [client, read, livenessAfterIt, sign, encrypt, writeAll],
    prepared: async () => (await newDeviceCode(run.outputs, admin, browser, device)).redemption,
    doneAlready: 400,
  },
  {
    ...token,
    title: 'a refresh token being used',
    calls: [client, read, ['kms', 'Decrypt'], livenessAfterIt, sign, signIdToken, ['dynamodb', 'PutItem']],
    prepared: async () => (await newRefreshToken(run.outputs, admin, browser, app)).redemption,
    // The same successor, to whoever used it, for ten seconds.
    doneAlready: 200,
  },
  {
    title: 'a password being set',
    operation: 'setPassword',
    entry: 'auth/setpassword',
    // The tenant; the link and its user; that the browser is known; both again, and what they sign in with.
    calls: [
      ['dynamodb', 'BatchGetItem'],
      ['dynamodb', 'GetItem', 0, 2],
      ['dynamodb', 'PutItem'],
      ['dynamodb', 'GetItem', 2, 2],
      ['dynamodb', 'GetItem', 4],
      writeAll,
    ],
    prepared: async () => {
      const { person, link } = await invited(run.outputs, admin);
      const setting = new Browser();
      const fields = { password: person.password, confirmation: person.password };
      return submits(setting, await setting.open(link), fields, { tenant: run.outputs.tenant });
    },
    doneAlready: 404,
  },
];

// First: the SDK tries again only as long as most calls succeed.
describe('what was lost once, or hung, is made good by the next try of the function', () => {
  test.each(subjects)('$title', async ({ entry, operation, calls, prepared }) => {
    for (const call of calls) {
      const request = await prepared();
      strike(run, entry, call, ills['is done, and its answer lost']);
      const { status, text } = await send(run.outputs, operation, request);
      expect(status, `${call.slice(1).join(' ')}: ${text}`).toBe(routes[operation].status);
    }
    const request = await prepared();
    strike(run, entry, calls.at(-1) ?? read, ills.hangs);
    expect((await send(run.outputs, operation, request)).status).toBe(routes[operation].status);
    run.endpoint.faults.clear();
  });
});

const { hangs: _, ...quick } = ills;
const lasting = subjects.flatMap((subject) =>
  (Object.keys(quick) as Ill[]).map((ill) => ({ subject, title: subject.title, ill })),
);

describe('what may be used once can be used again after a call', () => {
  test.each(lasting)('of $title $ill', async ({ subject, ill }) => {
    for (const call of subject.calls) {
      const when = `${call.slice(1).join(' ')} ${ill}`;
      const request = await subject.prepared();
      strike(run, subject.entry, call, { times: everyTry, ...ills[ill] });
      const first = await send(run.outputs, subject.operation, request);
      run.endpoint.faults.clear();
      expect([first.status, first.headers.get('retry-after')], `${when}: ${first.text}`).toEqual([503, '1']);
      expect(first.headers.get('cache-control'), when).toBe('no-store');
      expect(first.text, when).not.toMatch(/arn:|kms|dynamodb|throttl/i);
      const isDone = call === subject.calls.at(-1) && mayBeDone.includes(ill);
      const again = await send(run.outputs, subject.operation, request);
      expect(again.status, when).toBe(isDone ? subject.doneAlready : routes[subject.operation].status);
    }
  });
});

describe('a decision that cannot be made is no decision', () => {
  const rights = ['users:read', 'personal-access-tokens:manage'];
  let delegated: string;
  let personal: () => Promise<string>;
  beforeAll(async () => {
    const { configuration } = await createApp(run.outputs, admin, rights);
    const nobody = { username: '', password: '' };
    const given = () => authorize(configuration, nobody, `openid ${rights.join(' ')}`, { browser });
    delegated = (await given()).access_token;
    const body = { name: 'Script', rights: ['users:read'], expires_in: 3600 };
    const by = (await given()).access_token;
    personal = async () =>
      (await succeed(run.outputs, 'createPersonalAccessToken', { token: by, body })).body.token as string;
  });

  test.each(Object.keys(quick) as Ill[])('on a token that acts for a user, where its read %s', async (ill) => {
    // The gateway keeps no refusal that is none: the same token is let through right after it.
    strike(run, 'api/authorizer', client, { times: everyTry, ...ills[ill] });
    const path = {
      user_id: `usr_${ill
        .replaceAll(/[^a-z]/g, '')
        .padEnd(22, '0')
        .slice(0, 22)}`,
    };
    expect((await send(run.outputs, 'getUser', { token: delegated, path })).status).toBe(500);
    expect((await send(run.outputs, 'getUser', { token: delegated, path })).status).toBe(404);
  });

  test('on a personal access token likewise; that its use cannot be noted keeps nobody out', async () => {
    const one = await personal();
    strike(run, 'api/authorizer', client, { times: everyTry, ...ills.fails });
    expect((await send(run.outputs, 'listUsers', { token: one })).status).toBe(500);
    expect((await send(run.outputs, 'listUsers', { token: one })).status).toBe(200);
    const other = await personal();
    strike(run, 'api/authorizer', writeAll, { times: everyTry, ...ills.fails });
    expect((await send(run.outputs, 'listUsers', { token: other })).status).toBe(200);
    run.endpoint.faults.clear();
  });
});

test('nothing is half done after all of it', async () => {
  await run.close();
  const items = await itemsOf(dataDirectory, tableNameOf(run));
  expect(items.filter(({ sk }) => sk === 'TOKEN_FAMILY').length).toBeGreaterThan(50);
  expectWhole(items);
});
