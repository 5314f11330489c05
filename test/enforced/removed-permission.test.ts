import { beforeAll, describe, expect, test } from 'vitest';
import { devicePageRoutes } from '../../src/api/routes/device-pages.ts';
import { pageRoutes } from '../../src/api/routes/pages.ts';
import { upstreamRoutes } from '../../src/api/routes/upstream.ts';
import { userPageRoutes } from '../../src/api/routes/user-pages.ts';
import type { Operation } from '../../src/api/routes.ts';
import { routes } from '../../src/api/routes.ts';
import { type Reply, tokenOf } from '../conformance/client.ts';
import { newDeviceCode, newRefreshToken } from './codes.ts';
import {
  copied,
  doctored,
  type EnforcedRun,
  enforcedRun,
  type Resources,
  synthesized,
  tableNameOf,
  temporaryFolder,
} from './enforced-run.ts';
import { prepare, requestsOn, type Scene } from './operations.ts';
import { newPerson, signedIn } from './people.ts';
import { operations, type Request, send, succeed } from './request.ts';
import { expectWhole, itemsOf } from './whole-table.ts';

let assembly: string;
let data: string;
let port: number;
let scene: Scene;
/** What the last run without something has left. */
let lastCopy: string;
/** Requests for tokens, each of which is good once. */
let once: { readonly refresh: Request; readonly device: Request };

beforeAll(async () => {
  assembly = synthesized();
  data = temporaryFolder();
  const intact = await enforcedRun(assembly, { dataDirectory: data });
  port = Number(new URL(intact.url).port);
  scene = await prepare(intact.outputs);
  const { outputs, admin } = scene;
  const browser = await signedIn(outputs, await newPerson(outputs, admin));
  once = {
    refresh: (await newRefreshToken(outputs, admin, browser)).redemption,
    device: (await newDeviceCode(outputs, admin, browser)).redemption,
  };
  await intact.close();
}, 200_000);

/** Starts on what the intact run left, at its address, so that its tokens are good, with less than it had. */
async function runWithout(stack: string, remove: (resources: Resources) => void): Promise<EnforcedRun> {
  lastCopy = copied(data);
  return enforcedRun(doctored(assembly, stack, remove), { dataDirectory: lastCopy, port });
}

interface Statement {
  readonly Action: string | readonly string[];
}

/** Removes the one statement of a role's policy that is meant. */
function statement(policyId: RegExp, meant: (text: string) => boolean): (resources: Resources) => void {
  return (resources) => {
    const [policy, ...others] = Object.entries(resources).filter(
      ([id, { Type }]) => Type === 'AWS::IAM::Policy' && policyId.test(id),
    );
    if (policy === undefined || others.length > 0) throw new Error(`not one policy is ${policyId}`);
    const document = policy[1].Properties.PolicyDocument as { Statement: Statement[] };
    const kept = document.Statement.filter((each) => !meant(JSON.stringify(each)));
    if (kept.length !== document.Statement.length - 1) throw new Error('not one statement is meant');
    document.Statement = kept;
  };
}

/** Removes the one permission with which the API calls its function. */
function invokePermission(permissionId: RegExp): (resources: Resources) => void {
  return (resources) => {
    const [id, ...others] = Object.keys(resources).filter(
      (each) =>
        resources[each]?.Type === 'AWS::Lambda::Permission' && permissionId.test(JSON.stringify(resources[each])),
    );
    if (id === undefined || others.length > 0) throw new Error(`not one permission is ${permissionId}`);
    delete resources[id];
  };
}

interface Case {
  readonly without: string;
  readonly stack: string;
  readonly remove: (resources: Resources) => void;
  /** Which operations then fail, all others going on. */
  readonly fail: readonly Operation[];
  /** The line on the terminal. */
  readonly line: RegExp;
}

const cases: readonly Case[] = [
  {
    without: 'the statement on names of integrations',
    stack: 'Latchkey-Admin',
    remove: statement(
      /Functionsintegrations/,
      (text) => text.includes('INTEGRATION_NAME#') && text.includes('PutItem'),
    ),
    fail: [
      'createIntegration',
      'listIntegrations',
      'changeIntegration',
      'deleteIntegration',
      'disableIntegration',
      'enableIntegration',
    ],
    line: /^Latchkey-Admin-AdminFunctionsintegrations\S* may not dynamodb:(?:PutItem|DeleteItem|Query) on arn:aws:dynamodb:[^ ]+:table\/\S+ \(/,
  },
  {
    without: 'the statement on audit events of projects',
    stack: 'Latchkey-Admin',
    remove: statement(/Functionsprojects/, (text) => text.includes('AUDIT_EVENT#')),
    fail: ['createProject', 'changeProject', 'deleteProject'],
    line: /^Latchkey-Admin-AdminFunctionsprojects\S* may not dynamodb:PutItem on arn:aws:dynamodb:[^ ]+:table\/\S+ \(/,
  },
  {
    without: 'kms:Sign on the signing key',
    stack: 'Latchkey-Auth',
    remove: statement(/Functionstoken/, (text) => text.includes('kms:Sign')),
    fail: ['token'],
    line: /^Latchkey-Auth-Functionstoken\S* may not kms:Sign on arn:aws:kms:[^ ]+:key\/\S+ \(/,
  },
  {
    without: "kms:Decrypt on the table's key",
    stack: 'Latchkey-Api',
    remove: statement(/Functionsissues/, (text) => text.includes('kms:Decrypt')),
    fail: ['listIssues', 'listIssuesOfProject', 'getIssue', 'createIssue', 'changeIssue'],
    line: /^Latchkey-Api-ApiFunctionsissues\S* may not kms:Decrypt on arn:aws:kms:[^ ]+:key\/\S+ \(/,
  },
  {
    without: "one statement of three pages: on consents, on users' secrets, on ours at identity providers",
    stack: 'Latchkey-Auth',
    remove: (resources) => {
      statement(/Functionsconsent/, (text) => text.includes('CONSENT#'))(resources);
      statement(/Functionssecondfactor/, (text) => text.includes('"user_id"'))(resources);
      statement(/Functionsupstreamcallback/, (text) => text.includes('secretsmanager:GetSecretValue'))(resources);
    },
    fail: ['consentPage', 'consent', 'secondFactor', 'upstreamCallback'],
    line: /^Latchkey-Auth-Functions(?:consent\S* may not dynamodb:GetItem on arn:\S+:table\/|secondfactor\S* may not kms:Decrypt on arn:\S+:key\/|upstreamcallback\S* may not secretsmanager:GetSecretValue on arn:)\S+ \(/,
  },
  {
    without: "API Gateway's permission to invoke a function",
    stack: 'Latchkey-Auth',
    remove: invokePermission(/Functionsintrospect/),
    fail: ['introspect'],
    line: /arn:aws:execute-api:\S+ may not lambda:InvokeFunction on \S+Functionsintrospect\S* \(/,
  },
];

/** How a 500 looks where an operation is: a page, OAuth's JSON, problem details. */
function inFormOf(operation: Operation): { readonly body: unknown; readonly type: string } {
  if (pages.has(operation)) return { body: undefined, type: 'text/html' };
  if (routes[operation].api === 'auth')
    return { body: expect.objectContaining({ error: 'server_error' }), type: 'application/json' };
  const problem = expect.objectContaining({ title: 'Internal Server Error', status: 500 });
  return { body: problem, type: 'application/problem+json' };
}

const pages = new Set(Object.keys({ ...pageRoutes, ...devicePageRoutes, ...userPageRoutes, ...upstreamRoutes }));

describe.each(cases)('without $without', ({ stack, remove, fail, line }) => {
  let run: EnforcedRun;
  const replies = new Map<Operation, Reply>();

  beforeAll(async () => {
    run = await runWithout(stack, remove);
    const requests = requestsOn(scene);
    // What fails comes first, so that nothing else can have prepared its way.
    for (const operation of [...fail, ...operations.filter((each) => !fail.includes(each))])
      replies.set(operation, await send(scene.outputs, operation, requests[operation]));
    return () => run.close();
  });

  test('exactly the calls that need it fail, honestly, in the form of their API', () => {
    const failed = operations.filter((operation) => replies.get(operation)?.status !== routes[operation].status);
    expect([...failed].sort()).toEqual([...fail].sort());
    for (const operation of failed) {
      const reply = replies.get(operation);
      expect(reply?.status).toBe(500);
      const { body, type } = inFormOf(operation);
      expect(reply?.body).toEqual(body);
      expect(reply?.headers.get('content-type')).toContain(type);
      expect(reply?.text).not.toMatch(/arn:|kms|dynamodb|denied/i);
    }
  });

  test('the terminal names the function, the action and the resource', () => {
    const lines = run.printed.filter((each) => each.includes(' may not '));
    expect(lines.length).toBeGreaterThanOrEqual(fail.length);
    for (const each of lines) expect(each).toMatch(line);
  });
});

test('what failed for want of a permission left nothing half done', async () => {
  const run = await runWithout('Latchkey-Admin', cases[1]?.remove ?? (() => undefined));
  const { outputs, admin: token, spare } = scene;
  const before = await succeed(outputs, 'listProjectsOfTenant', { token });
  const requests = requestsOn(scene);
  await send(outputs, 'createProject', requests.createProject);
  await send(outputs, 'deleteProject', requests.deleteProject);
  expect((await succeed(outputs, 'listProjectsOfTenant', { token })).body).toEqual(before.body);
  await succeed(outputs, 'getProjectOfTenant', { token, path: { project: spare.project } });
  await run.close();

  // And with the permission both work.
  const intact = await enforcedRun(assembly, { dataDirectory: copied(data), port });
  await succeed(outputs, 'createProject', requests.createProject);
  await succeed(outputs, 'deleteProject', requests.deleteProject);
  await tokenOf(outputs, outputs.admin);
  await intact.close();
});

test('what may be used once stays good until the permission is there', async () => {
  const run = await runWithout('Latchkey-Auth', (resources) => {
    statement(/Functionstoken/, (text) => text.includes('"client_id"'))(resources);
    statement(/Functionssetpassword/, (text) => text.includes('AUDIT_EVENT#'))(resources);
  });
  const { outputs } = scene;
  const { setPassword } = requestsOn(scene);
  for (const redemption of Object.values(once)) expect((await send(outputs, 'token', redemption)).status).toBe(500);
  expect((await send(outputs, 'setPassword', setPassword)).status).toBe(500);
  await run.close();
  const items = await itemsOf(lastCopy, tableNameOf(run));
  expectWhole(items);

  const again = await enforcedRun(assembly, { dataDirectory: lastCopy, port });
  for (const redemption of Object.values(once)) await succeed(outputs, 'token', redemption);
  await succeed(outputs, 'setPassword', setPassword);
  await again.close();
});
